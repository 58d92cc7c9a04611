"""The simulator on the sandbox: what a member of an organisation may do with handsets and faults, and may see."""

from uuid import UUID

from frontdesk.adapters.sandbox import call_store, mail, store
from frontdesk.adapters.sandbox.carrier import SandboxCarrier
from frontdesk.kernel.access import Actor, ActorType
from frontdesk.kernel.errors import Forbidden, Invalid, NotFound
from frontdesk.kernel.phone import E164, PhoneRefused, is_fictional, parse_phone
from frontdesk.ports.simulator import Answered, CapturedMail, Fault, HandsetCall, HandsetMessage


class SandboxSimulator:
    """Implements `ports.simulator.Simulator`. Reads as the actor, under the tenant's row-level security."""

    def __init__(self, carrier: SandboxCarrier) -> None:
        self._carrier, self._works = carrier, carrier.works

    async def text(self, actor: Actor, handset: str, number: str, body: str) -> HandsetMessage:
        """As the port says."""
        _require_member(actor)
        async with self._works.read(actor) as work:
            country, numbers = await store.country_and_numbers(work)
        from_, to = _parsed(handset, country, "from"), _parsed(number, country, "to")
        if to not in numbers:
            raise NotFound("Your organisation has no such sandbox number.", field="to")
        return await self._carrier.handset_texts(from_, to, body)

    async def messages(self, actor: Actor, handset: str, limit: int) -> list[HandsetMessage]:
        """As the port says."""
        _require_member(actor)
        async with self._works.read(actor) as work:
            country, _ = await store.country_and_numbers(work)
            number = _handset(handset, country)
            return await store.on_handset(work, number, limit)

    async def calls(self, actor: Actor, handset: str, limit: int) -> list[HandsetCall]:
        """As the port says."""
        _require_member(actor)
        async with self._works.read(actor) as work:
            country, _ = await store.country_and_numbers(work)
            return await call_store.to_handset(work, _handset(handset, country), limit)

    async def answer(self, actor: Actor, handset: str) -> Answered:
        """As the port says."""
        return await self._carrier.calls.answer(_require_member(actor), await self._number(actor, handset))

    async def hang_up(self, actor: Actor, handset: str) -> HandsetCall:
        """As the port says."""
        return await self._carrier.calls.hang_up(_require_member(actor), await self._number(actor, handset))

    async def _number(self, actor: Actor, handset: str) -> E164:
        async with self._works.read(actor) as work:
            country, _ = await store.country_and_numbers(work)
        return _handset(handset, country)

    async def set_fault(self, actor: Actor, kind: str, rate: float, seconds: float) -> Fault:
        """As the port says."""
        return await self._carrier.set_fault(kind, rate, seconds, org_id=_require_member(actor))

    async def faults(self, actor: Actor) -> list[Fault]:
        """As the port says."""
        _require_member(actor)
        async with self._works.read(actor) as work:
            return await store.faults(work)

    async def mail(self, actor: Actor, to: str | None, limit: int) -> list[CapturedMail]:
        """As the port says."""
        if actor.type is not ActorType.USER:
            raise Forbidden("Only a signed-in person reads captured mail.")
        async with self._works.across_tenants("captured mail") as work:
            return await mail.readable(work, actor, to, limit)


def _require_member(actor: Actor) -> UUID:
    """The organisation of `actor`. Raises Forbidden unless it is a person in one, or a key of one."""
    if actor.type not in (ActorType.USER, ActorType.API_KEY) or actor.org_id is None:
        raise Forbidden("The simulator is for members of an organisation.")
    return actor.org_id


def _parsed(text: str, country: str, field: str) -> E164:
    try:
        return parse_phone(text, country)
    except PhoneRefused as refused:
        raise Invalid(refused.reason, field=field) from refused


def _handset(text: str, country: str) -> E164:
    """The number in a path. Its + may have been left out, or turned into a space by a client that did not encode it."""
    international = E164("+" + text.strip().removeprefix("+"))
    if is_fictional(international) and international.isascii():
        return international
    try:
        return parse_phone(text, country)
    except PhoneRefused as refused:
        raise NotFound("There is no such handset.") from refused
