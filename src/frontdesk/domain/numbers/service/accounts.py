"""Connecting an account with a carrier, choosing the number to text from, going back to the sandbox.

The carrier is asked outside transactions; what it said is recorded afterwards.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from frontdesk.domain.leads.model import CampaignStatus
from frontdesk.domain.leads.service import datasets
from frontdesk.domain.numbers import purchase_store, store
from frontdesk.domain.numbers.errors import (
    CampaignsRunning,
    CarrierRefuses,
    NotConnected,
    NumberLeaving,
    NumberNotFound,
    NumberTaken,
)
from frontdesk.domain.numbers.events import NumberChanged
from frontdesk.domain.numbers.model import Account, Check, Choice, Number, Standing
from frontdesk.domain.numbers.service.sellers import is_operators
from frontdesk.kernel.access import Actor, ActorType, Permission
from frontdesk.kernel.errors import Invalid, NotFound
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports.carrier import AccountProblem, CarrierAccount, OwnedNumber


async def standing(context: Context, work: Work) -> Standing:
    """How the organisation texts. Needs `view`; the account is shown to who may manage the organisation."""
    work.require(Permission.VIEW)
    account = await store.account(work) if work.actor.may(Permission.MANAGE_ORGANIZATION) else None
    return Standing(await store.current(work), account, bool(_operators(context, work.actor)))


async def connect(context: Context, actor: Actor, provider: str, given: Mapping[str, str]) -> Account:
    """Keep an account's credentials, once the carrier has taken them. Needs `manage_organization`; audited.

    A number of the same account stays in use; with another account, texts come from the sandbox until one is chosen.
    Raises Invalid, CarrierRefuses, CampaignsRunning, NotFound for a carrier that there is not.
    """
    vendor = context.vendors.get(provider)
    if vendor is None:
        raise NotFound("There is no such carrier.")
    async with context.works.read(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
    new = vendor.seal(given)
    try:
        await vendor.open(new.text).check()
    except AccountProblem as problem:
        raise CarrierRefuses(str(problem)) from problem
    async with context.works.begin(actor) as work:
        was = await store.account(work, provider)
        if was is None or was.account != new.account:
            await _leave(work, provider)
        await store.keep_account(work, provider, new)
        await work.audit("carrier.connected", "organization", work.org_id, provider=provider, account=new.account)
        kept = await store.account(work, provider)
    assert kept is not None
    return kept


async def choices(context: Context, actor: Actor) -> list[Choice]:
    """The numbers of the account that is connected, asked of the carrier. Needs `manage_organization`.

    Raises NotConnected, CarrierRefuses.
    """
    account, now = await _account(context, actor)
    return [Choice(number, now is not None and number.phone == now.phone) for number in await _numbers(account)]


async def use(context: Context, actor: Actor, phone: str) -> Number:
    """Text from `phone`, E.164: a number of the connected account, or the organisation's sandbox number.

    Texts to it are posted here from then on. Needs `manage_organization`; audited; emits number.changed. Raises
    NotConnected, NumberNotFound, NumberTaken, NumberLeaving, CarrierRefuses, CampaignsRunning.
    """
    async with context.works.begin(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        now = await store.current(work)
        sandbox = next((each for each in await store.numbers(work) if each.sandbox and each.phone == phone), None)
        if sandbox is not None:
            await _text_from(work, now, sandbox)
            return sandbox
    account, _ = await _account(context, actor)
    wanted = next((each for each in await _numbers(account) if each.phone == phone), None)
    if wanted is None:
        raise NumberNotFound
    if wanted.obstacle:
        raise CarrierRefuses(wanted.obstacle)
    async with context.works.begin(actor) as work:
        await _may_change(work, now, sandbox=False)
        had = await purchase_store.of_phone(work, phone)
        if had is not None and had.leaving_at is not None:
            raise NumberLeaving
        chosen = await store.insert(work, new_id(), phone, account.name, operators=is_operators(context, account))
        if chosen is None:
            raise NumberTaken
    # From here on nobody else can have it, and a text to it that comes at once finds its organisation.
    try:
        await account.adopt(wanted)
    except AccountProblem as problem:
        if had is None:
            async with context.works.begin(actor) as work:
                await store.delete(work, [chosen.id])
        raise CarrierRefuses(str(problem)) from problem
    async with context.works.begin(actor) as work:
        await _text_from(work, now, chosen)
    return chosen


async def use_as_told(context: Context, actor: Actor, phone: str | None) -> None:
    """Text from `phone`, as a client tells that writes all settings back: nothing is done where it is in use already.

    Raises Invalid where the organisation cannot have it, and what `use` raises.
    """
    async with context.works.read(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        now = await store.current(work)
    if (now.phone if now else None) == phone:
        return
    try:
        await use(context, actor, phone or "")
    except (NotConnected, NumberNotFound) as problem:
        raise Invalid("This number does not belong to the organisation.", field="number") from problem


async def check(context: Context, actor: Actor) -> list[Check]:
    """Try whether texts can go out and come in. Needs `manage_organization`. Raises NotConnected."""
    account, now = await _account(context, actor)
    try:
        found = [Check(True, f"The credentials of {await account.check()} work.")]
        owned = await account.numbers()
    except AccountProblem as problem:
        return [Check(False, str(problem))]
    mine = next((each for each in owned if now is not None and each.phone == now.phone), None)
    if now is None or now.sandbox:
        found.append(Check(False, "No number of the account is chosen: texts stay in the sandbox."))
    elif mine is None:
        found.append(Check(False, "The number in use is not in the account any more."))
    elif mine.obstacle:
        found.append(Check(False, mine.obstacle))
    elif not account.posts_here(mine):
        found.append(Check(False, "Texts to the number are posted elsewhere. Choose the number again."))
    elif mine.can_call and not account.rings_here(mine):
        found.append(Check(False, "Calls to the number go elsewhere. Choose the number again to have them answered."))
    else:
        found.append(Check(True, "Texts to the number are posted here."))
    found.append(reachable(context.public_url))
    return found


def reachable(public_url: str) -> Check:
    """Whether a carrier can post to this address, as far as the address tells."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        public = ip_address(host).is_global
    except ValueError:  # a name
        public = "." in host and not host.endswith((".localhost", ".local", ".internal", ".lan"))
    if parts.scheme != "https" or not public:
        wanted = "Set FRONTDESK_PUBLIC_URL to an https address that the world reaches."
        return Check(False, f"The carrier cannot post to {public_url}. {wanted}")
    return Check(True, f"The carrier posts to {public_url}.")


