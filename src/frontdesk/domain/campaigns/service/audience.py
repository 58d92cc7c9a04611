"""Whom a campaign would write to, in which words, and at what cost, before anything is sent."""

import asyncio
from collections import Counter
from decimal import Decimal
from uuid import UUID

from frontdesk.domain.agents import service as agents
from frontdesk.domain.agents.model import AgentProfile
from frontdesk.domain.campaigns import audience_store
from frontdesk.domain.campaigns.audience_store import Kind, Wording
from frontdesk.domain.campaigns.model import (
    ALREADY_CONTACTED,
    IN_ANOTHER_CAMPAIGN,
    STEPS,
    Campaign,
    Cost,
    Preflight,
    StepCost,
)
from frontdesk.domain.campaigns.wording import fields_used, filled, render
from frontdesk.domain.campaigns.wording import lacks_way_out as lacks_way_out
from frontdesk.domain.campaigns.wording import wrong_with as wrong_with
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.contactability.model import Category, Question, refusal
from frontdesk.domain.contactability.store import OrgRules
from frontdesk.domain.leads.model import Dataset, Lead, Stage
from frontdesk.domain.leads.service import datasets
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Permission
from frontdesk.kernel.money import Money, Price
from frontdesk.kernel.sms import Encoding, beyond_gsm, size_of
from frontdesk.platform.database import Work

MOST_WORDINGS = 10_000
"""Different sets of words that are counted one by one; where a list has more, as many of its leads are a sample."""

LOOKED_AT_FIRST = 2_000
"""Leads of a long list that tell whether most texts will differ."""

ASSUMED_SHARES = (1.0, 0.9, 0.8)
"""Who gets M1, M2 and M3, as long as an organisation has not learnt its own shares: one in ten drops out each time."""

ENOUGH = 100
"""Leads about whom it is decided whether a text follows, before the organisation's own shares count."""

CHARACTERS_NAMED = 12


def reason_of(kind: Kind, given: OrgRules, work: Work) -> str | None:
    """Why leads of this kind get no M1, by the gate's own rule; None: they get it. Hours only delay."""
    refused = refusal(
        Question(
            category=Category.M1, phone="known" if kind.has_phone else None, stage=kind.stage, archived=kind.archived,
            manual_mode=kind.manual_mode, has_replied=kind.replied, suppressed=kind.suppressed, sender=given.number,
            zones=frozenset(), org_zone=given.time_zone, now=work.now,
        )
    )  # fmt: skip
    if refused is not None:
        return refused.value
    if kind.started or kind.stage != Stage.NEW:
        return ALREADY_CONTACTED
    return IN_ANOTHER_CAMPAIGN if kind.elsewhere else None


async def preflight(work: Work, dataset_id: UUID) -> Preflight:
    """Whom the campaign would write to, and whom not and why. Raises DatasetNotFound."""
    work.require(Permission.VIEW)
    await datasets.get(work, dataset_id)
    given = await contactability.rules(work)
    reasons: Counter[str | None] = Counter()
    for kind in await audience_store.kinds(work, dataset_id):
        reasons[reason_of(kind, given, work)] += kind.count
    skipped = {reason: count for reason, count in sorted(reasons.items(), key=str) if reason is not None}
    return Preflight(reasons[None], sum(skipped.values()), skipped)


