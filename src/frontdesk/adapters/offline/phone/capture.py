"""What a caller tells of themselves: name, number, e-mail, what it is about, how pressing. From words as heard."""

import re
from enum import Enum, auto

from msgspec import structs

from frontdesk.adapters.offline.phone import addresses, spelling
from frontdesk.ports.llm import Caller

LONGEST_REASON = 200


class Asked(Enum):
    """What our last words asked of a caller."""

    NOTHING = auto()
    NAME = auto()
    REASON = auto()
    PHONE = auto()
    EMAIL = auto()
    RIGHT_PHONE = auto()
    """Whether we have it right."""
    RIGHT_EMAIL = auto()
    MORE = auto()
    """Whether there is anything else."""


_ASKS: tuple[tuple[Asked, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.I))
    for kind, pattern in (
        (Asked.NAME, r"\byour (?:full |first |last )?name\b|\bwho(?: is|'s) calling\b|\bwho am i speaking\b"),
        (Asked.RIGHT_EMAIL, r"\bis your e-?mail\b"),
        (Asked.RIGHT_PHONE, r"\bthe right number\b"),
        (Asked.EMAIL, r"\be-?mail\b"),
        (Asked.PHONE, r"\bnumber\b.{0,25}\b(?:reach|call|ring|on)\b|\byour (?:phone |telephone )?number\b"),
        (Asked.MORE, r"\banything else\b"),
        (Asked.REASON, r"\bwhat(?: is|'s) it about\b|\bhow (?:can|may) (?:i|we) help\b|\bwhat can i do for you\b|"
                       r"\bwhat are you calling\b|\bin other words\b"),
    )
)  # fmt: skip


def asked_for(ours: str) -> Asked:
    """What the last of our questions asked for."""
    for question in reversed(re.findall(r"[^.!?]*\?", ours)):
        for kind, pattern in _ASKS:
            if pattern.search(question):
                return kind
    return Asked.NOTHING


def read(text: str, asked: Asked, known: Caller) -> Caller:
    """What `text` tells, over what is known. What was known gives way to what is said anew, except the reason, to which
    nothing is added once there is one. An e-mail or number that the caller says we have wrong is not known any more."""
    heard = spelling.put_together(text)
    email, rest = addresses.email_in(heard.text, asked=asked is Asked.EMAIL)
    if not email and asked is Asked.RIGHT_EMAIL:
        email, rest = addresses.mended(known.email, heard, rest)
    phone, rest = _phone(rest)
    name, rest = _name(rest, asked, known.name)
    for word in heard.words:
        if word.lower() not in email and spelling.sounds_like_part(name or known.name, word):
            name = spelling.corrected(name or known.name, word)
    reason = known.reason or _reason(_TELLING.sub(" ", rest), asked)
    wrong = _WRONG.search(text) is not None
    return structs.replace(
        known,
        name=name or known.name,
        email=email or ("" if wrong and asked is Asked.RIGHT_EMAIL else known.email),
        phone=phone or ("" if wrong and asked is Asked.RIGHT_PHONE else known.phone),
        reason=reason, urgency=_urgency(text) or known.urgency,
    )  # fmt: skip


_WRONG = re.compile(
    r"^\W*(?:no|nope|nah|not (?:quite|really|right|exactly)|wrong|incorrect|sorry,? no|that(?:'s| is) (?:not|wrong)|"
    r"it(?:'s| is) (?:not|wrong)|it isn't|that isn't|almost|nearly)\b", re.I
)  # fmt: skip
_RIGHT = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|correct|right|exactly|perfect|spot on|that(?:'s| is) (?:it|right|correct|the one|fine)|"
    r"it is|sure|ok(?:ay)?|fine|great|you(?:'ve| have) got it)\b", re.I
)  # fmt: skip


def agrees(text: str) -> bool:
    """Whether a caller who was asked if we have something right says that we do."""
    return _RIGHT.search(text) is not None


# --- names ------------------------------------------------------------------------------------------------------------

