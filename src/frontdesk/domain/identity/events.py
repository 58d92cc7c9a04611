"""Facts about people. They are told to the organisation that a session is for; where there is none, nobody is told."""

from uuid import UUID

from frontdesk.platform.events import Fact, fact


@fact("user.login", "user")
class UserSignedIn(Fact, frozen=True, kw_only=True):
    """A person began a session, by password, sign-up, invitation or mailed link."""

    session_id: UUID
    kind: str
