"""Whose account a text goes through, whose signature a webhook bears, and what a carrier's refusal says of a number."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.numbers import store
from frontdesk.domain.numbers.events import NumberOutOfService
from frontdesk.domain.numbers.model import Signer
from frontdesk.kernel.access import Actor, Permission, system_actor
from frontdesk.kernel.errors import Upstream
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports.carrier import AccountProblem, Carrier
from frontdesk.ports.carrier_codes import Meaning, meaning_of
from frontdesk.ports.softphone import ORGANIZATION, Softphones, handset_of


async def carrier_of(context: Context, org_id: UUID, provider: str) -> Carrier | None:
    """The carrier for texts of the organisation: by its own account, else the operator's. None: there is neither."""
    if provider in context.carriers:
        return context.carriers[provider]
    async with context.works.read(system_actor(org_id)) as work:
        return await carrier_in(context, work, provider)


async def carrier_in(context: Context, work: Work, provider: str) -> Carrier | None:
    """The same for the organisation of a unit of work that is open already."""
    vendor = context.vendors.get(provider)
    if vendor is None:
        return context.carriers.get(provider)
    sealed = await store.sealed(work, provider)
    if sealed is None:
        return vendor.operators
    try:
        return vendor.open(sealed)
    except AccountProblem:  # stored under a key that is gone
        return None


async def signed_by(context: Context, url: str, form: Mapping[str, str], signature: str) -> Signer | None:
    """Whose signature proves that `form` was posted to `url`. None: nobody's.

    The operator's accounts speak for every number. An organisation's own speaks for that organisation alone, which the
    caller has to hold it to: its owner knows the secret, and must not be able to put words into another's mouth.
    """
    operators = [vendor.operators for vendor in context.vendors.values()]
    for carrier in (*context.carriers.values(), *operators):
        if carrier is not None and carrier.is_genuine(url, form, signature):
            return Signer(carrier.name)
    ours = [form[name] for name in ("To", "From") if form.get(name)]
    if not context.vendors or not ours:
        return None
    handset = handset_of(form.get("From", ""))
    async with context.works.across_tenants("carrier accounts") as work:
        keys = await (store.keys_of(work, ours) if handset is None else store.keys_of_member(work, handset))
    for key in keys:
        vendor = context.vendors.get(key.provider)
        try:
            if vendor is not None and vendor.open(key.sealed).is_genuine(url, form, signature):
                return Signer(key.provider, key.org_id)
        except AccountProblem:
            continue
    return None


class HandsetToken(Struct, frozen=True):
    """What makes a person's browser a handset."""

    token: str
    identity: str
    expires_at: datetime


async def handset_token(context: Context, actor: Actor, lifetime: timedelta) -> HandsetToken:
    """A token of the carrier whose handset the actor's browser is to be: of the organisation's own account where that
    has an API key, else of the operator's, else of the sandbox. Raises Forbidden, Upstream where no carrier makes any.
    """
    identity, told = str(actor.id or actor.org_id), {ORGANIZATION: str(actor.org_id)}
    async with context.works.read(actor) as work:
        work.require(Permission.VIEW)
        own = [await carrier_in(context, work, name) for name in context.vendors]
        expires_at = work.now + lifetime
    for carrier in (*own, *(vendor.operators for vendor in context.vendors.values()), *context.carriers.values()):
        token = carrier.handset_token(identity, lifetime, told) if isinstance(carrier, Softphones) else None
        if token is not None:
            return HandsetToken(token, identity, expires_at)
    raise Upstream("No carrier makes tokens for handsets.")


AGAIN = {Meaning.ACCOUNT: timedelta(minutes=1), Meaning.REGION: timedelta(hours=1)}
"""After how long a refusal that goes on is told again: a campaign that is resumed too early is paused again."""


async def note_refusal(work: Work, phone: str, code: str) -> None:
    """Keep what a carrier's code says of our number `phone`, if it says anything.

    Emits number.out_of_service when that is news.
    """
    meaning = meaning_of(code)
    if meaning not in AGAIN:
        return
    number_id = await store.set_problem(work, phone, code, AGAIN[meaning])
    if number_id is not None:
        work.emit(NumberOutOfService(subject_id=number_id, code=code, stops=meaning is Meaning.ACCOUNT))


async def note_success(work: Work, phone: str) -> None:
    """The carrier takes texts from our number `phone`."""
    await store.clear_problem(work, phone)
