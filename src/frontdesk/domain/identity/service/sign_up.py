"""New accounts."""

from msgspec import Struct

from frontdesk.domain.identity import store
from frontdesk.domain.identity.errors import EmailTaken, SignUpClosed
from frontdesk.domain.identity.model import (
    Client,
    NewUser,
    Realm,
    Tokens,
    User,
    checked_metadata,
    checked_password,
)
from frontdesk.domain.identity.service.links import owe_verification
from frontdesk.domain.identity.service.opening import begin_session
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import NewOrganization, Organization
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.text import email_address, one_line
from frontdesk.platform import outbox
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import hash_password
from frontdesk.platform.database import Works


class SignedUp(Struct, frozen=True):
    """A new person. `tokens` is None where their address must be confirmed first."""

    user: User
    organization: Organization
    tokens: Tokens | None


async def sign_up(
    context: Context, realm: Realm, new: NewUser, client: Client | None = None, *, link_to: str | None = None
) -> SignedUp:
    """Make an account, with an organisation of its own and a session, and mail a link to confirm the address.

    The organisation is called `organization`, or `metadata.company_name`, or after the person. `link_to` is the URL
    that the token is appended to in the mail; by default the console's. Raises SignUpClosed, EmailTaken, WeakPassword,
    Invalid. Emits organization.created, member.joined, and user.login where a session began.
    """
    if not realm.sign_up_open and not new.email_verified:
        raise SignUpClosed
    email = email_address(new.email)
    first_name = one_line(new.first_name, "first_name", most=100)
    last_name = one_line(new.last_name, "last_name", most=100)
    metadata = checked_metadata(new.metadata)
    named = metadata.get("company_name")
    company = one_line(named, "company_name") if isinstance(named, str) else ""
    if new.organization is not None:
        company = one_line(new.organization, "organization", required=True)
    company = company or _own_organization(email, first_name, last_name)
    password_hash = await hash_password(checked_password(new.password, email))
    async with context.works.across_tenants("sign up") as work:
        verified_at = work.now if new.email_verified else None
        user = await store.insert_user(
            work, new_id(), email, password_hash, first_name, last_name, metadata, verified_at
        )
        if user is None:
            raise EmailTaken
        organization = await organizations.found(work, user.id, NewOrganization(company, new.country, new.time_zone))
        mail_id = None if new.email_verified else await owe_verification(context, work, user, link_to)
        tokens = None
        if new.email_verified or not realm.confirm_emails:
            tokens = await begin_session(work, realm, user.id, client or Client())
    if mail_id is not None:
        await outbox.send(context, mail_id)
    return SignedUp(tokens.user if tokens else user, organization, tokens)


async def create_platform_admin(works: Works, email: str, password: str) -> User:
    """An account that may do what concerns the whole installation, and belongs to no organisation. For the operator's
    command line only. Raises EmailTaken, WeakPassword, Invalid."""
    email = email_address(email)
    password_hash = await hash_password(checked_password(password, email))
    async with works.across_tenants("platform admin") as work:
        user = await store.insert_user(work, new_id(), email, password_hash, "", "", {}, work.now, platform_admin=True)
    if user is None:
        raise EmailTaken
    return user


def _own_organization(email: str, first_name: str, last_name: str) -> str:
    name = f"{first_name} {last_name}".strip() or email.partition("@")[0]
    return f"{name}'s organisation"
