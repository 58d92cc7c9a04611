"""Searching numbers and buying them: through the organisation's own account with a carrier, else the operator's within
the plan, else the sandbox.

The intent is committed, the carrier is asked outside transactions, and what it said is recorded. Where it said nothing,
it is asked whether it sold the number before anything is tried again, so that none is bought twice; `settling` asks it
where nobody tries again.
"""

import re
from datetime import timedelta
from uuid import UUID

from msgspec import UNSET, structs

from frontdesk.domain.numbers import purchase_store, store
from frontdesk.domain.numbers.errors import (
    BeingBought,
    CarrierRefuses,
    NeedsPlan,
    NoNumberLeft,
    NoSuchNumber,
    NumberLeaving,
    NumberTaken,
    NumberUnavailable,
    PurchaseInDoubt,
)
from frontdesk.domain.numbers.events import NumberBought
from frontdesk.domain.numbers.model import Number, NumberChange, Purchase, PurchaseStatus
from frontdesk.domain.numbers.service.sellers import is_operators, seller_behind, seller_of
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import Organization, country_code
from frontdesk.domain.organizations.plans import Plan
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import PhoneRefused, parse_phone
from frontdesk.kernel.text import one_line
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports.carrier import AccountProblem, NumberGone, NumberSeller, OfferedNumber, Uncertain, Wish

PATIENCE = timedelta(seconds=60)
"""Wall time after which whoever was buying a number is taken for gone."""
_TOLD_FOR = timedelta(days=1)
_AREA_CODE = re.compile(r"[0-9]{1,6}")
_PATTERN = re.compile(r"[0-9A-Za-z*%+$]{2,16}")


async def list_numbers(work: Work) -> list[Number]:
    """The organisation's numbers, the sandbox's first. Needs `view`."""
    work.require(Permission.VIEW)
    return await store.numbers(work)


async def search(context: Context, actor: Actor, wish: Wish) -> list[OfferedNumber]:
    """Numbers that can be bought. Needs `view`. Raises Invalid, NotConnected, CarrierRefuses."""
    wish = structs.replace(wish, country=country_code(wish.country))
    if wish.area_code and not _AREA_CODE.fullmatch(wish.area_code):
        raise Invalid("An area code is digits.", field="area_code")
    if wish.contains and not _PATTERN.fullmatch(wish.contains):
        raise Invalid("A pattern has 2 to 16 digits, letters or the signs * % + $.", field="contains")
    async with context.works.read(actor) as work:
        work.require(Permission.VIEW)
        seller = await seller_of(context, work)
    try:
        return await seller.search(wish)
    except AccountProblem as problem:
        raise CarrierRefuses(str(problem)) from problem


