"""Beginning sessions, for the use cases that do."""

from datetime import timedelta
from uuid import UUID

from frontdesk.domain.identity import store
from frontdesk.domain.identity.errors import AccountLocked, AccountSuspended, SessionEnded
from frontdesk.domain.identity.events import UserSignedIn
from frontdesk.domain.identity.model import (
    ACCESS_TERM,
    BEARER_TERM,
    CONSOLE_TERM,
    LOCK_TERM,
    MOST_FAILURES,
    SESSION_TERM,
    Client,
    Realm,
    SessionKind,
    Tokens,
    User,
)
from frontdesk.kernel.access import Actor, ActorType
from frontdesk.kernel.ids import new_id
from frontdesk.platform.crypto import hash_is_outdated, hash_password, make_token, password_matches, token_hash
from frontdesk.platform.database import Work, Works
from frontdesk.platform.tokens import AccessClaims


async def password_is_right(works: Works, found: store.Credentials | None, password: str) -> bool:
    """Whether `password` is that of the person `found`. A failure is counted, and the tenth locks.

    Takes as long for nobody. Raises AccountLocked. No transaction may be open: the check takes a while.
    """
    if found is not None and found.locked_until is not None and found.locked_until > works.clock.now():
        raise AccountLocked(seconds_left(works, found))
    if await password_matches(password, found.password_hash if found else None):
        return True
    if found is not None:
        async with works.across_tenants("sign in") as work:
            await store.count_failure(work, found.id, MOST_FAILURES, work.now + work.clock.lasting(LOCK_TERM))
    return False


def seconds_left(works: Works, found: store.Credentials) -> int:
    """How long the lock lasts, in whole seconds by the clock on the wall."""
    clock = works.clock
    until = found.locked_until or clock.now()
    return max(1, round((clock.wall_time(until) - clock.wall_time(clock.now())).total_seconds()))


async def fresh_hash(found: store.Credentials, password: str) -> str | None:
    """A new hash of a right password, where the stored one was made with weaker parameters than today's."""
    if found.password_hash is not None and hash_is_outdated(found.password_hash):
        return await hash_password(password)
    return None


async def begin_session(
    work: Work, realm: Realm, user_id: UUID, client: Client, *, org_id: UUID | None = None, new_hash: str | None = None
) -> Tokens:
    """A session of a person who has proved who they are, for `org_id` or where they worked last. Emits user.login.

    Raises AccountSuspended; AccountLocked when they got locked in the meantime.
    """
    user = await store.note_sign_in(work, user_id, new_hash)
    if user is None:
        raise AccountLocked(int(LOCK_TERM.total_seconds()))
    if user.suspended_at is not None:
        raise AccountSuspended
    session_id = new_id()
    org_id = org_id or await store.last_org(work, user_id)
    await store.insert_session(work, session_id, user_id, org_id, _tidied(client), session_end(work, client.kind))
    refresh_token = make_token()
    await store.insert_refresh_token(work, session_id, token_hash(refresh_token))
    if org_id is not None:
        work.emit(UserSignedIn(subject_id=user_id, session_id=session_id, kind=client.kind.value), org_id)
    return await tokens_of(work, realm, session_id, user, refresh_token)


async def tokens_of(work: Work, realm: Realm, session_id: UUID, user: User, refresh_token: str) -> Tokens:
    """The tokens of a session as it stands. Raises SessionEnded."""
    at = await store.standing(work, session_id)
    if at is None:
        raise SessionEnded
    term = access_term(SessionKind(at.kind))
    issued = work.clock.wall_time(work.now)
    claims = AccessClaims(
        user_id=user.id,
        session_id=session_id,
        org_id=at.org_id,
        role=at.role.value if at.role else None,
        email=user.email,
        user_metadata=user.metadata,
        signed_in_at=work.clock.wall_time(at.created_at),
        issued_at=issued,
        expires_at=issued + term,
    )
    return Tokens(
        access_token=realm.signer.sign(claims),
        refresh_token=refresh_token,
        expires_in=int(term.total_seconds()),
        expires_at=claims.expires_at,
        session_id=session_id,
        user=user,
        org_id=at.org_id,
        role=at.role,
    )


def access_term(kind: SessionKind) -> timedelta:
    """How long an access token lasts, by the clock on the wall."""
    return {SessionKind.CONSOLE: CONSOLE_TERM, SessionKind.BEARER: BEARER_TERM}.get(kind, ACCESS_TERM)


def session_end(work: Work, kind: SessionKind):
    """When a session that is begun or refreshed now ends, by the clock of the work."""
    term = {SessionKind.CONSOLE: CONSOLE_TERM, SessionKind.BEARER: BEARER_TERM}.get(kind, SESSION_TERM)
    return work.now + work.clock.lasting(term)


def person(user_id: UUID, org_id: UUID | None = None) -> Actor:
    """A person known by their id alone, for the record of what is done: it may do nothing."""
    return Actor(type=ActorType.USER, id=user_id, org_id=org_id)


def _tidied(client: Client) -> Client:
    return Client(client.kind, client.ip.replace("\0", "")[:64], client.user_agent.replace("\0", "")[:400])
