"""The sandbox's till: a page for whoever holds its address."""

from tests.console.conftest import Browser, words
from tests.fixtures.organizations import Organization

from frontdesk.domain.billing.service import paying, reading
from frontdesk.domain.organizations.plans import Plan
from frontdesk.platform.context import Context


async def test_a_plan_is_paid_by_a_click_and_ended_by_another(
    owner: Browser, context: Context, org: Organization
) -> None:
    url = await paying.start_checkout(context, org.actor, "price_starter_monthly")
    path = url.partition("/console")[2]
    assert "$29.00 a month" in words(await owner.get(path))
    assert "in force" in await owner.page(await owner.post(f"{path}/pay"))
    async with context.works.read(org.actor) as work:
        assert (await reading.standing(work)).plan is Plan.STARTER
    assert "has ended" in await owner.page(await owner.post(f"{path}/cancel"))
    assert (await owner.get("/checkout/nothing")).status_code == 404
