"""Ids in paths and forms. Those in JSON bodies and queries are typed fields."""

from collections.abc import Callable
from uuid import UUID

from frontdesk.kernel.errors import Invalid, NotFound
from frontdesk.kernel.ids import parse_id


def path_id(text: str, missing: Callable[[], NotFound]) -> UUID:
    """The id in a path. One that cannot be an id names nothing: raises `missing()`, as the service would."""
    found = parse_id(text)
    if found is None:
        raise missing()
    return found


def body_id(text: str | None, field: str) -> UUID | None:
    """The id in a form's field, or None where it is not given or empty. Raises Invalid with `field`."""
    if not text:
        return None
    found = parse_id(text)
    if found is None:
        raise Invalid(f"{field} is not an id.", field=field)
    return found
