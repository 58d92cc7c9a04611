"""Finding days and hours in plain words: the patterns, each with what it denotes. `times` makes one wish of them."""

import re
from enum import Enum, auto
from functools import cache

from msgspec import Struct

from frontdesk.adapters.offline import senses
from frontdesk.adapters.offline.senses import EVENING, MONTHS, NOON, WEEKDAYS, Maker, Sense, Today


class Kind(Enum):
    """What a mention narrows, or the flag it raises."""

    DAY = auto()
    WEEK = auto()
    """Several days, from which a weekday beside it chooses."""
    SPAN = auto()
    CLOCK = auto()
    SOONEST = auto()
    LATER = auto()
    EARLIER = auto()
    NOISE = auto()
    """Narrows nothing: a number that is no time, or "any time"."""


class Mention(Struct, frozen=True):
    """One day, span, hour or flag, and where it stands in the text."""

    at: int
    end: int
    kind: Kind
    sense: Sense


_WEEKDAY = "(?:" + "|".join(WEEKDAYS) + ")"
_MONTH = "(?:" + "|".join(MONTHS) + ")"
_PLAIN_MONTH = "(" + "|".join(month for month in MONTHS if month not in ("may", "march")) + ")"
_WORD = "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_COUNT = (
    r"(?:\d{1,3}|half an|an?(?: (?:few|couple of|couple))?|couple of|couple|few|several|fifteen|twenty|thirty|"
    + _WORD
    + ")"
)
# What makes a number a count, not an hour.
_NO_UNIT = (
    r"(?! ?(?:%|k\b|weeks?\b|months?\b|days?\b|years?\b|yrs?\b|minutes?\b|hours?\b|people\b|of\b|beds?|bedroom|quid|"
    r"pounds?|"
    r"times\b|more\b|other|st\b|nd\b|rd\b|th\b|/\d|\d|[.:]\d|kids|rooms?|sq|miles?|grand|options?|seconds?\b|secs?\b|mo\b))"
)
_HOUR = (
    rf"(?:\d{{1,2}}(?:[:.][0-5]\d)?(?: ?[ap]m\b)?{_NO_UNIT}|half (?:past )?(?:\d{{1,2}}|{_WORD})\b|"
    rf"{_WORD}(?: ?pm| oclock)?\b{_NO_UNIT}|noon\b)"
)
_ABOUT = r"(?:about |around |like |maybe |say |gone )?"

