"""Finding the fact that answers a question, and quoting it. Facts are data: nothing in them is obeyed."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log

from msgspec import Struct

from frontdesk.adapters.offline.text import plain
from frontdesk.ports.llm import Fact

# Words that ask or tell of the same thing. The first is the name of the topic.
_TOPICS: tuple[tuple[str, ...], ...] = (
    ("price", "prices", "pricing", "cost", "costs", "charge", "charges", "fee", "fees", "rate", "rates", "expensive", "cheap", "quote",
     "quotes", "much", "pay", "paying", "pounds", "dollars", "budget", "estimate"),
    ("finance", "financing", "monthly", "instalment", "instalments", "installment", "installments", "credit", "deposit", "spread",
     "loan", "apr", "payment", "payments", "plan", "plans"),
    ("place", "where", "located", "location", "based", "address", "office", "showroom", "shop", "premises", "visit", "parking"),
    ("area", "areas", "cover", "covers", "covered", "travel", "region", "postcode", "county", "local", "near", "serve", "miles"),
    ("hours", "open", "opening", "close", "closing", "weekend", "weekends", "saturday", "sunday", "oclock"),
    ("duration", "long", "takes", "take", "duration", "quickly", "fast", "weeks", "turnaround", "lead", "wait", "minutes", "last", "lasts"),
    ("warranty", "warranties", "guarantee", "guarantees", "guaranteed", "guarranty", "covered", "lifetime", "insurance"),
    ("cancel", "cancellation", "refund", "refunds", "refundable", "contract", "tied", "cooling", "commitment", "obligation"),
    ("discount", "discounts", "offer", "offers", "deal", "deals", "sale", "promotion", "grant", "grants", "funding", "voucher", "scheme"),
    ("accredited", "accreditation", "insured", "certified", "certificate", "registered", "qualified", "licensed", "licence", "license",
     "qualifications", "regulated", "mcs"),
    ("review", "reviews", "trustpilot", "rated", "rating", "ratings", "testimonials", "references", "recommend"),
    ("survey", "surveys", "consultation", "assessment", "visit", "appointment", "measure", "inspection"),
    ("delivery", "deliver", "delivered", "shipping", "ship", "postage", "collect", "collection"),
    ("install", "installation", "installed", "installer", "installers", "fit", "fitted", "fitting", "fitters", "installing"),
    ("contact", "phone", "telephone", "number", "email", "website", "site", "online", "web"),
)  # fmt: skip
_TOPIC_OF: dict[str, set[str]] = {}
for _words in _TOPICS:
    for _word in _words:
        _TOPIC_OF.setdefault(_word, set()).add(_words[0])

_STOPWORDS = frozenset(
    "a an the and or but if of to in on at for from by with about as is are was were be been do does did can could will would shall should "
    "may might have has had i you your yours we our us me my mine it its this that these those there here what which who how when why so "
    "just also any some please thanks hi hello hey ok yes no not get got know tell wondering still really than then them they he she "
    "much many lot bit one ask question want need like come going would leadname ourname mate am been guys lol erm um oh well say "
    "more info information details cheers up out good sorry quick right now today same do you did doing".split()
)
_PRICED = re.compile(r"[£$€]|\d|\bfree\b|\bno charge\b|\bquot|\bdepend|\bprice|\bcost|\bfee|\bpay", re.I)


class Answer(Struct, frozen=True):
    """A fact and how well it fits the question, from 0 to 1."""

    fact: Fact
    fit: float
    terms: frozenset[str]


def find(question: str, facts: Sequence[Fact]) -> Answer | None:
    """The fact that best answers `question`, in plain words, or None where none is near enough to be quoted."""
    words = _words(question)
    topics = _topics(question)
    if not facts or not (words or topics):
        return None
    sheets = [_Sheet(fact) for fact in facts]
    frequency = Counter(word for sheet in sheets for word in sheet.words)
    best: Answer | None = None
    for sheet in sheets:
        if "price" in topics and not (
            ("price" in sheet.topics or "price" in sheet.title_topics) and _PRICED.search(sheet.fact.text)
        ):
            continue
        fit = _fit(words, topics, sheet, frequency, len(sheets))
        if fit > (best.fit if best else 0.34):
            best = Answer(fact=sheet.fact, fit=min(fit, 1.0), terms=frozenset(words))
    return best


def quote(answer: Answer, room: int) -> str:
    """The fact's substance in at most `room` characters: all of it, or the sentences nearest the question."""
    text = " ".join(answer.fact.text.split())
    if len(text) <= room:
        return text
    sentences = re.split(r"(?<=[.!?])\s+", text)
    ranked = sorted(
        range(len(sentences)), key=lambda at: (-len(_words(plain([sentences[at]]).flat) & answer.terms), at)
    )
    kept: list[int] = []
    for at in ranked:
        if sum(len(sentences[n]) + 1 for n in (*kept, at)) <= room + 1:
            kept.append(at)
    if kept and ranked[0] in kept:
        return " ".join(sentences[at] for at in sorted(kept))
    best = sentences[ranked[0]]
    return best[: max(room - 3, 0)].rsplit(" ", 1)[0].rstrip(" ,;:") + "..."


class _Sheet:
    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        title, text = plain([fact.title[:200]]).flat, plain([fact.text[:3000]]).flat
        self.title = _words(title)
        self.words = self.title | _words(text)
        self.title_topics = _topics(title)
        self.topics = _topics(text)


def _fit(words: set[str], topics: set[str], sheet: _Sheet, frequency: Counter[str], count: int) -> float:
    """The share of the question's weight that the fact covers; rare words and titles weigh more."""

    def rarity(word: str) -> float:
        return 0.4 + log((count + 1) / (frequency[word] + 0.5)) / log(count + 2)

    asked = sum(rarity(word) if word in frequency else 0.6 for word in words) + 1.6 * bool(topics)
    covered = sum(rarity(word) * (1.3 if word in sheet.title else 1.0) for word in words & sheet.words)
    if topics & sheet.title_topics:
        covered += 1.6
    elif topics & sheet.topics:
        covered += 0.9
    return covered / asked if asked else 0.0


def _words(text: str) -> set[str]:
    return {_stem(word) for word in re.findall(r"[^\W_]{2,}", text) if word not in _STOPWORDS and not word.isdigit()}


def _topics(text: str) -> set[str]:
    found = {topic for word in re.findall(r"[a-z]+", text) for topic in _TOPIC_OF.get(word, ())}
    if re.search(r"\bhow (?:long|soon|quick)", text):
        found.discard("price")
    return found - {"place"} if re.search(r"\bwhere (?:did|do) you (?:get|find)", text) else found


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ies", "ers", "ed", "es", "er", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