async def disconnect(context: Context, actor: Actor, provider: str) -> None:
    """Forget the account and text from the sandbox number again. Needs `manage_organization`; audited.

    Texts to the numbers are no longer posted here, if the carrier can be told. Raises CampaignsRunning.
    """
    async with context.works.begin(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        sealed = await store.sealed(work, provider)
        given_up = await _leave(work, provider)
        await store.delete_account(work, provider)
        if sealed is not None or given_up:
            await work.audit("carrier.disconnected", "organization", work.org_id, provider=provider)
    vendor = context.vendors.get(provider)
    if vendor is None or sealed is None:
        return
    try:
        account = vendor.open(sealed)
        for number in given_up:
            await account.release(number.phone)
    except AccountProblem:
        return  # credentials that no longer work are a reason to disconnect


async def _account(context: Context, actor: Actor) -> tuple[CarrierAccount, Number | None]:
    """The account to choose numbers of, and the number in use."""
    async with context.works.read(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        now = await store.current(work)
        own = await store.account(work)
        sealed = None if own is None else await store.sealed(work, own.provider)
    if own is not None and sealed is not None and own.provider in context.vendors:
        try:
            return context.vendors[own.provider].open(sealed), now
        except AccountProblem as problem:
            raise CarrierRefuses(str(problem)) from problem
    operators = _operators(context, actor)
    if operators is None:
        raise NotConnected
    return operators, now


def _operators(context: Context, actor: Actor) -> CarrierAccount | None:
    """The operator's own account: its numbers are for the operator to give out, for the operator pays for them."""
    if actor.type is not ActorType.SYSTEM and not actor.platform_admin:
        return None
    return next((vendor.operators for vendor in context.vendors.values() if vendor.operators is not None), None)


async def _numbers(account: CarrierAccount) -> list[OwnedNumber]:
    try:
        return await account.numbers()
    except AccountProblem as problem:
        raise CarrierRefuses(str(problem)) from problem


async def _leave(work: Work, provider: str) -> list[Number]:
    """Give up the organisation's numbers with a carrier, and text from the sandbox; the numbers that were given up.
    What was bought on the operator's account stays: it is paid for until it is given back."""
    now = await store.current(work)
    all_numbers = await store.numbers(work)
    theirs = [each for each in all_numbers if each.provider == provider and not each.sandbox]
    given_up = [each for each in theirs if not each.operators or each.bought_at is None]
    sandbox = next((each for each in all_numbers if each.sandbox), None)
    if now is not None and now in theirs and sandbox is not None:
        await _text_from(work, now, sandbox)
    await store.delete(work, [each.id for each in given_up])
    return given_up


async def _text_from(work: Work, was: Number | None, number: Number) -> None:
    await purchase_store.one_at_a_time(work)  # with giving it back
    there = await purchase_store.of_phone(work, number.phone)
    if there is None or there.leaving_at is not None:
        raise NumberLeaving
    await store.clear_problem(work, number.phone)
    if was is not None and was.id == number.id:
        return
    await _may_change(work, was, sandbox=number.sandbox)
    await store.text_from(work, number.phone)
    work.emit(NumberChanged(subject_id=number.id, provider=number.provider))
    await work.audit("number.changed", "organization", work.org_id, provider=number.provider)


async def _may_change(work: Work, was: Number | None, *, sandbox: bool) -> None:
    """A rehearsal must not go on with real people, nor a campaign with virtual handsets. Raises CampaignsRunning."""
    crosses = was is not None and was.sandbox is not sandbox
    if crosses and await datasets.list_all(work, CampaignStatus.ACTIVE):
        raise CampaignsRunning