# Surest first: what one row takes, later rows do not see. `{names}` are filled in from the table below.
_ROWS: tuple[tuple[Kind, Maker, str], ...] = (
    (Kind.DAY, senses.iso_date, r"\b(\d{4})-(\d\d)-(\d\d)\b"),
    # numbers that are no time
    (Kind.NOISE, senses.nothing,
     r"[£$€] ?\d[\d,.]*k?|\b\d[\d,.]* ?(?:%|k\b|quid|pounds?|dollars?|bucks|grand|euros?|bed|beds|bedrooms?|years?|"
     r"yrs?|miles?|"
     r"people|kids|panels?|rooms?|sq|metres|meters|texts?|messages?|calls?)\b"),
    (Kind.NOISE, senses.nothing,
     r"\b(?:last|this time last|previous) (?:night|week|month|year|time|summer|spring|winter|autumn|{weekday})\b|"
     r"\byesterday\b"),
    (Kind.NOISE, senses.nothing, r"\+?\d[\d -]{8,}\d|\d{5,}"),
    # from now
    (Kind.DAY, senses.from_now,
     r"\b(?:in|after|give me) (?:about |like |around |another )?({count}) ?(minutes?|m|hours?|h)\b"),
    (Kind.DAY, senses.units_ahead,
     r"\b(?:in|after|another|give (?:me|it)|maybe|until|for|next|try|(?=couple|(?:a )?few)) ?(?:about |like |"
     r"another |me in )?"
     r"({count})(?: more)? ?(days?|weeks?|months?|years?|fortnight)\b(?! (?:ago|back|old|before))(?: or so| time)?"),
    (Kind.NOISE, senses.nothing, r"\b{count} ?(?:days?|weeks?|months?|years?|minutes?|hours?)\b(?: ago| back| old)?"),
    # dates
    (Kind.DAY, senses.day_month, r"\b(?:the )?(\d{1,2})(?:st|nd|rd|th)?(?: of)? ({month})\b"),
    (Kind.DAY, senses.month_day, r"\b({month})(?: the)? (\d{1,2})(?:st|nd|rd|th)?\b(?! ?[ap]m|:)"),
    (Kind.DAY, senses.slashed, r"\b(\d{1,2})/(\d{1,2})(?:/(?:20)?\d\d)?\b"),
    (Kind.DAY, senses.of_month, r"\b(?:the |on )*(\d{1,2})(?:st|nd|rd|th)\b(?! (?:one|option|slot|time|choice))"),
    # months and seasons
    (Kind.DAY, senses.whole_month, r"\b(?:in|until|after|of|early|late|mid|for|maybe|around|during|by) (may|march)\b"),
    (Kind.DAY, senses.whole_month, r"\b(?:end of |start of |beginning of |early |late |mid )?{plain_month}\b"),
    (Kind.DAY, senses.new_year,
     r"\b(?:the |into |in |after |until )*new years?\b|\bafter (?:christmas|the (?:festive|holiday)s?(?: season|"
     r" period)?)\b"),
    (Kind.DAY, senses.next_month, r"\b(?:next|following|end of the|another) month\b|\bmonth end\b|\bpay ?day\b"),
    (Kind.DAY, senses.never_soon,
     r"\b(?:next|the following|in the|after the|over the|this) (?:year|spring|summer|autumn|fall|winter|easter|"
     r"holidays)\b|"
     r"\b(?:after|until|by|around) (?:spring|summer|autumn|winter|easter|christmas|holidays?)\b"),
    # weeks
    (Kind.WEEK, senses.week(1, 0, 2),
     r"\b(?:early|start of|beginning of|earlier)(?: in)?(?: the)? next week\b|\bnext week early\b"),
    (Kind.WEEK, senses.week(1, 3, 2), r"\b(?:late|later|end of|back end of)(?: in)?(?: the)? next week\b"),
    (Kind.WEEK, senses.week(0, 3, 2),
     r"\b(?:later|end|back end|latter (?:part|half)|late)(?: of| in)?(?: the| this)? week\b"),
    (Kind.WEEK, senses.week(0, 1, 3), r"\bmid ?-?week\b"),
    (Kind.WEEK, senses.week(2), r"\bweek after next\b|\b(?:in )?(?:a )?fortnight\b"),
    (Kind.WEEK, senses.week(1), r"\b(?:next|the following|the coming) week\b|\bweek after\b"),
    (Kind.WEEK, senses.week(0), r"\b(?:this|rest of the|during the|in the) week\b(?! ?end)"),
    (Kind.DAY, senses.weekend, r"\b(this |next |the |at the |over the |coming )*week ?ends?\b"),
    (Kind.WEEK, senses.working_days, r"\bweek ?days?\b"),
    # days, and "am" and "pm" beside them while they can be seen
    (Kind.SPAN, senses.span(0, NOON, "morning"), r"(?:(?<=day )|(?<=row ))am\b(?! (?:free|ok|good|here|out|in)\b)"),
    (Kind.SPAN, senses.span(NOON, EVENING, "afternoon"), r"(?:(?<=day )|(?<=row ))pm\b"),
    (Kind.DAY, senses.weekday_range, r"\b({weekday}) ?(?:-|to|through|thru) ?({weekday})\b"),
    (Kind.DAY, senses.weekday, r"\b(this |next |coming |on )*({weekday})( week\b)?"),
    (Kind.DAY, senses.ahead(2), r"\b(?:the )?day after (?:tomorrow|next)\b"),
    (Kind.DAY, senses.ahead(8), r"\btomorrow week\b"),
    (Kind.DAY, senses.ahead(1), r"\btomorrow\b"),
    (Kind.DAY, senses.tonight, r"\btonight\b|\bthis evening\b"),
    (Kind.DAY, senses.ahead(0), r"\blater (?:on )?today\b|\btoday\b|\bthis(?= (?:morning|afternoon)\b)"),
    # spans between hours
    (Kind.CLOCK, senses.past_or_to,
     r"\b(?:(?:at|around|about) )?(quarter|five|ten|fifteen|twenty five|twenty|5|10|15|20|25)(?: minutes?)? (past|"
     r"to) ({hour})"),
    (Kind.SPAN, senses.between,
     r"\b(?:between |from |any ?where between |any ?time between )?({hour}) ?(?:-|to|and|until) ?({hour})"),
    (Kind.SPAN, senses.since,
     r"\b(?:busy|working|work|in meetings?|meetings?|out|away|driving|tied up|asleep|shift|not (?:free|available|"
     r"home|back|in)) "
     r"until {about}({hour})"),
    (Kind.SPAN, senses.since,
     r"\b(?:any ?time after|after|from|(?<!half )past|later than|not before|not until|no earlier than|gone|"
     r"(?:finish|finished|knock off|clock off|off|out|home|back|in|free|done|available)(?: work| from work)?"
     r"(?: at| by| around| from| about){1,2}) {about}({hour})(?: onwards)?"),
    (Kind.SPAN, senses.since, r"\b({hour}) ?(?:onwards|or later|or after|and after|\+)(?!\w)"),
    (Kind.SPAN, senses.until, r"\b({hour}) (?:or earlier|or before|at the latest|latest)\b"),
    (Kind.SPAN, senses.until,
     r"\b(?:any ?time before|before|by|until|earlier than|not after|no later than|up to) {about}({hour})"),
    # parts of the day
    (Kind.SPAN, senses.span(EVENING, part="evening"),
     r"\bafter (?:the )?(?:work|dinner|tea)\b|\b(?:out of|outside) (?:work|office) hours\b|"
     r"\bonce i am home(?: from work)?\b"),
    (Kind.SPAN, senses.span(930), r"\bafter (?:the )?school(?: run)?\b"),
    (Kind.SPAN, senses.span(780, EVENING, "afternoon"), r"\bafter lunchtime\b"),
    (Kind.SPAN, senses.span(0, 600, "morning"),
     r"\b(?:before (?:work|i start|school)|first thing|early doors|early morning|"
     r"early in the morning)\b(?: in the morning)?"),
    (Kind.SPAN, senses.span(570, 691, "morning"), r"\bmid ?-?morning\b"),
    (Kind.SPAN, senses.span(630, 721, "morning"), r"\b(?:later?(?: in the)? morning|before lunchtime)\b"),
    (Kind.SPAN, senses.span(NOON, 900, "afternoon"), r"\bearly(?: in the)? afternoon\b"),
    (Kind.SPAN, senses.span(840, 961, "afternoon"), r"\bmid ?-?afternoon\b"),
    (Kind.SPAN, senses.span(930, 1081, "afternoon"),
     r"\b(?:later?(?: in the)? afternoon|end of (?:the )?(?:working )?day|late in the day|close of play|cop|eod)\b"),
    (Kind.SPAN, senses.span(NOON, 841, "afternoon"),
     r"\b(?:over |at |around |during |on (?:my )?)?lunchtime(?: ?break| ?hour| time)?\b|\bdinner ?time\b"),
    (Kind.SPAN, senses.span(0, NOON, "morning"),
     r"\bmorning\b|\b(?:this|in the|the|an) am\b|^am$"),
    (Kind.SPAN, senses.span(NOON, EVENING, "afternoon"),
     r"\bafternoon\b|\b(?:this|in the|the|a) pm\b|^pm$"),
    (Kind.SPAN, senses.span(EVENING, part="evening"), r"\bevening\b|\bnight\b|\bteatime\b"),
    # hours
    (Kind.CLOCK, senses.clock, r"\b(?:(?:at|around|about) )?(half (?:past )?(?:\d{1,2}|{word}))\b"),
    (Kind.CLOCK, senses.clock, r"\b(?:(?:at|around|about) )?(\d{1,2}|{word}) ?oclock\b(?: ?([ap]m)\b)?"),
    (Kind.CLOCK, senses.clock, r"(?:\bat |@ ?|\baround |\babout )?\b(noon)\b"),
    (Kind.CLOCK, senses.compact, r"(?:\bat |@ ?|\baround |\babout )?\b(\d{3,4})([ap]m)\b"),
    (Kind.CLOCK, senses.compact, r"(?:\bat |@ ?|\baround )?\b((?:[01]\d|2[0-3])[0-5]\d) ?(?:hours|h)\b"),
    (Kind.CLOCK, senses.compact, r"(?:\bat |@ ?|\baround )((?:[01]\d|2[0-3])[0-5]\d|[1-9][0-5]\d)\b"),
    (Kind.CLOCK, senses.clock,
     r"(?:\b(?:at|around|about|for) |@ ?)?\b(\d{1,2}[:.][0-5]\d(?: ?[ap]m)?|\d{1,2} ?[ap]m)\b(?: ?-?ish)?"),
    (Kind.CLOCK, senses.clock, r"\b(?:around |about |at )?(\d{1,2}|{word}) ?-?ish\b"),
    (Kind.CLOCK, senses.clock,
     r"(?:\b(?:at|around|about|approx|circa|roughly)|@) ?(?:around |about |like |maybe )?(\d{1,2}|{word})\b{no_unit}"),
    (Kind.CLOCK, senses.clock, r"\b(?:the|say|for|make it|do) (\d{1,2})\b{no_unit}(?! one)"),
    # flags
    (Kind.NOISE, senses.nothing,
     r"\b(?:another|different|other|some other|any other|alternative) (?:day|time|slot|option|date)s?\b|"
     r"\b(?:anything|something|any ?time) else\b|\bnone of (?:them|those|these)\b|\bneither\b"),
    (Kind.SOONEST, senses.nothing,
     r"\basap\b|\b(?:right |straight ?)away\b|\bimmediately\b|\bas soon as\b|\bsoonest\b|\bthis (?:minute|second)\b|"
     r"(?<!not )(?<!not right )\b(?:right )?now\b|\bshortly\b|\bin a (?:bit|sec|second|moment|mo|minute|tick)\b|"
     r"\bsoon\b"),
    (Kind.NOISE, senses.nothing,
     r"\bany ?time\b|\bwhen ?ever\b|\bany ?day\b|\bany of\b|\bwhichever\b|\bflexible\b|"
     r"\bany\b(?= *(?:$|[.!,\n]|(?:slot|one|is|are|works|suits?|will|good|ok)\b))|\b(?:free )?all day\b"),
    (Kind.LATER, senses.nothing, r"\blater\b"),
    (Kind.EARLIER, senses.nothing, r"\bearlier\b|\bsooner\b"),
)  # fmt: skip