_WORD = r"[A-Z][a-z]*(?:['’-][A-Z]?[a-z]+)*"
_LAST_NAME = re.compile(rf"\b(?:[Mm]y |[Tt]he )?(?:last |second |family |sur)name(?:'s| is) ({_WORD})")
_INTRODUCED = re.compile(
    rf"\b(?:[Mm]y (?:full |first )?name(?:'s| is)|[Tt]he name(?:'s| is)|[Tt]his is|[Ii]t(?:'s| is)|I(?:'m| am)|"
    rf"[Nn]ame(?:'s| is)|[Cc]all me|[Yy]ou(?:'re| are) speaking (?:to|with)) ({_WORD}(?: {_WORD}){{0,3}})"
    rf"(?: (?:here|speaking|calling))?"
)
_SPEAKING = re.compile(rf"^\W*(?:(?:Hello|Hi|Hey|Yes|Good \w+),? )?({_WORD}(?: {_WORD}){{0,3}}) (?:here|speaking)\b")
_NO_NAME = frozenset({
    "i", "a", "an", "the", "my", "your", "our", "his", "her", "it", "its", "yes", "no", "not", "hello", "hi", "hey",
    "ok", "okay", "sure", "thanks", "thank", "please", "sorry", "well", "so", "just", "and", "but", "or", "here",
    "there", "calling", "looking", "ringing", "phoning", "interested", "wondering", "trying", "having", "after",
    "about", "from", "for", "good", "morning", "afternoon", "evening", "urgent", "regarding", "fine", "great", "happy",
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march",
    "april", "may", "june", "july", "august", "september", "october", "november", "december",
})  # fmt: skip
_FILLERS = re.compile(
    r"^\W*(?:(?:yes|yeah|sure|of course|ok|okay|um|uh|er|well|hi|hello|it's|it is|i'm|i am|this is|my name is|"
    r"my name's|that's|that would be|the name is|name is|please|so)\b\W*)+", re.I
)  # fmt: skip
_PLAIN = re.compile(r"[A-Za-z][A-Za-z'’.-]*(?: [A-Za-z][A-Za-z'’.-]*){0,3}")


def _name(text: str, asked: Asked, known: str) -> tuple[str, str]:
    """The name told, and the text without the telling. A part of the known one that is told again takes its place."""
    if found := _LAST_NAME.search(text):
        first, rest = _whole_name(text[: found.start()] + " " + text[found.end() :], asked)
        return " ".join([*(first or known).split()[:1], *_tidy_name(found[1]).split()]), rest
    name, rest = _whole_name(text, asked)
    if name and " " not in name and spelling.sounds_like_part(known, name):
        name = spelling.corrected(known, name)
    return name, rest


def _whole_name(text: str, asked: Asked) -> tuple[str, str]:
    for pattern in (_INTRODUCED, _SPEAKING):
        for found in pattern.finditer(text):
            if name := _tidy_name(found[1]):
                return name, text[: found.start()] + " " + text[found.end() :]
    if asked is Asked.NAME:
        said = _FILLERS.sub("", text).strip()
        first = re.split(r"[,.!?;]| and ", said, maxsplit=1)[0].strip()
        if _PLAIN.fullmatch(first) and (name := _tidy_name(first)):
            return name, said[len(first) :]
    return "", text


def _tidy_name(words: str) -> str:
    kept: list[str] = []
    for word in words.replace(".", "").split():
        if word.lower() in _NO_NAME:
            break
        kept.append(word if word[0].isupper() else word.capitalize())
    return " ".join(kept[:4])


# --- addresses and numbers --------------------------------------------------------------------------------------------

_FIGURE = "|".join(addresses.FIGURES)
_SPOKEN_NUMBER = re.compile(rf"\b(?:(?:double |triple |treble )?(?:{_FIGURE}|\d+)\b[ ,-]*){{5,}}", re.I)
_NUMBER = re.compile(r"\+?\d(?:[\s,().-]{0,3}\d){7,14}(?!\d)")


_TELLING = re.compile(
    r"\b(?:and )?(?:my|the) (?:e-?mail(?: address)?|(?:phone |telephone |mobile |cell )?number)(?: is|'s)\b", re.I
)


def _phone(text: str) -> tuple[str, str]:
    if found := _NUMBER.search(text):
        return re.sub(r"[^\d+]", "", found[0]), text.replace(found[0], " ")
    for found in _SPOKEN_NUMBER.finditer(text):
        figures = _in_figures(found[0])
        if 8 <= len(figures) <= 15:
            return figures, text.replace(found[0], " ")
    return "", text