async def cost(work: Work, campaign: Campaign) -> Cost:
    """What the campaign would send to those whom it may write to, and what that costs.

    Leads who would read the same words are counted together in the database, and each set of words is rendered once:
    exact up to MOST_WORDINGS of them. Where there are more, or a part of a long list lets expect it, a fixed sample of
    about that many leads stands for all.
    """
    work.require(Permission.VIEW)
    given, told = await contactability.rules(work), await agents.profile(work)
    used = sorted(set[str]().union(*(fields_used(campaign.template(step)) for step in STEPS)))
    dataset = await datasets.get(work, campaign.dataset_id)
    eligible, looked_at = 0, None
    found = await _all_wordings(work, dataset, used)
    if found is None:
        kinds = await audience_store.kinds(work, dataset.id)
        eligible = sum(kind.count for kind in kinds if reason_of(kind, given, work) is None)
        of_each = max(1, dataset.total_leads // MOST_WORDINGS)
        found = await audience_store.wordings(work, dataset.id, used, of_each=of_each)
    found = [one for one in found if reason_of(one.kind, given, work) is None]
    counted = sum(one.kind.count for one in found)
    if eligible:
        looked_at = counted
    whole = (eligible or counted) / counted if counted else 0
    steps = await asyncio.to_thread(lambda: [_step_cost(step, campaign, found, told, whole) for step in STEPS])
    shares, own = await _shares(work)
    each = await price(work)
    return Cost(
        steps=steps, looked_at=looked_at, shares=shares, shares_are_own=own, price=each,
        at_most=_sum(each, [step.segments for step in steps]),
        likely=_sum(each, [round(step.segments * share) for step, share in zip(steps, shares, strict=True)]),
    )  # fmt: skip


async def _all_wordings(work: Work, dataset: Dataset, used: list[str]) -> list[Wording] | None:
    """All sets of words with their leads; None where there are, or seem to be, more than MOST_WORDINGS.

    A small part of a long list is looked at first: where hardly two of it read the same, counting all is for nothing.
    """
    of_each = max(1, dataset.total_leads // LOOKED_AT_FIRST)
    if dataset.total_leads > 2 * MOST_WORDINGS:
        first = await audience_store.wordings(work, dataset.id, used, of_each=of_each)
        if len(first) > sum(one.kind.count for one in first) / 2:
            return None
    found = await audience_store.wordings(work, dataset.id, used, most=MOST_WORDINGS + 1)
    return found if len(found) <= MOST_WORDINGS else None


def _step_cost(step: int, campaign: Campaign, found: list[Wording], told: AgentProfile, whole: float) -> StepCost:
    """One step, counted on `found` and blown up to the `whole`."""
    template = campaign.template(step)
    by_segments: Counter[int] = Counter()
    characters: Counter[str] = Counter()
    ucs2 = 0
    for one in found:
        text, count = filled(template, one.fields, told.name, told.agent_name), one.kind.count
        size = size_of(text)
        by_segments[size.segments] += count
        if size.encoding is Encoding.UCS_2:
            ucs2 += count
            characters.update(dict.fromkeys(beyond_gsm(text), count))
    texts = {segments: round(count * whole) for segments, count in sorted(by_segments.items())}
    return StepCost(
        step=step,
        texts=sum(texts.values()),
        segments=sum(segments * count for segments, count in texts.items()),
        by_segments=texts,
        ucs2=round(ucs2 * whole),
        characters={char: round(count * whole) for char, count in characters.most_common(CHARACTERS_NAMED)},
    )


async def _shares(work: Work) -> tuple[tuple[float, float, float], bool]:
    followed = await audience_store.followed(work)
    if followed.after_m1 < ENOUGH or followed.after_m2 < ENOUGH:
        return ASSUMED_SHARES, False
    second = followed.got_m2 / followed.after_m1
    return (1.0, second, second * followed.got_m3 / followed.after_m2), True


def _sum(price: Price | None, segments: list[int]) -> Money | None:
    return None if price is None else price.times(sum(segments))


async def samples(work: Work, dataset_id: UUID) -> list[Lead]:
    """Leads to preview texts on: the first few, and those whose fields are missing or odd. Raises DatasetNotFound."""
    work.require(Permission.VIEW)
    await datasets.get(work, dataset_id)
    return await audience_store.samples(work, dataset_id, 4)


async def sample(work: Work, dataset_id: UUID, lead_id: UUID | None) -> Lead | None:
    """The lead that was chosen for previews, or the first; None: the dataset has nobody. Raises DatasetNotFound."""
    work.require(Permission.VIEW)
    await datasets.get(work, dataset_id)
    chosen = await audience_store.member(work, dataset_id, lead_id) if lead_id else None
    return chosen or next(iter(await audience_store.samples(work, dataset_id, 1)), None)


async def preview(work: Work, campaign: Campaign, lead: Lead) -> list[str]:
    """The three texts as the lead would get them."""
    work.require(Permission.VIEW)
    told = await agents.profile(work)
    return [render(campaign.template(step), lead, told.name, told.agent_name) for step in STEPS]


USUAL_PRICES = {"GB": Price(Decimal(4), "GBP"), "US": Price(Decimal("0.83"), "USD")}
"""What carriers ask for a segment to a mobile, about, by the organisation's country: the default of its setting."""


async def price(work: Work) -> Price | None:
    """What the organisation pays for a segment: as set, or what is usual in its country. None: neither is known."""
    organization = await organizations.get(work)
    if organization.segment_price is not None and organization.segment_currency is not None:
        return Price(organization.segment_price, organization.segment_currency)
    return USUAL_PRICES.get(organization.country)
