"""Connecting a provider by consent (OAuth 2), and disconnecting it. No provider is called in a transaction.

`begin` gives the address at which a person consents; the provider sends them back to `callback_path`, whose route ends
the consent with `finish`. What holds it together is the state: random, stored hashed, good once and for a quarter of an
hour, and only as long as whoever began it is still signed in and may manage the organisation. One that was begun in the
console is ended in the same session and no other.
"""

from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from frontdesk.domain.identity import service as identity
from frontdesk.domain.integrations import store
from frontdesk.domain.integrations.errors import ConsentNotGiven, ConsentNotKnown, ProviderDown, ProviderNotFound
from frontdesk.domain.integrations.events import IntegrationConnected, IntegrationDisconnected
from frontdesk.domain.integrations.model import CONSENT_WAITS, PROVIDERS, Connection, Consenting, Kind
from frontdesk.domain.organizations.service import keys
from frontdesk.kernel.access import Actor, ActorType, Permission
from frontdesk.kernel.errors import Unauthenticated
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import Unreadable, make_token, token_hash
from frontdesk.platform.database import Works
from frontdesk.platform.loops import describe
from frontdesk.ports.consent import Ask, Consent, ConsentRefused, ProviderTrouble, Tokens

log = structlog.get_logger(__name__)


class Answer(Struct, frozen=True):
    """What the provider sent the person back with."""

    state: str
    code: str = ""
    error: str = ""


def callback_path(kind: Kind, provider: str) -> str:
    """Where a provider sends people back to, below the public URL: what the operator registers there."""
    return f"/hekax/api/{kind.value}/callback/{provider}"


async def begin(context: Context, actor: Actor, kind: Kind, provider: str, *, in_console: bool = False) -> str:
    """The address of the page on which a person consents. Needs `manage_organization`. Raises ProviderNotFound."""
    consent = consent_of(context, kind, provider)
    state, verifier = make_token(), make_token()
    async with context.works.begin(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        begun = Consenting(
            org_id=work.org_id, kind=kind, provider=provider, verifier=context.vault.seal(verifier),
            session_id=actor.session_id, key_id=actor.id if actor.type is ActorType.API_KEY else None,
            in_console=in_console,
        )  # fmt: skip
        await store.insert_consent(work, token_hash(state), begun, work.now + work.clock.lasting(CONSENT_WAITS))
    return consent.address(_ask(context, begun, state, verifier))


async def began_in_console(context: Context, state: str) -> bool:
    """Whether the consent was begun in the console, and is to be ended there. Nothing is known of others' states."""
    async with context.works.across_tenants("consents") as work:
        return await store.in_console(work, token_hash(state))


async def finish(
    context: Context, kind: Kind, provider: str, answer: Answer, session_id: UUID | None = None
) -> Connection:
    """End a consent, and keep the connection. `session_id` is that of the console's visitor, where there is one.

    Audited; emits integration.connected. Raises ConsentNotKnown (also a second time), ConsentNotGiven, ProviderDown,
    and Forbidden where whoever began it may not any more.
    """
    try:
        consent = consent_of(context, kind, provider)
    except ProviderNotFound as error:
        raise ConsentNotKnown from error
    async with context.works.across_tenants("consents") as work:
        begun = await store.take_consent(work, token_hash(answer.state), kind, provider, session_id)
    if begun is None:
        raise ConsentNotKnown
    actor = await _who_began(context.works, begun)
    if not answer.code:
        raise ConsentNotGiven
    try:
        ask = _ask(context, begun, answer.state, context.vault.open(begun.verifier))
        tokens, account = await consent.exchange(answer.code, ask)
    except (ConsentRefused, Unreadable) as error:
        raise ConsentNotGiven from error
    except ProviderTrouble as error:
        raise ProviderDown(error.retry_after) from error
    async with context.works.begin(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        kept = await store.keep(work, kind, provider, account, seal(context, tokens), sandbox=consent.sandbox)
        work.emit(IntegrationConnected(subject_id=kept.id, kind=kind.value, provider=provider))
        await work.audit("integration.connected", "connection", kept.id, kind=kind.value, provider=provider)
    return kept


async def disconnect(context: Context, actor: Actor, kind: Kind, connection_id: UUID) -> None:
    """Forget a connection, and give the consent back if the provider can be told. Needs `manage_organization`.

    Audited; emits integration.disconnected. Raises ConnectionNotFound.
    """
    async with context.works.begin(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        was = await store.delete(work, connection_id, kind)
        work.emit(IntegrationDisconnected(subject_id=was.id, kind=kind.value, provider=was.provider))
        await work.audit("integration.disconnected", "connection", was.id, kind=kind.value, provider=was.provider)
    consent = context.consents.get(was.provider)
    if consent is None or consent.sandbox != was.sandbox:
        return
    try:
        await consent.revoke(opened(context, was.tokens))
    except (ProviderTrouble, Unreadable, msgspec.MsgspecError) as error:
        log.info("consent_not_given_back", provider=was.provider, error=describe(error))


async def forget_consents(works: Works) -> None:
    """Delete consents that expired without end."""
    async with works.across_tenants("consents") as work:
        await store.delete_consents(work, work.now - work.clock.lasting(CONSENT_WAITS))


def consent_of(context: Context, kind: Kind, provider: str) -> Consent:
    """The provider's consent. Raises ProviderNotFound."""
    known = any(each.id == provider and each.kind is kind for each in PROVIDERS)
    if not known or provider not in context.consents:
        raise ProviderNotFound
    return context.consents[provider]


def seal(context: Context, tokens: Tokens) -> str:
    """Tokens as they are stored."""
    return context.vault.seal(msgspec.json.encode(tokens).decode())


def opened(context: Context, sealed: str) -> Tokens:
    """Stored tokens. Raises Unreadable, MsgspecError."""
    return msgspec.json.decode(context.vault.open(sealed), type=Tokens)


def _ask(context: Context, begun: Consenting, state: str, verifier: str) -> Ask:
    callback = context.public_url + callback_path(begun.kind, begun.provider)
    return Ask(org_id=begun.org_id, state=state, verifier=verifier, callback=callback)


async def _who_began(works: Works, begun: Consenting) -> Actor:
    """Who began it, as they stand now. Raises ConsentNotKnown where they are signed out, or in another organisation."""
    try:
        if begun.key_id is not None:
            actor = await keys.actor_of_key(works, begun.org_id, begun.key_id)
        elif begun.session_id is not None:
            actor = await identity.actor_of_session(works, begun.session_id)
        else:
            raise ConsentNotKnown
    except Unauthenticated as error:
        raise ConsentNotKnown from error
    if actor.org_id != begun.org_id:
        raise ConsentNotKnown
    return actor