def _in_figures(words: str) -> str:
    figures, times = "", 1
    said: list[str] = re.findall(r"\w+", words.lower())
    for word in said:
        if word in ("double", "triple", "treble"):
            times = 2 if word == "double" else 3
            continue
        figures += addresses.FIGURES.get(word, word) * times
        times = 1
    return figures


# --- what it is about, how pressing -----------------------------------------------------------------------------------

_OPENING = re.compile(
    r"^\W*(?:(?:hello|hi|hey|good (?:morning|afternoon|evening)|yes|yeah|um|uh|er|well|so|ok|okay|please|thank you|"
    r"thanks|sorry|and|there)\b\W*)+", re.I
)  # fmt: skip
_LEAD_IN = re.compile(
    r"^(?:i(?:'m| am|'d| would| was)? )?(?:just )?(?:calling|ringing|phoning|call|like to (?:talk|speak) to (?:someone|"
    r"somebody)|like to ask|want to (?:talk|speak) to (?:someone|somebody))?\s*(?:about|regarding|because(?: of)?|"
    r"to ask about)\s+", re.I
)  # fmt: skip
_ABOUT = re.compile(
    r"\b(?:about|regarding|because|need|needs|looking for|want|problem|issue|trouble|broken|broke|leak\w*|quote|repair|"
    r"fix|install\w*|replace\w*|service|doesn't|does not|isn't|won't|stopped|not working|interested in|enquir\w+|"
    r"inquir\w+|my|our|new)\b", re.I
)  # fmt: skip
_BOOKS = re.compile(
    r"\b(?:book|schedule|arrange|make|get|have)\b[^.?!]*\b(?:appointment|visit|call|slot|time|meeting)\b", re.I
)
_AND_BOOKS = re.compile(r",?\s*(?:and|so)\s+(?:i(?:'d| would)? (?:like|want|need)|can i|could i|i'd)\b[^.?!]*$", re.I)
_QUESTION = re.compile(
    r"\?\s*$|^(?:what|when|where|how|who|do you|are you|can you|can i|could|is there|which|will|would)\b", re.I
)
_TALK = re.compile(
    r"\b(?:speak|talk|put me through|transfer|connect me)\b.*\b(?:person|human|someone|somebody|manager|agent)\b|"
    r"\bwrong number\b|\bgoodbye\b|\bbye\b|\b(?:second|first|third|last|either) one\b", re.I
)  # fmt: skip
_WHEN = re.compile(
    r"\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|today|\d{1,2} ?(?:[ap]m|o'?clock))\b", re.I
)


def _reason(text: str, asked: Asked) -> str:
    """What it is about, in the caller's own words; empty where they do not say."""
    for sentence in re.split(r"(?<=[.!?])\s+", text.strip()):
        said = _OPENING.sub("", sentence).strip()
        if _QUESTION.search(said) or _TALK.search(said):
            continue
        said = said.rstrip(" .!")
        said = _AND_BOOKS.sub("", said) if _BOOKS.search(said) else said
        about = _LEAD_IN.sub("", said).strip(" ,.!?")
        words = about.split()
        if _BOOKS.search(about) and not re.search(
            r"\b(?:about|for|because|regarding) (?:a|an|my|our|the|some)\b", about
        ):
            continue
        if _WHEN.search(about) and not _ABOUT.search(about):
            continue
        wanted = asked is Asked.REASON and len(words) >= 2
        if words and (about != said.strip(" ,.!?") or wanted or (len(words) >= 3 and _ABOUT.search(about))):
            return about[:1].upper() + about[1:LONGEST_REASON]
    return ""


_URGENCIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("critical", r"\b(?:(?<!no )(?<!not an )emergency|gas leak|smell(?:s|ing)? (?:of )?gas|on fire|"
                     r"flood(?:ed|ing)?|burst|water everywhere|electric shock|sparks)\b"),
        ("low", r"\b(?:no (?:rush|hurry)|not urgent|whenever suits|no great hurry)\b"),
        ("high", r"\b(?:urgent(?:ly)?|as soon as (?:possible|you can)|asap|right away|immediately|straight away)\b"),
    )
)  # fmt: skip


def _urgency(text: str) -> str:
    return next((name for name, pattern in _URGENCIES if pattern.search(text)), "")