async def purchase(context: Context, actor: Actor, phone: str, friendly_name: str | None = None) -> Number:
    """Buy a number. One that the organisation has is returned as it is: nothing is bought twice.

    Needs `manage_organization`. Raises Invalid, NoNumberLeft, NumberTaken, NumberUnavailable, BeingBought,
    NumberLeaving, NotConnected, NeedsPlan, CarrierRefuses, PurchaseInDoubt. Audited; emits number.bought.
    """
    name = one_line(friendly_name or "", "friendly_name", most=64) or None
    async with context.works.begin(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        organization = await organizations.get(work)
        try:
            wanted = parse_phone(phone, organization.country)
        except PhoneRefused as error:
            raise Invalid(error.message, field="number") from error
        await purchase_store.one_at_a_time(work)
        if (number := await purchase_store.of_phone(work, wanted)) is not None:
            if number.leaving_at is not None:
                raise NumberLeaving
            return number
        asked = await purchase_store.open_purchase(work, wanted)
        again = asked is not None
        seller = await (seller_of(context, work) if asked is None else _asked_before(context, work, asked))
        _may_buy_of(context, seller, organization, actor)
        if asked is None:
            if await purchase_store.counted(work) >= organization.allowance.numbers:
                raise NoNumberLeft(organization.allowance.numbers)
            asked = await purchase_store.begin(
                work, new_id(), wanted, seller.name, name, operators=is_operators(context, seller)
            )
            if asked is None:
                raise NumberTaken
            again = await purchase_store.never_told(work, wanted)
        elif asked.status is PurchaseStatus.ASKED and work.now - asked.asked_at < work.clock.lasting(PATIENCE):
            raise BeingBought
        await purchase_store.ask_again(work, asked.id)
    await _buy(context, actor, seller, asked, again=again)
    async with context.works.begin(actor) as work:
        kept = await keep_bought(work, asked)
    if kept is None:
        raise NumberTaken
    return kept


async def _asked_before(context: Context, work: Work, asked: Purchase) -> NumberSeller:
    try:
        return await seller_behind(context, work, asked.provider, operators=asked.operators)
    except AccountProblem as problem:
        raise CarrierRefuses(str(problem)) from problem


async def keep_bought(work: Work, asked: Purchase) -> Number | None:
    """Keep a number that the carrier has sold, once. None: another organisation has it. Audited; emits
    number.bought."""
    kept, new = await purchase_store.keep(work, new_id(), asked, sandbox=asked.provider == "sandbox")
    await purchase_store.settle(work, asked.id, PurchaseStatus.BOUGHT if kept else PurchaseStatus.REFUSED)
    if kept is not None and new:
        work.emit(NumberBought(subject_id=kept.id, provider=kept.provider))
        await work.audit("number.bought", "number", kept.id, provider=kept.provider)
    return kept


async def in_doubt(work: Work) -> list[Purchase]:
    """Purchases whose end is still to be seen, and those in doubt that ended without a number within the last day,
    the newest first. Needs `view`."""
    work.require(Permission.VIEW)
    return await purchase_store.doubtful(work, work.now - work.clock.lasting(_TOLD_FOR))


async def _buy(context: Context, actor: Actor, seller: NumberSeller, asked: Purchase, *, again: bool) -> None:
    """Have the seller sell it; where that was tried before, unless it has. What went wrong is recorded and raised."""
    try:
        if again and await seller.owns(asked.phone):
            return
    except AccountProblem as problem:
        await _settle(context, actor, asked, PurchaseStatus.UNKNOWN)
        raise PurchaseInDoubt from problem
    try:
        await seller.buy(asked.phone, asked.friendly_name or "")
    except NumberGone as problem:
        await _settle(context, actor, asked, PurchaseStatus.REFUSED)
        raise NumberUnavailable(str(problem)) from problem
    except AccountProblem as problem:
        await _settle(context, actor, asked, PurchaseStatus.REFUSED)
        raise CarrierRefuses(str(problem)) from problem
    except Uncertain as problem:
        await _settle(context, actor, asked, PurchaseStatus.UNKNOWN)
        raise PurchaseInDoubt from problem


async def _settle(context: Context, actor: Actor, asked: Purchase, status: PurchaseStatus) -> None:
    async with context.works.begin(actor) as work:
        await purchase_store.settle(work, asked.id, status)


async def change(work: Work, number_id: UUID, wanted: NumberChange) -> Number:
    """Name a number, or have its calls answered by the assistant or by people. Needs `manage_organization`; audited.

    Raises NoSuchNumber, Invalid.
    """
    work.require(Permission.MANAGE_ORGANIZATION)
    if wanted.friendly_name is not UNSET:
        wanted = structs.replace(
            wanted, friendly_name=one_line(wanted.friendly_name or "", "friendly_name", most=64) or None
        )
    changed = await purchase_store.change(work, number_id, wanted)
    if changed is None:
        raise NoSuchNumber
    await work.audit("number.updated", "number", number_id, route_to_ai=changed.route_to_ai)
    return changed


def _may_buy_of(context: Context, seller: NumberSeller, organization: Organization, actor: Actor) -> None:
    """The operator pays for numbers of the operator's own account: not for whoever has just signed up. Raises
    NeedsPlan. A plan that was paid for at the sandbox's till is none."""
    if not is_operators(context, seller) or context.vendors[seller.name].sells_to_trials or actor.platform_admin:
        return
    if organization.plan is Plan.TRIAL or context.till is not None:
        raise NeedsPlan
