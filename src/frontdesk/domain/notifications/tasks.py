"""Background work of notifications."""

from uuid import UUID

from msgspec import Struct

MAIL = "notifications.mail"


class MailsDue(Struct, frozen=True):
    """Somebody is to be mailed what they were told. `at_once`: however lately they were mailed."""

    org_id: UUID
    user_id: UUID
    at_once: bool = False
