"""The words of a campaign's texts: placeholders, what stands in for what is missing, names as people write them, and
what is wrong with a text before it is saved. Pure; no I/O."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from frontdesk.domain.contactability.refusals import KEYWORDS, plain
from frontdesk.domain.leads.model import Lead

FALLBACKS = {
    "first_name": "there",
    "last_name": "",
    "company": "your company",
    "postcode": "your area",
    "service_interest": "your enquiry",
    "business": "us",
    "agent_name": "the team",
}
"""What stands where a lead has nothing of the kind, unless the text says otherwise: {first_name|friend}."""

OF_LEADS = ("first_name", "last_name", "company", "postcode", "service_interest")
"""The placeholders that are fields of leads; the others are the organisation's."""

_PLACEHOLDER = re.compile(r"\{{1,2}\s*([^{}|]*?)\s*(?:\|([^{}]*))?\}{1,2}")
_BRACE = re.compile(r"[{}]")
_ALIENS = re.compile(
    r"[\[<%]+\s*((?:first|last|sur|full)?[ _-]?name|company|postcode|business)\s*[\]>%]+", re.IGNORECASE
)
"""How other products write placeholders."""
_WAY_OUT = re.compile(r"\bstop\b|\bopt[ -]?out\b|\bunsubscribe\b", re.IGNORECASE)

_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_FIXED = re.compile(r"\S*\d\S*|\S+[@/]\S+|[\w-]+(?:\.[\w-]{2,})+", re.ASCII)
"""Figures and addresses: what a text offers, and where it leads."""

_TITLE = re.compile(r"(?:mr|mrs|ms|miss|mx|dr|prof|sir|rev)\.?(?:\s+|$)", re.IGNORECASE)
_NOBODY = frozenset(["n/a", "none", "null", "unknown", "test", "no name", "not known"])
_PARTS = re.compile(r"[^\W\d_]+")


def name_as_written(text: str) -> str:
    """A name as its bearer would write it: "MR JOHN  O'BRIEN " is John O'Brien. Empty for what is no name: an address,
    a number, n/a."""
    name = _TITLE.sub("", " ".join(text.split()), count=1).strip(" .,;-")
    if not re.search(r"[^\W\d_]", name) or re.search(r"[\d@<>]", name) or name.casefold() in _NOBODY:
        return ""
    if name.isupper() or name.islower():
        name = _PARTS.sub(lambda match: _capital(match[0], name.isupper()), name)
        name = re.sub(r"'(S)\b", "'s", name)
    return name


def _capital(part: str, shouted: bool) -> str:
    if shouted and 1 < len(part) < 4 and not re.search(r"[AEIOUY]", part):
        return part  # initials: JJ, TK
    if part[:2].lower() == "mc" and len(part) > 3:
        return f"Mc{part[2].upper()}{part[3:].lower()}"
    return part[0].upper() + part[1:].lower()


def render(template: str, lead: Lead, business: str, agent_name: str) -> str:
    """The text for one lead: its fields, or what stands in for them, in place of `{first_name}` and the like."""
    return filled(template, {name: getattr(lead, name) for name in OF_LEADS}, business, agent_name)


def filled(template: str, fields: Mapping[str, str | None], business: str, agent_name: str) -> str:
    """The same of a lead's fields by name. No brace is ever left, whatever the template or a lead has in it."""

    def fill(match: re.Match[str]) -> str:
        name = _named(match[1])
        value = business if name == "business" else agent_name if name == "agent_name" else fields.get(name) or ""
        value = " ".join(_BRACE.sub(" ", value).split())
        if name in ("first_name", "last_name"):
            value = name_as_written(value)
        return value or (FALLBACKS.get(name, "") if match[2] is None else match[2].strip())

    text = _BRACE.sub("", _PLACEHOLDER.sub(fill, template))
    return re.sub(r"[ \t]+([,.!?])", r"\1", re.sub(r"[ \t]{2,}", " ", text)).strip()


def fields_used(template: str) -> set[str]:
    """The fields of leads that the text shows."""
    return {_named(match[1]) for match in _PLACEHOLDER.finditer(template)} & set(OF_LEADS)


def _named(written: str) -> str:
    return re.sub(r"[\s-]+", "_", written.strip().casefold())


def wrong_with(template: str) -> str | None:
    """What has to be mended before the text may be saved, as a sentence; None: nothing."""
    for match in _PLACEHOLDER.finditer(template):
        name = _named(match[1])
        if name not in FALLBACKS:
            meant = ["first_name"] if name == "name" else get_close_matches(name, FALLBACKS, 1, 0.6)
            suggestion = f" Did you mean {{{meant[0]}}}?" if meant else ""
            return f"There is no field {{{match[1].strip()}}}.{suggestion}"
    left = _PLACEHOLDER.sub("", template)
    if _BRACE.search(left):
        return "A brace is not closed. A field is written as {first_name}."
    alien = _ALIENS.search(left)
    if alien:
        meant = get_close_matches(_named(alien[1]), FALLBACKS, 1, 0.4) or ["first_name"]
        return f"{alien[0]} would be sent as it stands. Write it as {{{meant[0]}}}."
    return None


def lacks_way_out(template: str) -> bool:
    """Whether the text does not say how to stop the texts: the first one should."""
    return not _shows_way_out(template)


def _shows_way_out(text: str) -> bool:
    """Whether it names a word that stops the texts: an English one, or one of another language in capitals."""
    capitals = (word for word in _PARTS.findall(text) if word.isupper())
    return _WAY_OUT.search(text) is not None or any(plain(word) in KEYWORDS for word in capitals)


def fixed(text: str, names: Iterable[str]) -> list[str]:
    """What of a filled text has to stay as it is, whoever words it anew: those of `names` that it has, its way out with
    the whole sentence, its figures and addresses."""
    kept = [name for name in names if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)]
    kept += [sentence.strip() for sentence in _SENTENCE.split(text) if _shows_way_out(sentence)]
    kept += [found[0].strip(".,;:!?()\"'") for found in _FIXED.finditer(text)]
    return list(dict.fromkeys(kept))
