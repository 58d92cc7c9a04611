"""The words that a text is about, by rapid automatic keyword extraction: runs of words between stop words, weighed by
how often and in what company each word stands."""

import re
from collections import defaultdict

_WORD = re.compile(r"[a-z][a-z'’-]{2,}|\n|[.,;:!?]")
_STOP_WORDS = """
    a about after again all also am an and any anything are as at back be because been before being but by call
    called calling can can't could did didn't do does doesn't doing don't down each email fine for from get getting
    give go going good got great had has have having hello hey hi how i'd i'll i'm i've if in into is isn't it it's
    its just know let like ll look looking lot make may maybe me mean might more much my name need no not now of off ok
    okay on one or our out over perhaps phone please put really right said say see she should so some somebody someone
    something soon sorry speak still such sure talk tell than thank thanks that that's the their them then there these
    they thing things think this those time to today tomorrow too two up us very want wanted was way we we'd we'll well
    we're were what what's when where which while who why will with won't work would yeah yes yesterday yet you you'd
    you'll you're your number goodbye bye monday tuesday wednesday thursday friday saturday sunday morning afternoon
    evening o'clock first second third three four five six seven eight nine ten eleven twelve perfect lovely great
    quite really wonderful brilliant wondered whether possible please"""
_STOP = frozenset(_STOP_WORDS.split())
_LONGEST_RUN = 3


def keywords_of(text: str, most: int = 6) -> list[str]:
    """The phrases that `text` is about, weightiest first."""
    runs: list[tuple[str, ...]] = []
    run: list[str] = []
    for word in [*_WORD.findall(text.lower().replace("’", "'")), "\n"]:
        if word[0].isalpha() and word not in _STOP:
            run.append(word)
            continue
        if run:
            runs.append(tuple(run[:_LONGEST_RUN]))
        run = []
    count: dict[str, int] = defaultdict(int)
    company: dict[str, int] = defaultdict(int)
    for words in runs:
        for word in words:
            count[word] += 1
            company[word] += len(words)
    weight = {run: sum(company[word] / count[word] for word in run) + runs.count(run) - 1 for run in runs}
    chosen: list[str] = []
    for words in sorted(weight, key=lambda run: (-weight[run], runs.index(run))):
        phrase = " ".join(words)
        if not any(phrase in other or other in phrase for other in chosen):
            chosen.append(phrase)
    return chosen[:most]