_NAMES = {
    "{count}": _COUNT, "{month}": _MONTH, "{plain_month}": _PLAIN_MONTH, "{weekday}": _WEEKDAY, "{word}": _WORD,
    "{hour}": _HOUR, "{no_unit}": _NO_UNIT, "{about}": _ABOUT,
}  # fmt: skip


@cache
def _compiled() -> tuple[tuple[Kind, Maker, re.Pattern[str]], ...]:
    rows: list[tuple[Kind, Maker, re.Pattern[str]]] = []
    for kind, make, pattern in _ROWS:
        for name, words in _NAMES.items():
            pattern = pattern.replace(name, words)
        rows.append((kind, make, re.compile(pattern)))
    return tuple(rows)


def find(text: str, today: Today) -> tuple[list[Mention], str]:
    """All mentions of days and hours in plain `text`, in order, and the text with them blanked out in place."""
    found: list[Mention] = []
    rest = text
    for kind, make, pattern in _compiled():
        for match in pattern.finditer(rest):
            sense = make(match, today)
            if sense is not None:
                found.append(Mention(at=match.start(), end=match.end(), kind=kind, sense=sense))
                rest = rest[: match.start()] + " " * len(match[0]) + rest[match.end() :]
    found.sort(key=lambda mention: mention.at)
    for match in _bare().finditer(rest):
        if _is_hour(text, match, found) and (clocks := senses.readings(match[0])):
            found.append(Mention(at=match.start(), end=match.end(), kind=Kind.CLOCK, sense=Sense(clocks=clocks)))
            rest = rest[: match.start()] + " " * len(match[0]) + rest[match.end() :]
    return sorted(found, key=lambda mention: mention.at), rest


def _is_hour(text: str, number: re.Match[str], found: list[Mention]) -> bool:
    """A bare number is an hour beside a day ("10 tomorrow") and after an hour ("at 3 or 4")."""
    for mention in found:
        if mention.kind in (Kind.DAY, Kind.WEEK) and _BESIDE.fullmatch(text[number.end() : mention.at]):
            return True
        if mention.kind in (Kind.DAY, Kind.WEEK) and _THEN.fullmatch(text[mention.end : number.start()]):
            return True
        if mention.kind in (Kind.CLOCK, Kind.SPAN) and _AND.fullmatch(text[mention.end : number.start()]):
            return True
    return False


_BESIDE = re.compile(r" ?(?:on |for )?")
_THEN = re.compile(r",? (?:at |for |say |about )?")
_AND = re.compile(r" ?(?:or|and|/|,|or at|or maybe) ?")


@cache
def _bare() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.:/£$€-])\d{{1,2}}\b{_NO_UNIT}")
