"""What the business said last, as far as it decides what a short answer means: "yes" to what?"""

import re
from collections.abc import Sequence
from enum import Enum, auto

from frontdesk.ports.llm import Turn


class Asked(Enum):
    """What our last words asked for or left behind."""

    NOTHING = auto()
    INTEREST = auto()
    CALL = auto()
    WHEN = auto()
    PERSON = auto()
    CLOSE = auto()
    """Whether to leave it."""
    DONE = auto()
    """Whether it has been dealt with."""
    IDENTITY = auto()
    """Whether this is the person we mean."""
    GREETING = auto()
    BOOKED = auto()
    """Nothing: a call was booked."""
    FAREWELL = auto()
    """Nothing: we said good-bye, handed over or left it with the lead."""


_BOOKED = re.compile(r"\bbooked (?:in )?for\b|\byou(?:'re| are) (?:all )?(?:booked|set)\b", re.I)
_FAREWELL = re.compile(
    r"\ball the best\b|\bwon't (?:text|message|bother|trouble)\b|\bleave (?:it there|you (?:to it|be))\b|"
    r"\bpass(?:ed|ing)? (?:this|you) (?:on )?to\b|"
    r"\b(?:member of|someone (?:from|at|on)|one of) (?:the|our) .{0,40}team\b.{0,40}\b(?:pick|take|reply|get back)|"
    r"\bwhenever (?:you're|you are) ready\b|\bno rush\b|\bjust (?:text|reply|message)(?: me| us)? (?:here )?when\b|"
    r"\btake(?:n)? (?:this number|you) off\b",
    re.I,
)
_QUESTIONS: tuple[tuple[Asked, str], ...] = (
    (Asked.CLOSE, r"\b(?:close (?:your|this|the) (?:file|enquiry|inquiry|account|record)|leave it (?:there|for now|"
                  r"at that)?|take you off|stop (?:texting|messaging)|"
                  r"given up on|no longer (?:interested|looking|need)|remove you|assume you(?:'re| are) not)\b"),
    (Asked.IDENTITY, r"\b(?:is this|is that|am i (?:speaking|talking|texting) (?:to|with)|have i got|is this still|"
                     r"do i have|are you) (?:the (?:same|right) )?"
                     r"(?:{name}|\w+(?= (?:who|that) (?:enquired|asked|got|was|inquired|spoke|contacted))|"
                     r"right (?:number|person)|still the best number)\b|\bright number for\b"),
    (Asked.PERSON, r"\b(?:person|human|colleague|someone|somebody|member of (?:the|our) team|"
                   r"one of the team)\b.*\b(?:instead|takes? over|pick (?:this|it) up|get back|"
                   r"reply|text|in touch|help|answer|join)\b|\b(?:like|want|get|fetch|bring in|"
                   r"ask) (?:me to )?(?:\w+ ){0,3}(?:a person|a human|a colleague|one of the team|a real person)\b"),
    (Asked.DONE, r"\b(?:did|have|has) you (?:ever |manage to |already |since )?(?:get|got|find|found|go ahead|"
                 r"gone ahead|sort|sorted|end up|have|had|"
                 r"manage|decide|went|go with)\b|\b(?:sorted|done|fixed|go elsewhere|gone elsewhere|"
                 r"found someone)\b(?!.*\bor\b)"),
    (Asked.WHEN, r"\b(?:what|which|when)\b.*\b(?:day|time|suits?|works?|good|best|free|call)\b|\bany (?:day|time)\b|"
                 r"\bwhen\b"),
    (Asked.CALL, r"\b(?:call|calls|ring|phone|speak|talk|chat|book|appointment|slot|diary|conversation|consultation|"
                 r"times?)\b"),
    (Asked.INTEREST, r"\b(?:interested|interest|looking|thinking|considering|want|need|like|keen|open to|help|"
                     r"hear more|quote|details|info|on the cards|plans?)\b"),
    (Asked.GREETING, r"\bhow (?:are|have) (?:you|things|u)\b|\bhow's (?:it going|things|life)\b|"
                     r"\b(?:hope )?(?:you(?:'re| are)|all) (?:well|ok|good)\b"),
)  # fmt: skip


def asked(turns: Sequence[Turn], first_name: str) -> Asked:
    """What the last of our turns asked: its last question decides, else what it left behind."""
    ours = next((turn.text for turn in reversed(turns) if turn.ours), "")[:1600]
    if _BOOKED.search(ours):
        return Asked.BOOKED
    questions = re.findall(r"[^.!?\n]*\?", ours)
    for question in reversed(questions):
        for kind, pattern in _QUESTIONS:
            if re.search(pattern.replace("{name}", re.escape(first_name) or "(?!)"), question, re.I):
                return kind
    if _FAREWELL.search(ours):
        return Asked.FAREWELL
    return Asked.INTEREST if questions else Asked.NOTHING


def booked_before(turns: Sequence[Turn]) -> bool:
    """Whether one of our turns confirmed a booking."""
    return any(turn.ours and _BOOKED.search(turn.text[:1600]) for turn in turns)


def last_run(turns: Sequence[Turn]) -> list[str]:
    """The texts of the last run of turns that are not ours, oldest first: what is being answered."""
    run: list[str] = []
    for turn in reversed(turns):
        if turn.ours:
            break
        run.append(turn.text)
    return run[::-1]


def earlier_runs(turns: Sequence[Turn]) -> list[tuple[list[str], int]]:
    """The runs of lead turns before the last one, latest first, each with the number of turns that stood before it."""
    runs: list[tuple[list[str], int]] = []
    end = len(turns) - len(last_run(turns))
    while end > 0:
        while end > 0 and turns[end - 1].ours:
            end -= 1
        start = end
        while start > 0 and not turns[start - 1].ours:
            start -= 1
        if start < end:
            runs.append(([turn.text for turn in turns[start:end]], start))
        end = start
    return runs
