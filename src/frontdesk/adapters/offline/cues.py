"""What the phrases of leads are signs of, and the little language their tables are written in.

The tables are in `phrases`; a row is a cue, its weight out of ten, and phrases in plain words (see `text`), one a line.
In them `(a|b)` chooses, `[a|b]` may be left out, `~3` stands for up to three words, `{names}` for the word classes
below, `^` and `$` for the ends of a clause, and `(?!...)` for what must not follow; a line that begins with `+` goes on
with the one before. `leadname` is the lead's own first name, `ourname` the business, `agentname` the agent. `signs`
finds them.
"""

import re
from enum import Enum, auto


class Cue(Enum):
    """What a pattern is a sign of."""

    STOP = auto()
    """Never text me again."""
    NO = auto()
    SORTED = auto()
    """Has bought, or has someone."""
    DEAR = auto()
    """Too expensive."""
    WRONG = auto()
    BEREAVED = auto()
    PERSON = auto()
    COMPLAINT = auto()
    BOT = auto()
    WHO = auto()
    SOURCE = auto()
    SCAM = auto()
    ASK = auto()
    CALL = auto()
    TIMES = auto()
    """Asks when we are free."""
    NO_CALLS = auto()
    """Wants to go on in writing."""
    ELSEWHERE = auto()
    """Wants an e-mail or a letter, which only a person can send."""
    KEEN = auto()
    YES = auto()
    INFO = auto()
    MAYBE = auto()
    LATER = auto()
    BUSY = auto()
    THINKING = auto()
    CHANGE = auto()
    """To move or cancel what was booked."""
    INJECTION = auto()
    SNEER = auto()
    """Marks of sarcasm, which make agreement doubtful."""


Row = tuple[Cue, float, str]

NEGATABLE = frozenset({Cue.CALL, Cue.KEEN, Cue.YES, Cue.INFO, Cue.SORTED, Cue.PERSON, Cue.BUSY, Cue.TIMES})

CLASSES: dict[str, str] = {
    "{sending}": r"(?:(?:text|messag|contact|send|call|phon|ring|bother|harass|spam+|pester|hassl|email|bug+|"
                 r"annoy|nag+|mess)ing?)",
    "{do_not}": r"(?<!why )(?<!if you )(?<!why do you )(?:do not|never|must not|should not|not to|no need to)",
    "{me_again}": r"(?:me|us|this number|my number|this phone|here|again|anymore|any more)\b",
    "{soon}": r"(?:before|until|after|on|at|today|tonight|tomorrow|now|right now|yet|this|during|in the|between|"
              r"while|when|if|"
              r"unless|monday|tuesday|wednesday|thursday|friday|saturday|sunday|early|late|too|first thing|just|"
              r"because|i am (?!not)\w+|\d)",
    "{adv}": r"(?:(?:really|that|very|at all|too|so|particularly|even|actually|all that|overly|remotely|currently|"
             r"honestly|exactly|quite|fussed or|in the slightest|bloody|fucking) ){0,2}",
    "{ring}": r"(?:call|ring|phone|bell|buzz|dial)",
    "{talk}": r"(?:(?:speak|talk|chat)(?:ing)?|chatting|catch up|discuss|have a (?:quick |little |brief |"
              r"proper )?(?:chat|call|word|conversation|natter))",
    "{kin}": r"(?:(?:the|my|our) )?(?:wife|husband|partner|other half|mrs|missus|boss|bank|brother|sister|dad|mum|"
             r"mom|son|daughter|family|"
             r"accountant|landlord|girlfriend|boyfriend|better half|fella|her indoors)",
    "{human}": r"(?:human|humans|human being|real person|actual person|person|real people|people|somebody real|"
               r"someone real|"
               r"real human|live person|live agent|live human|proper person)",
    "{staff}": r"(?:someone|somebody|anyone|manager|boss|owner|agent|rep|representative|advis(?:er|or)s?|"
               r"colleagues?|supervisor|"
               r"member of (?:the )?(?:staff|team)|sales(?:man|person|woman| team| rep| guy)?|consultants?|operator|"
               r"experts?|specialists?|"
               r"engineer|your team|the team|customer services?|surveyor|designer|the office|head office)",
    "{polite}": r"(?:please|just|ok|thanks|you|now|right|mate|immediately|asap|already|seriously|lol|it|that|me|"
                r"this|will|can|could|"
                r"would|no|i said|all|for god is sake|for gods sake|ffs|emojiangry|emojimeh|emojino|emoji)",
    "{bot}": r"(?:bot|robot|ai|a i|machine|computer|chat ?bot|chat ?gpt|gpt|automated|auto|automation|algorithm|"
             r"siri|alexa)",
    "{person_name}": r"(?:leadname|him|her|them|that person|the person|who you (?:think|want|are looking for)|"
                     r"the right person)",
    "{not_theirs}": r"(?<!neighbour )(?<!mate )(?<!friend )(?<!he )(?<!she )(?<!they )(?<!people )(?<!brother )"
                    r"(?<!sister )",
    "{as_choice}": r"(?:one|ones|slot|option|choice|please|thanks|is|works|will|would|suits|for me|then|sounds|"
                   r"of those)",
    "{opening}": r"(?:\W*(?:yes|ok|sure|please|go|with|for|take|prefer|i|would|like|maybe|not|erm|hi|great|that))*\W*",
    "{ending}": r"(?:\W*(?:please|thanks|then|mate|ok|good|fine|emoji\w*))*\W*$",
}  # fmt: skip


def _expanded(phrase: str) -> str:
    for _ in range(2):
        for name, words in CLASSES.items():
            phrase = phrase.replace(name, words)
    phrase = re.sub(r"\[([a-z(][^\]]*)\] ?", r"(?:(?:\1) )?", phrase)
    phrase = re.sub(r"~(\d) ?", r"(?:\\w+ ){0,\1}?", phrase)
    phrase = re.sub(r"\((?!\?)", "(?:", phrase)
    opening = r"\b" if re.match(r"[\w(]", phrase) else ""
    closing = r"\b" if re.search(r"[\w)]$", phrase) else ""
    return f"{opening}{phrase}{closing}"


def pattern(table: str) -> re.Pattern[str]:
    """The phrases of a table, any of which may be found."""
    joined = re.sub(r"\n +\+ ?", "", table)
    phrases = [line.strip() for line in joined.splitlines() if line.strip()]
    return re.compile("|".join(f"(?:{_expanded(phrase)})" for phrase in phrases))


def compiled(rows: tuple[Row, ...]) -> tuple[tuple[Cue, float, re.Pattern[str]], ...]:
    """The rows with their phrases as one pattern each."""
    return tuple((cue, weight, pattern(table)) for cue, weight, table in rows)
