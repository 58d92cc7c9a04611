"""Signing up and in."""

from uuid import UUID

from frontdesk.contracts.hekax.dialect import Shape, role_name
from frontdesk.domain.identity import model
from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.errors import EmailNotConfirmed
from frontdesk.domain.organizations.model import Organization


class SignUp(Shape):
    """The body of a sign-up. Country (two letters) and time zone may be given beside what the document has."""

    email: str
    password: str
    name: str
    org_name: str
    country: str = "GB"
    timezone: str = "Europe/London"

    def user(self) -> model.NewUser:
        """The same in the product's words."""
        first_name, last_name = names_in(self.name)
        return model.NewUser(
            email=self.email,
            password=self.password,
            first_name=first_name,
            last_name=last_name,
            organization=self.org_name,
            country=self.country,
            time_zone=self.timezone,
        )


def names_in(name: str) -> tuple[str, str]:
    """First name, and what comes after it."""
    first, _, last = name.strip().partition(" ")
    return first, last.strip()


def full_name(first: str, last: str | None) -> str:
    """The way back."""
    return f"{first} {last or ''}".strip()


class Account(Shape):
    """Who has an account, and as what they are signed in."""

    id: UUID
    email: str
    name: str
    email_verified: bool
    role: str

    @classmethod
    def of(cls, tokens: model.Tokens) -> "Account":
        user, role = tokens.user, tokens.role
        name = full_name(user.first_name, user.last_name)
        return cls(user.id, user.email, name, user.email_verified_at is not None, role_name(role) if role else "")


class OwnOrganization(Shape):
    """The organisation that they are signed in to."""

    id: UUID
    name: str
    slug: str
    plan: str

    @classmethod
    def of(cls, org: Organization) -> "OwnOrganization":
        return cls(org.org_id, org.name, org.slug, org.plan.value.upper())


class SignedIn(Shape):
    """The answer to signing up, signing in, and joining by an invitation."""

    user: Account
    organization: OwnOrganization
    token: str

    @classmethod
    def of(cls, tokens: model.Tokens, org: Organization) -> "SignedIn":
        return cls(Account.of(tokens), OwnOrganization.of(org), tokens.access_token)

    @classmethod
    def of_new(cls, done: identity.SignedUp) -> "SignedIn":
        """Raises EmailNotConfirmed where the operator lets nobody in before: the account is made all the same."""
        if done.tokens is None:
            raise EmailNotConfirmed
        return cls.of(done.tokens, done.organization)


class LogIn(Shape):
    """The body of a sign-in."""

    email: str
    password: str


class Code(Shape):
    """The code from the mail."""

    code: str


class Verified(Shape):
    """The answer to the right one."""

    verified: bool = True


class Address(Shape):
    """Whose password is forgotten."""

    email: str


class Told(Shape):
    """An answer in words."""

    message: str


class NewPassword(Shape):
    """The token of the mailed link, and the password to be."""

    token: str
    password: str


class Done(Shape):
    """It was done."""

    success: bool = True


FIELDS = {"organization": "orgName", "first_name": "name", "last_name": "name", "time_zone": "timezone"}
"""The product's names of fields, to the document's."""
