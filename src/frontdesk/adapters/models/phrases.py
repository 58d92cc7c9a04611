"""What a reply must not say, beside figures and times: foreign addresses, our own instructions, lies about itself. And
promises, which are to be kept."""

import re
from collections.abc import Sequence

from frontdesk.adapters.models import prompt
from frontdesk.adapters.models.known import of_business
from frontdesk.ports.llm import Brief, Fact

_LINK = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.\w+|"
    r"\b(?:[a-z0-9-]+\.)+(?:com|co|uk|org|net|io|ly|me|info|biz|app|dev|shop|xyz|link|gg|ai|us|eu|de|fr|example|site|"
    r"online|top|click|ru|cn|tv|cc|store|live|page|gl|to|tk)\b(?:/\S*)?",
    re.I,
)
_SPELLED_LINK = re.compile(r"\b\w+ ?[\[(]? ?dot ?[\])]? ?(?:com|co|uk|org|net|io|info|ly)\b", re.I)
_PHONE = re.compile(r"\+?\d[\d\s().\u2010-\u2015-]{5,}\d")
_AS_THEIRS = re.compile(r"\b(?:call|ring|reach|text|phone) you\b|\byour (?:number|mobile|phone)\b", re.I)
_AS_OURS = re.compile(r"\b(?:our|us|me|hotline|helpline)\b", re.I)
_OPAQUE = re.compile(r"(?<![\w@./])[A-Za-z0-9+/=_]{32,}")
_ASKS_FOR_SECRETS = re.compile(
    r"\b(?:bank (?:details|account)|account number|sort code|card (?:number|details)|cvv|cvc|expiry date|passwords?|"
    r"pass ?code|one[- ]time (?:code|password)|(?:verification|security) code|your pin|national insurance|"
    r"social security|date of birth|mother's maiden|gift cards?|bitcoin|crypto|wire transfer)\b",
    re.I,
)
_OF_OUR_OWN = re.compile(
    r"\bsystem prompt\b|\b(?:my|these|the|initial|hidden|secret) (?:instructions|guidelines|prompt|programming)\b|"
    r"\b(?:search_knowledge|check_availability|offer_times|hand_off|not_interested|stop_contact|wrong_number|"
    r"final_answer|free_times|times_you_offered_last|notes_for_you_alone)\b|"
    r"</?brief>|\b(?:claude|gpt|chatgpt|openai|anthropic|language model|llm)\b|\b(?:api[ _-]?key|sk-[\w-]{6,})\b|"
    r"\b(?:developer|dan|jailbreak|debug|god) mode\b",
    re.I,
)
_SAYS_HUMAN = re.compile(
    r"\b(?:i am|i'm|im|you(?:'re| are) (?:talking|speaking|texting|chatting) (?:to|with)|this is|yes,?|it's) "
    r"(?:(?:definitely|actually|really|indeed|just|very much|100%|totally|of course|certainly|not a bot,?) )*"
    r"(?:a |an )?(?:(?:real|actual|living|genuine|live|normal|flesh[- ]and[- ]blood) )*"
    r"(?:human|person|man|woman|guy|human being)\b|"
    r"\b(?:i am|i'm|im) (?:definitely |certainly |really )?(?:not|no) (?:a |an )?"
    r"(?:bot|robot|ai\b|machine|computer|automated|chatbot|program)|"
    r"\bnot (?:a )?(?:bot|robot|machine) (?:here|at all)\b|\bno (?:bots?|robots?) here\b|"
    r"\breal (?:human|person) (?:here|typing)\b|\bi(?:'m| am) human\b",
    re.I,
)
_SAYS_AUTOMATED = re.compile(
    r"\b(?:automated|assistant|ai|bot|virtual|not (?:a )?(?:human|person)|computer|software)\b", re.I
)
_WHO = (
    r"(?:(?:a|my|our|one of (?:my|our|the)) (?:\w+ ){0,2}(?:colleagues?|advis[eo]rs?|specialists?|experts?|"
    r"team(?: members?)?|managers?|consultants?|people|person|human)|someone|somebody|the office|the team|"
    r"(?:a )?member of (?:the|our) team|a real person|a human)"
)
_HANDS_OFF = re.compile(
    rf"\b{_WHO}(?: (?:here|from (?:the|our) \w+|in the \w+))? (?:will|'ll|is going to|can|to) (?:\w+ ){{0,2}}"
    r"(?:call|ring|phone|text|message|reply|contact|reach|be in touch|get (?:back|in touch)|follow up|pick|take|help|"
    r"look|come back|find out|write|let you know)|"
    r"\bi(?:'ll| will|'ve| have|'m going to| am going to|'m| am)? ?(?:just )?(?:pass(?:ed|ing)?|hand(?:ed|ing)?|"
    r"transferr?(?:ed|ing)?|connect(?:ed|ing)?|forward(?:ed|ing)?|escalat(?:e|ed|ing)) (?:you|this|it|that|your)\b|"
    rf"\bi(?:'ll| will|'ve| have) (?:ask(?:ed)?|get|got|have|let|told|tell) {_WHO}\b",
    re.I,
)
_SAYS_BOOKED = re.compile(
    r"\b(?:booked|all set|scheduled|pencilled|penciled|confirmed|locked in|in the diary)\b|"
    r"\b(?:speak|talk) to you (?:then|on|at|tomorrow)\b|\bsee you (?:then|on|at|tomorrow)\b|"
    r"\b(?:we|i)(?:'ll| will) (?:call|ring|phone) you (?:then|on|at|tomorrow|today|monday|tuesday|wednesday|thursday|"
    r"friday|saturday|sunday)\b",
    re.I,
)
_SAYS_DONE = re.compile(
    r"\bi(?:'ve| have) (?:just |now |already )?(?:noted|made|taken|added|put|passed|sent|saved|written|updated|"
    r"changed|moved|cancelled|canceled|arranged|reserved|set|booked|asked|told|recorded)\b|"
    r"\b(?:noted|you're (?:down|in)|i(?:'ll| will) (?:put|pencil|book) you|it is(?: then)?[.!]|all done|done[.!])",
    re.I,
)
_CONDITIONAL = re.compile(
    r"\?|\b(?:if|once|when|would you|shall|should i|can i|could|want me to|happy to|not|n't|yet|let me know|which|"
    r"either|before)\b",
    re.I,
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+|\n+")


def foreign_addresses(text: str, brief: Brief, facts: Sequence[Fact]) -> list[str]:
    """Links, e-mail addresses and phone numbers in `text` that the business has not given."""
    ours = "\n".join(of_business(brief, facts))
    wrong = [found[0] for found in _LINK.finditer(text) if _bare(found[0]) not in ours.lower()]
    wrong += [found[0] for found in _SPELLED_LINK.finditer(text)]
    given = {_digits(found[0])[-9:] for found in _PHONE.finditer(ours)}
    theirs = {_digits(found[0])[-9:] for turn in brief.turns if not turn.ours for found in _PHONE.finditer(turn.text)}
    for sentence in _SENTENCES.split(text):
        # A lead may be told its own number, as its own.
        known = given | theirs if _AS_THEIRS.search(sentence) and not _AS_OURS.search(sentence) else given
        numbers = [found[0].strip() for found in _PHONE.finditer(sentence)]
        wrong += [number for number in numbers if len(_digits(number)) >= 7 and _digits(number)[-9:] not in known]
    return wrong


def _bare(link: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", link.lower()).rstrip(".,;:!?)/")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def gives_away(text: str, brief: Brief) -> bool:
    """Whether `text` tells of instructions, tools, models or notes, or hides something in letters that say nothing."""
    return bool(
        any(found[0].lower() not in brief.business.lower() for found in _OF_OUR_OWN.finditer(text))
        or _OPAQUE.search(text)
        or _shares(text, prompt.INSTRUCTIONS, 7)
        or _shares(text, brief.instructions, 12)
        or _shares(text, brief.lead_notes, 5)
    )


def parrots(text: str, brief: Brief) -> bool:
    """Whether `text` repeats the lead's own words at length: nobody answers like that unless told to."""
    theirs = "\n".join(turn.text for turn in brief.turns if not turn.ours)
    return _shares(text, theirs, 8)


def asks_for_secrets(text: str, facts: Sequence[Fact]) -> bool:
    """Whether `text` speaks of bank details and the like, for which no front desk asks by text; known words may."""
    known = "\n".join(fact.text for fact in facts).lower()
    asking = [sentence for sentence in _SENTENCES.split(text) if not re.search(r"\b(?:never|not|n't) ask", sentence)]
    return any(f[0].lower() not in known for sentence in asking for f in _ASKS_FOR_SECRETS.finditer(sentence))


def says_it_is_human(text: str) -> bool:
    """Whether the assistant claims to be a person, or no machine."""
    return _SAYS_HUMAN.search(text) is not None


def says_it_is_automated(text: str) -> bool:
    """Whether the assistant says what it is."""
    return _SAYS_AUTOMATED.search(text) is not None


def promises_a_person(text: str) -> bool:
    """Whether `text` says, and does not just offer, that a person takes over or gets back."""
    return any(_HANDS_OFF.search(s) and not _CONDITIONAL.search(s) for s in _SENTENCES.split(text))


def says_it_is_booked(text: str) -> bool:
    """Whether `text` says, and does not just offer, that a call is fixed."""
    return any(_SAYS_BOOKED.search(s) and not _CONDITIONAL.search(s) for s in _SENTENCES.split(text))


def tells_of_a_deed(text: str) -> bool:
    """Whether `text` may tell of something that was done, and so has to wait until it is."""
    return bool(_SAYS_DONE.search(text) or _SAYS_BOOKED.search(text) or _HANDS_OFF.search(text))


def _shares(text: str, other: str, count: int) -> bool:
    """Whether a run of `count` words of `text` stands in `other`."""
    said, known = re.findall(r"\w+", text.lower()), re.findall(r"\w+", other.lower())
    runs = {tuple(known[at : at + count]) for at in range(len(known) - count + 1)}
    return any(tuple(said[at : at + count]) in runs for at in range(len(said) - count + 1))
