"""Calls of connected systems, with tokens that are good.

Tokens are renewed shortly before they expire, by one process at a time, for a provider may take a refresh token once
only; and once more where the provider does not take them in the middle. What then is not taken is marked `reconnect`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import msgspec

from frontdesk.domain.integrations import store
from frontdesk.domain.integrations.errors import MustReconnect, ProviderDown
from frontdesk.domain.integrations.events import IntegrationLapsed
from frontdesk.domain.integrations.model import RENEWED_BEFORE, ConnectionStatus
from frontdesk.domain.integrations.service.connecting import opened, seal
from frontdesk.domain.integrations.store import Held
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import Unreadable
from frontdesk.ports.consent import AccessExpired, Consent, ConsentRefused, ProviderTrouble, Tokens

LEASE = timedelta(seconds=30)
"""Wall time in which tokens are renewed; afterwards another process may."""
_LOOKS_EVERY = 0.1
_LOOKS = 300

T = TypeVar("T")
_under_way: "set[asyncio.Task[tuple[Held, Tokens]]]" = set()


async def using(context: Context, org_id: UUID, connection_id: UUID, do: Callable[[Tokens], Awaitable[T]]) -> T:
    """What `do` answers, given tokens that are good. It may be done twice, and is called outside transactions.

    Raises ConnectionNotFound, MustReconnect, ProviderDown, and what `do` raises beside AccessExpired, ConsentRefused
    and ProviderTrouble.
    """
    try:
        held, tokens = await _good(context, org_id, connection_id)
        try:
            return await do(tokens)
        except AccessExpired:
            held, tokens = await _renewed(context, org_id, held, tokens)
        return await do(tokens)
    except (AccessExpired, ConsentRefused) as error:
        await lapse(context, org_id, connection_id)
        raise MustReconnect from error
    except ProviderTrouble as error:
        raise ProviderDown(error.retry_after) from error


async def lapse(context: Context, org_id: UUID, connection_id: UUID) -> None:
    """Note that a connection is of no use until somebody consents again. Emits integration.lapsed, once."""
    async with context.works.begin(system_actor(org_id)) as work:
        held = await store.held(work, connection_id, lock=True)
        if await store.lapse(work, connection_id, held.tokens):
            work.emit(IntegrationLapsed(subject_id=connection_id, kind=held.kind.value, provider=held.provider))


async def _good(context: Context, org_id: UUID, connection_id: UUID) -> tuple[Held, Tokens]:
    async with context.works.read(system_actor(org_id)) as work:
        held = await store.held(work, connection_id)
        soon = work.clock.wall_time(work.now) + RENEWED_BEFORE
    _, tokens = _open(context, held)
    if tokens.expires_at is not None and tokens.expires_at <= soon:
        return await _renewed(context, org_id, held, tokens)
    return held, tokens


def _open(context: Context, held: Held) -> tuple[Consent, Tokens]:
    """Raises MustReconnect for a connection that is of no use."""
    consent = context.consents.get(held.provider)
    if held.status is not ConnectionStatus.CONNECTED or consent is None:
        raise MustReconnect
    if consent.sandbox != held.sandbox:  # keys were set since, or taken away
        raise ConsentRefused("It is another system now.")
    try:
        return consent, opened(context, held.tokens)
    except (Unreadable, msgspec.MsgspecError) as error:
        raise ConsentRefused("The stored tokens cannot be read any more.") from error


async def _renewed(context: Context, org_id: UUID, held: Held, stale: Tokens) -> tuple[Held, Tokens]:
    """Tokens other than `stale`. Goes on to its end though nobody waits for it any more: the provider may take the old
    refresh token once only, and the new one must not be lost."""
    renewing = asyncio.create_task(_renew(context, org_id, held, stale))
    _under_way.add(renewing)
    renewing.add_done_callback(_over)
    return await asyncio.shield(renewing)


def _over(renewing: "asyncio.Task[tuple[Held, Tokens]]") -> None:
    _under_way.discard(renewing)
    if not renewing.cancelled():
        renewing.exception()  # whoever waited was told


async def _renew(context: Context, org_id: UUID, held: Held, stale: Tokens) -> tuple[Held, Tokens]:
    """Renewed here, or by whoever is at it."""
    actor = system_actor(org_id)
    for _ in range(_LOOKS):
        async with context.works.begin(actor) as work:
            held = await store.held(work, held.id, lock=True)
            consent, tokens = _open(context, held)
            if tokens.access_token != stale.access_token:
                return held, tokens
            free = held.renewing_until is None or held.renewing_until <= work.now
            if free:
                await store.set_renewing(work, held.id, work.now + work.clock.lasting(LEASE))
        if free:
            break
        await asyncio.sleep(_LOOKS_EVERY)
    else:
        raise ProviderTrouble("The tokens are being renewed all the time.")
    try:
        if not tokens.refresh_token:
            raise ConsentRefused("The tokens cannot be renewed.")
        fresh = await consent.renew(tokens)
    except BaseException:
        async with context.works.begin(actor) as work:
            await store.set_renewing(work, held.id, None)
        raise
    async with context.works.begin(actor) as work:
        now = await store.held(work, held.id, lock=True)
        if now.tokens == held.tokens:  # nobody consented anew meanwhile
            await store.set_tokens(work, held.id, seal(context, fresh))
    return held, fresh
