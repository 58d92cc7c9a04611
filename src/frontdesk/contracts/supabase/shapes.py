"""What goes in and out of GoTrue's routes. Members of a body that are not named here are ignored."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from frontdesk.contracts._http.times import Instant, iso
from frontdesk.domain.identity import model
from frontdesk.domain.identity.model import Realm
from frontdesk.kernel.ids import new_id
from frontdesk.platform.tokens import AUDIENCE, app_metadata


class SignUp(Struct):
    """`data` becomes the user's metadata; names and `company_name` in it are understood."""

    email: str
    password: str
    data: dict[str, Any] | None = None


class Credentials(Struct):
    """The body of both grants."""

    email: str | None = None
    password: str | None = None
    refresh_token: str | None = None


class UserChange(Struct):
    """What to change; `data` is merged into the metadata, and a key set to null goes."""

    email: str | None = None
    password: str | None = None
    data: dict[str, Any] | None = None


class Recovery(Struct):
    """Whose password is forgotten."""

    email: str


class Resend(Struct):
    """Which mail to send again. `email_change` goes to the address that was asked for, and needs to be asked again."""

    email: str
    type: Literal["signup"]


class Verification(Struct):
    """A token from a mailed link, under either name that clients use."""

    type: str
    token_hash: str | None = None
    token: str | None = None


class Scoped(Struct):
    """Query of logout."""

    scope: Literal["global", "local", "others"] = "global"


class Granted(Struct):
    """Query of token."""

    grant_type: str


class Redirecting(Struct):
    """Query of what sends a mail: where its link is to lead in the end."""

    redirect_to: str = ""


class Followed(Struct):
    """Query of a link in a mail."""

    token: str
    type: str
    redirect_to: str = ""


class Health(Struct):
    """That the service answers."""

    name: str = "GoTrue"
    version: str = "v2.180.0"
    description: str = "GoTrue is a user registration and authentication API"


class Identity(Struct):
    """The one way in that a user has here."""

    identity_id: str
    id: str
    user_id: str
    identity_data: dict[str, Any]
    provider: str
    created_at: Instant
    updated_at: Instant
    email: str
    last_sign_in_at: Instant | UnsetType = UNSET


class User(Struct):
    """A user as GoTrue shows one."""

    id: str
    aud: str
    role: str
    email: str
    phone: str
    app_metadata: dict[str, Any]
    user_metadata: dict[str, Any]
    identities: list[Identity]
    created_at: Instant
    updated_at: Instant
    is_anonymous: bool
    email_confirmed_at: Instant | UnsetType = UNSET
    confirmed_at: Instant | UnsetType = UNSET
    confirmation_sent_at: Instant | UnsetType = UNSET
    last_sign_in_at: Instant | UnsetType = UNSET
    new_email: str | UnsetType = UNSET

    @classmethod
    def of(cls, user: model.User, realm: Realm, metadata: dict[str, Any], *, new_email: str | None = None) -> "User":
        """`metadata` is what `app_metadata` shows. Where nobody need confirm an address, all count as confirmed."""
        confirmed = user.email_verified_at or (None if realm.confirm_emails else user.created_at)
        id_, created = str(user.id), iso(user.created_at)
        return cls(
            id=id_,
            aud=AUDIENCE,
            role=AUDIENCE,
            email=user.email,
            phone="",
            app_metadata=metadata,
            user_metadata=user.metadata,
            identities=[
                Identity(
                    identity_id=id_,
                    id=id_,
                    user_id=id_,
                    identity_data={
                        "sub": id_, "email": user.email, "email_verified": user.email_verified_at is not None,
                        "phone_verified": False,
                    },
                    provider="email",
                    last_sign_in_at=iso(user.last_sign_in_at) if user.last_sign_in_at else UNSET,
                    created_at=created,
                    updated_at=iso(user.updated_at),
                    email=user.email,
                )
            ],
            created_at=created,
            updated_at=iso(user.updated_at),
            is_anonymous=False,
            email_confirmed_at=iso(confirmed) if confirmed else UNSET,
            confirmed_at=iso(confirmed) if confirmed else UNSET,
            confirmation_sent_at=UNSET if confirmed else created,
            last_sign_in_at=iso(user.last_sign_in_at) if user.last_sign_in_at else UNSET,
            new_email=new_email or UNSET,
        )  # fmt: skip

    @classmethod
    def pretended(cls, email: str, data: dict[str, Any], at: Instant) -> "User":
        """What a sign-up answers for an address that has an account, where telling so would tell strangers."""
        return cls(
            id=str(new_id()),
            aud=AUDIENCE,
            role="",
            email=email,
            phone="",
            app_metadata={"provider": "email", "providers": ["email"]},
            user_metadata=data,
            identities=[],
            created_at=at,
            updated_at=at,
            is_anonymous=False,
            confirmation_sent_at=at,
        )


class Session(Struct):
    """Tokens and whose they are."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int
    expires_at: int
    user: User

    @classmethod
    def of(cls, tokens: model.Tokens, realm: Realm) -> "Session":
        role = tokens.role.value if tokens.role else None
        return cls(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            token_type="bearer",  # noqa: S106  (no password: the kind of token)
            expires_in=tokens.expires_in,
            expires_at=int(tokens.expires_at.timestamp()),
            user=User.of(tokens.user, realm, app_metadata(tokens.org_id, role)),
        )
