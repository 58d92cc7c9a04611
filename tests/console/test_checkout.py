"""The sandbox's till: a page for whoever holds its address."""

from tests.console.conftest import Browser, BrowserFor, words
from tests.fixtures.organizations import Organization

from frontdesk.domain.billing.service import paying, reading
from frontdesk.domain.organizations.plans import Plan
from frontdesk.kernel.access import Role
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


async def test_the_room_leads_to_the_till(owner: Browser, browser_for: BrowserFor, org: Organization) -> None:
    empty = words(await owner.get("/billing"))
    assert "0 of 30" in empty
    assert "You are on trial." in empty
    assert "Nothing was charged yet." in empty
    for path, fields in (("plan", {"price": "price_growth_monthly"}), ("pack", {"pack": "call_boost_1000"})):
        till = (await owner.post(f"/billing/{path}", **fields)).headers["location"]
        await owner.post(f"{till.removeprefix('/console')}/pay")
    full = words(await owner.get("/billing"))
    assert "0 of 5,000" in full
    assert "1,000 more in packs" in full
    assert "$149.00" in full
    portal = (await owner.post("/billing/portal")).headers["location"]
    assert "in force" in words(await owner.get(portal.removeprefix("/console")))
    assert "There is no such price" in await owner.page(await owner.post("/billing/plan", price="x"))
    viewer = await browser_for(org, Role.VIEWER)
    seen = words(await viewer.get("/billing"))
    assert "Choose" not in seen
    assert (await viewer.post("/billing/plan", price="price_growth_monthly")).status_code == 403
