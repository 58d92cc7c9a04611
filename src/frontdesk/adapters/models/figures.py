"""Money and other figures in a reply: none that nobody has named before."""

import re
from collections.abc import Iterator, Sequence

from frontdesk.adapters.models.known import of_business
from frontdesk.adapters.models.prompt import zone_of
from frontdesk.ports.llm import Brief, Fact, Slot

_AMOUNT = r"\d[\d,]*(?:\.\d+)?"
_MONEY = re.compile(
    rf"(?P<sign>[£$€¥₹]) ?(?P<a>{_AMOUNT}) ?(?P<ak>k|m|grand)?\b|"
    rf"\b(?P<b>{_AMOUNT}) ?(?P<bk>k)?(?: ?(?P<unit>quid|pounds?|dollars?|bucks|euros?|pence|cents|grand|gbp|usd|"
    r"eur|k|p)\b| ?(?P<per>%|percent\b|per cent\b))",
    re.I,
)
_NUMBER_WORD = (
    r"(?:a|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|"
    r"seventy|eighty|ninety|hundred|thousand|million|half a|couple of|few)"
)
_WORDED = re.compile(
    rf"\b(?:{_NUMBER_WORD}[ -](?:and )?)+(?:pounds?|quid|dollars?|bucks|euros?|pence|percent|per cent|grand)\b|"
    r"\b(?:a )?(?:fiver|tenner)\b|\bhalf[ -]price\b|"
    r"\bfor free\b|\bfree of charge\b|\bcomplimentary\b|\bon the house\b|\b(?:at )?no (?:extra )?(?:cost|charge)\b|"
    r"\bfree,? (?:no[- ]obligation )?(?:quote|quotation|survey|consultation|estimate|visit|installation|fitting|"
    r"delivery|trial|gift|upgrade|month|sample|assessment)s?\b",
    re.I,
)
_GRATIS = re.compile(r"\bfor free\b|\bfree of charge\b|\bno (?:extra )?(?:cost|charge)\b|\bcosts nothing\b")
_ECHOES = re.compile(
    r"\byou(?:'ve| have)? (?:said|mention\w*|wrote|asked|told|were|paid)\b|\byour (?:budget|figure)\b", re.I
)
_AGREES = re.compile(
    r"\b(?:deal|agree\w*|confirm\w*|yes|sure|of course|certainly|absolutely|honou?r\w*|guarante\w*|no problem|"
    r"can do|will do|sold|bind\w*|accept\w*|done|we(?:'ll| will) match)\b",
    re.I,
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")
_MERIDIEM = re.compile(r"\b([ap])\. ?m\b", re.I)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b", re.I)
"""Whether there is anything on a date is for `times_told` to say."""
_COUNTED = re.compile(r"\b(\d+(?:,\d{3})*(?:\.\d+)?)[ -]([a-z]{3,})", re.I)
_NUMBERS = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")

Sum = tuple[str, str]
"""The kind (money, percent) and the amount in plain digits."""


def invented_money(text: str, brief: Brief, facts: Sequence[Fact]) -> list[str]:
    """Prices, percentages and gifts in `text` that neither the knowledge nor we have named before.

    A figure that only the lead named may be repeated to it as its own, never agreed to.
    """
    ours = of_business(brief, facts)
    allowed = {amount for words in ours for _, amount in _sums(words)}
    theirs = {amount for turn in brief.turns if not turn.ours for _, amount in _sums(turn.text)}
    known = "\n".join(ours).lower()
    wrong: list[str] = []
    for sentence in _SENTENCES.split(text):
        echoed = bool(_ECHOES.search(sentence)) and not _AGREES.search(sentence)
        wrong += [
            words for words, amount in _sums(sentence) if amount not in allowed and not (echoed and amount in theirs)
        ]
        wrong += [found[0] for found in _WORDED.finditer(sentence) if not _is_known(found[0].lower(), known)]
    return wrong


def _is_known(words: str, known: str) -> bool:
    if words in known:
        return True
    if _GRATIS.search(words):
        return _GRATIS.search(known) is not None
    # "a free survey", where it is known that "surveys are free"
    return "free" in words and re.search(rf"\b{words.split()[-1].rstrip('s')}s? (?:is|are) free\b", known) is not None


def _sums(text: str) -> Iterator[tuple[str, Sum]]:
    for found in _MONEY.finditer(_MERIDIEM.sub(r"\1m", text)):
        amount = float((found["a"] or found["b"]).replace(",", "").rstrip("."))
        if (found["ak"] or found["bk"] or found["unit"] or "").lower() in ("k", "grand"):
            amount *= 1000
        if (found["unit"] or "").lower() in ("p", "pence", "cents"):
            amount /= 100
        yield found[0].strip(), ("percent" if found["per"] else "money", f"{amount:g}")


def unknown_numbers(text: str, brief: Brief, facts: Sequence[Fact]) -> list[str]:
    """Numbers in `text` that stand nowhere: not in what is known, not in what was said, not in a time that there is."""
    ours = of_business(brief, facts)
    said = "\n".join([brief.lead_interest, *(turn.text for turn in brief.turns if not turn.ours)])
    known = {number for words in ours for number in _numbers(words)} | _of_calendar(brief)
    known |= set(_numbers(said))
    wrong = [number for number in _numbers(_DATE.sub("", text)) if number not in known]
    # What the business counts itself ("25 year"), the lead does not get to count otherwise.
    counted = [pair for words in ours for pair in _counted(words)]
    units = {unit for _, unit in counted}
    return wrong + [pair[0] for pair in _counted(_DATE.sub("", text)) if pair[1] in units and pair not in counted]


def _counted(text: str) -> list[tuple[str, str]]:
    """Numbers with what they count."""
    return [(_numbers(found[1])[0], found[2].lower().rstrip("s")) for found in _COUNTED.finditer(text)]


def _numbers(text: str) -> list[str]:
    return [found[0].replace(",", "").lstrip("0") or "0" for found in _NUMBERS.finditer(text)]


def _of_calendar(brief: Brief) -> set[str]:
    zone = zone_of(brief)
    slots: list[Slot] = [*brief.free_slots, *brief.offered_slots]
    instants = [*(slot.start for slot in slots), *([brief.booked] if brief.booked else [])]
    numbers = {f"{(slot.end - slot.start).seconds // 60}" for slot in slots}
    for local in (instant.astimezone(zone) for instant in (*instants, brief.now)):
        numbers |= {
            f"{n}" for n in (local.hour, local.hour % 12 or 12, local.minute, local.day, local.month, local.year)
        }
        numbers.add(f"{local.hour % 12 or 12}.{local.minute:02}")
    if brief.lead_enquired_on:
        asked = brief.lead_enquired_on
        numbers |= {f"{asked.day}", f"{asked.month}", f"{asked.year}"}
    return numbers
