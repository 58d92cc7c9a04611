"""Texts that people type into one-line fields: names, e-mail addresses. Longer texts are for their features."""

import re
import unicodedata

from frontdesk.kernel.errors import Invalid

_ADDRESS = re.compile(
    r"[^\s@\"(),:;<>\[\]\\]{1,64}@(?=.{1,253}$)[^\W_](?:[\w-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w-]{0,61}[^\W_])?)*"
)


def one_line(text: str, field: str, *, most: int = 200, required: bool = False) -> str:
    """`text` without space around it.

    Raises Invalid naming `field` when it is longer than `most` characters, holds line breaks or other characters that
    are not seen, or is empty though `required`.
    """
    text = text.strip()
    if required and not text:
        raise Invalid(f"{field} must not be empty.", field=field)
    if len(text) > most:
        raise Invalid(f"{field} must not be longer than {most} characters.", field=field)
    # Cc: control characters, NUL among them, which PostgreSQL refuses; Cs: halves of characters, which UTF-8 refuses.
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text):
        raise Invalid(f"{field} must be one line of text.", field=field)
    return text


def email_address(text: str, field: str = "email") -> str:
    """The address in `text`, in lower case, for that is how people compare them. Raises Invalid naming `field`."""
    address = one_line(text, field, most=320, required=True).lower()
    if not _ADDRESS.fullmatch(address):
        raise Invalid("This is not an e-mail address.", field=field)
    return address
