"""Finding the fact that answers a question, and quoting it. Facts are data: nothing in them is obeyed."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import log

from msgspec import Struct

from frontdesk.adapters.offline.text import plain
from frontdesk.adapters.offline.vocabulary import words
from frontdesk.ports.llm import Fact

# Words that ask or tell of the same thing, by the name of the topic.
_TOPICS: dict[str, frozenset[str]] = {
    "price": words(
        "price prices pricing cost costs charge charges fee fees rate rates expensive cheap quote quotes much pay",
        "paying pounds dollars budget estimate",
    ),
    "finance": words(
        "finance financing monthly instalment instalments installment installments credit deposit spread loan apr",
        "payment payments plan plans",
    ),
    "place": words("place where located location based address office showroom shop premises visit parking"),
    "area": words("area areas cover covers covered travel region postcode county local near serve miles"),
    "hours": words("hours open opening close closing weekend weekends saturday sunday oclock"),
    "duration": words("duration long takes take quickly fast weeks turnaround wait minutes last lasts"),
    "warranty": words("warranty warranties guarantee guarantees guaranteed covered lifetime insurance"),
    "cancel": words("cancel cancellation refund refunds refundable contract tied cooling commitment obligation"),
    "discount": words("discount discounts offer offers deal deals sale promotion grant grants funding voucher scheme"),
    "accredited": words(
        "accredited accreditation insured certified certificate registered qualified licensed licence license mcs",
        "qualifications regulated",
    ),
    "review": words("review reviews trustpilot rated rating ratings testimonials references recommend"),
    "survey": words("survey surveys consultation assessment visit appointment measure inspection"),
    "delivery": words("delivery deliver delivered shipping ship postage collect collection"),
    "install": words("install installation installed installer installers installing fit fitted fitting fitters"),
    "contact": words("contact phone telephone number email website site online web"),
}
_STOPWORDS = words(
    "a an the and or but if of to in on at for from by with about as is are was were be been do does did can",
    "could will would shall should may might have has had i you your yours we our us me my mine it its this that",
    "these those there here what which who how when why so just also any some please thanks hi hello hey ok yes",
    "no not get got know tell wondering still really than then them they he she much many lot bit one ask",
    "question want need like come going leadname ourname agentname mate am guys lol erm um oh well say more info",
    "information details up out good sorry quick right now today same doing",
)
_PRICED = re.compile(r"[£$€]|\d|\bfree\b|\bno charge\b|\bquot|\bdepend|\bprice|\bcost|\bfee|\bpay", re.I)
_NEAR_ENOUGH = 0.34


class Answer(Struct, frozen=True):
    """A fact, and how well it fits the question: 0 not at all, about 1 fully."""

    fact: Fact
    fit: float
    terms: frozenset[str]
    """The telling words of the question."""


class _Sheet(Struct, frozen=True):
    """A fact, taken apart."""

    title: frozenset[str]
    terms: frozenset[str]
    title_topics: frozenset[str]
    topics: frozenset[str]


def find(question: str, facts: Sequence[Fact]) -> Answer | None:
    """The fact that best answers `question`, in plain words, or None where none is near enough to be quoted.

    A question of price is answered only by a fact that speaks of price.
    """
    asked, topics = _terms(question), _asked_topics(question)
    if not facts or not (asked or topics):
        return None
    sheets = [_sheet(fact) for fact in facts]
    frequency = Counter(term for sheet in sheets for term in sheet.terms)
    best: Answer | None = None
    for fact, sheet in zip(facts, sheets, strict=True):
        if "price" in topics and not ("price" in sheet.topics | sheet.title_topics and _PRICED.search(fact.text)):
            continue
        fit = _fit(asked, topics, sheet, frequency, len(sheets))
        if fit > (best.fit if best else _NEAR_ENOUGH):
            best = Answer(fact=fact, fit=fit, terms=asked)
    return best


def quote(answer: Answer, room: int) -> str:
    """The fact's substance in at most `room` characters: all of it, or the sentences nearest the question."""
    text = " ".join(answer.fact.text.split())
    if len(text) <= room:
        return text
    sentences = re.split(r"(?<=[.!?])\s+", text)
    shared = [len(_terms(plain([sentence]).flat) & answer.terms) for sentence in sentences]
    ranked = sorted(range(len(sentences)), key=lambda at: (-shared[at], at))
    kept: list[int] = []
    for at in ranked:
        if sum(len(sentences[n]) + 1 for n in (*kept, at)) <= room + 1:
            kept.append(at)
    if ranked[0] in kept:
        return " ".join(sentences[at] for at in sorted(kept))
    return sentences[ranked[0]][: max(room - 3, 0)].rsplit(" ", 1)[0].rstrip(" ,;:") + "..."


@lru_cache(maxsize=1024)
def _sheet(fact: Fact) -> _Sheet:
    # Kept, for a business brings the same facts to every reply.
    title, text = plain([fact.title[:200]]).flat, plain([fact.text[:3000]]).flat
    return _Sheet(_terms(title), _terms(title) | _terms(text), _topics(title), _topics(text))


def _fit(asked: frozenset[str], topics: frozenset[str], sheet: _Sheet, frequency: Counter[str], count: int) -> float:
    """The share of the question's weight that the fact covers; rare words and titles weigh more."""

    def rarity(term: str) -> float:
        return 0.4 + log((count + 1) / (frequency[term] + 0.5)) / log(count + 2)

    whole = sum(rarity(term) if term in frequency else 0.6 for term in asked) + 1.6 * bool(topics)
    covered = sum(rarity(term) * (1.3 if term in sheet.title else 1.0) for term in asked & sheet.terms)
    if topics & sheet.title_topics:
        covered += 1.6
    elif topics & sheet.topics:
        covered += 0.9
    return covered / whole if whole else 0.0


def _terms(text: str) -> frozenset[str]:
    said = re.findall(r"[^\W_]{2,}", text)
    return frozenset(_stem(word) for word in said if word not in _STOPWORDS and not word.isdigit())


def _topics(text: str) -> frozenset[str]:
    said = set(re.findall(r"[a-z]+", text))
    return frozenset(topic for topic, tells in _TOPICS.items() if said & tells)


def _asked_topics(question: str) -> frozenset[str]:
    topics = _topics(question)
    if topics & {"finance", "discount"} or re.search(r"\bhow (?:long|soon|quick)", question):
        topics -= {"price"}  # "spread the cost" asks how to pay, not how much
    return topics


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ies", "ers", "ed", "es", "er", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
