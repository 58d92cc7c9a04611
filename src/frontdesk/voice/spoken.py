"""Written words as a voice should say them: hours, dates, addresses, numbers, signs. Pure."""

import re

_DAYS = {"Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday",
         "Sat": "Saturday", "Sun": "Sunday"}  # fmt: skip
_MONTHS = {"Jan": "January", "Feb": "February", "Mar": "March", "Apr": "April", "Jun": "June", "Jul": "July",
           "Aug": "August", "Sep": "September", "Oct": "October", "Nov": "November", "Dec": "December"}  # fmt: skip
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth",
             9: "ninth", 10: "tenth", 11: "eleventh", 12: "twelfth", 13: "thirteenth", 14: "fourteenth",
             15: "fifteenth", 16: "sixteenth", 17: "seventeenth", 18: "eighteenth", 19: "nineteenth",
             20: "twentieth", 30: "thirtieth"}  # fmt: skip
_CURRENCIES = {"£": "pounds", "$": "dollars", "€": "euros"}

_SHORT_DAY = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b\.?")
_SHORT_MONTH = re.compile(r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b\.?")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({_MONTH})\b")
_MONTH_DAY = re.compile(rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)")
_CLOCK = re.compile(r"\b(\d{1,2})(?::(\d\d))? ?([ap])(?:m\b|\.m\.)", re.I)
_FROM_TO = re.compile(r"(\d(?::\d\d)?(?: ?[ap]m)?) ?[-–] ?(?=\d{1,2}(?::\d\d| ?[ap]m))", re.I)
_CLOCK_24 = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)\b(?! ?[ap]\.?m)", re.I)
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"\bhttps?://(?:www\.)?([\w.-]+)\S*|\bwww\.([\w.-]+)\S*")
_MONEY = re.compile(r"([£$€]) ?(\d[\d,]*)(?:\.(\d\d))?\b")
_PHONE = re.compile(r"\+?\d(?:[ ()-]?\d){6,14}\b")
_SIGNS = ((" & ", " and "), ("%", " percent"), (" - ", ", "), (" – ", ", "), (" / ", " or "))


def spoken(text: str) -> str:
    """`text` with what a voice would stumble over written out as it is said. The meaning stays; it may grow longer."""
    text = _URL.sub(lambda found: _address(found[1] or found[2]), text)
    text = _EMAIL.sub(lambda found: _address(found[0]), text)
    text = _MONEY.sub(_money, text)
    text = _SHORT_DAY.sub(lambda found: _DAYS[found[1]], text)
    text = _SHORT_MONTH.sub(lambda found: _MONTHS[found[1]], text)
    text = _DAY_MONTH.sub(lambda found: f"the {ordinal(int(found[1]))} of {found[2]}", text)
    text = _MONTH_DAY.sub(lambda found: f"{found[1]} the {ordinal(int(found[2]))}", text)
    text = re.sub(r"\bthe the\b", "the", text)
    text = _FROM_TO.sub(r"\1 to ", text)
    text = _CLOCK.sub(lambda found: _hour(int(found[1]), int(found[2] or 0), found[3].upper()), text)
    text = _CLOCK_24.sub(lambda found: _hour_24(int(found[1]), int(found[2])), text)
    text = _PHONE.sub(lambda found: digits(found[0]), text)
    for sign, words in _SIGNS:
        text = text.replace(sign, words)
    return " ".join(re.sub(r"[*_#`<>|{}\[\]]+", " ", text).split())


def ordinal(number: int) -> str:
    """ "twenty-fourth"."""
    if number in _ORDINALS or not 0 < number < 40:
        return _ORDINALS.get(number, str(number))
    return f"{'twenty' if number < 30 else 'thirty'}-{_ORDINALS[number % 10]}"


def digits(number: str) -> str:
    """A telephone number, figure by figure, in groups of three with a pause between."""
    figures = [figure for figure in number if figure.isdigit()]
    groups = [" ".join(figures[at : at + 3]) for at in range(0, len(figures), 3)]
    if len(groups) > 1 and len(groups[-1]) == 1:  # no lonely last figure
        groups[-2:] = [f"{groups[-2]} {groups[-1]}"]
    return ("plus " if number.lstrip().startswith("+") else "") + ", ".join(groups)


def _hour(hour: int, minute: int, half: str) -> str:
    between = f" {minute}" if minute >= 10 else f" oh {minute}" if minute else ""
    return f"{hour}{between} {half} M"


def _hour_24(hour: int, minute: int) -> str:
    return _hour(hour % 12 or 12, minute, "A" if hour < 12 else "P")


def _money(found: re.Match[str]) -> str:
    whole = found[2].replace(",", "")
    name = _CURRENCIES[found[1]]
    cents = f" {int(found[3])}" if found[3] and int(found[3]) else ""
    return f"{whole} {name.removesuffix('s') if whole == '1' and not cents else name}{cents}"


def _address(text: str) -> str:
    text = text.rstrip(".")
    for sign, word in (("@", " at "), (".", " dot "), ("-", " dash "), ("_", " underscore "), ("+", " plus ")):
        text = text.replace(sign, word)
    return text
