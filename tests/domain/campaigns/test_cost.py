"""What a campaign will cost, told before it starts."""

from decimal import Decimal

import pytest
from tests.fixtures.business import MakeDataset, MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.domain.campaigns.model import Cost
from frontdesk.domain.campaigns.service import audience, campaigns
from frontdesk.domain.leads.model import Dataset
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import OrganizationChange
from frontdesk.kernel.money import Money, price_of
from frontdesk.platform.database import Works


async def cost_of(works: Works, org: Organization, dataset: Dataset, m1: str, **change: object) -> Cost:
    async with works.begin(org.actor) as work:
        if change:
            await organizations.update(work, OrganizationChange(**change))  # pyright: ignore[reportArgumentType]
        await campaigns.save_templates(work, dataset.id, m1=m1, m2="Still there?", m3="Bye.")
        return await audience.cost(work, await campaigns.get_campaign(work, dataset.id))


@pytest.fixture
async def ten(a_dataset: MakeDataset, a_lead: MakeLead) -> Dataset:
    """Ten who may be texted, one of whom has a name that GSM 03.38 cannot say, and one who may not."""
    dataset = await a_dataset()
    for _ in range(9):
        await a_lead(dataset=dataset, first_name="Al")
    await a_lead(dataset=dataset, first_name="Łucja")
    await a_lead(dataset=dataset, first_name="Nobody", stage="opted_out")
    return dataset


async def test_texts_segments_and_money(works: Works, org: Organization, ten: Dataset):
    cost = await cost_of(works, org, ten, "Hi {first_name}, " + "x" * 100)
    first, second, third = cost.steps
    assert (first.texts, first.by_segments, first.segments) == (10, {1: 9, 2: 1}, 11)
    assert (first.ucs2, first.characters) == (1, {"Ł": 1})
    assert (second.texts, second.segments, third.segments) == (10, 10, 10)
    assert (cost.segments, cost.looked_at, cost.shares_are_own) == (31, None, False)
    assert cost.price is not None
    assert str(cost.price) == "£0.04"
    assert cost.at_most == Money(124, "GBP")
    assert cost.likely == Money((11 + 9 + 8) * 4, "GBP")


async def test_the_organisations_own_price(works: Works, org: Organization, ten: Dataset):
    cost = await cost_of(works, org, ten, "Hi", segment_price=price_of("0.0353", "USD", "price"))
    assert cost.price is not None
    assert cost.price.minor == Decimal("3.53")
    assert cost.at_most == Money(106, "USD")  # 30 times 3.53 is 105.9


async def test_no_price_is_made_up(works: Works, org: Organization, ten: Dataset):
    cost = await cost_of(works, org, ten, "Hi", country="PL")
    assert (cost.price, cost.at_most, cost.likely) == (None, None, None)
    assert cost.segments == 30


async def test_a_long_list_is_sampled_and_says_so(
    works: Works, org: Organization, a_dataset: MakeDataset, a_lead: MakeLead, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audience, "MOST_WORDINGS", 20)
    dataset = await a_dataset()
    for place in range(80):
        await a_lead(dataset=dataset, first_name=f"N{'abcdefghij'[place % 10]}{'abcdefgh'[place // 10]}")
    cost = await cost_of(works, org, dataset, "Hi {first_name}")
    assert cost.looked_at is not None
    assert 5 <= cost.looked_at <= 45
    assert abs(cost.steps[0].texts - 80) <= 1
    assert cost.steps[0].segments == cost.steps[0].texts


async def test_nobody_costs_nothing(works: Works, org: Organization, a_dataset: MakeDataset):
    cost = await cost_of(works, org, await a_dataset(), "Hi {first_name}")
    assert (cost.segments, cost.at_most) == (0, Money(0, "GBP"))


async def test_own_shares_count_once_there_are_enough(works: Works, org: Organization, ten: Dataset, a_lead: MakeLead):
    async with works.begin(org.actor) as work:
        for place in range(200):
            lead = await a_lead(phone=f"+4477009{place + 20_000:05}", first_name="Old", stage="contacted")
            step, due = (1, None) if place < 50 else (3, None)
            await work.execute(
                """insert into dataset_leads (org_id, dataset_id, lead_id, created_at, step, due_at)
                   values ($1, $2, $3, $4, $5, $6)""",
                org.id, ten.id, lead.id, work.now, step, due,
            )  # fmt: skip
    cost = await cost_of(works, org, ten, "Hi")
    assert cost.shares_are_own
    assert cost.shares == (1.0, 0.75, 0.75)
