"""The mood of words, by VADER's lexicon, and how it becomes the product's five moods."""

import warnings
from functools import cache
from typing import Any

from frontdesk.adapters.offline.intents import Reading
from frontdesk.ports.llm import Intent, Sentiment

_CLEAR = 0.45
"""From this compound score on (it runs from -1 to 1) words by themselves are a mood."""


@cache
def _analyser() -> Any:
    # Loaded on the first use: the lexicon takes a good part of a tenth of a second.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # pyright: ignore[reportMissingTypeStubs]

        return SentimentIntensityAnalyzer()


def compound(text: str) -> float:
    """How good or bad the mood of `text` is, from -1 to 1; 0 where nothing is felt."""
    try:
        return float(_analyser().polarity_scores(text[:600])["compound"])
    except (IndexError, ValueError, ZeroDivisionError):
        return 0.0


def of(reading: Reading, raw: str, *, hot: bool) -> Sentiment:
    """The mood of a lead whose words `raw` are read so: what it wants first, then how it says it."""
    if hot:
        return Sentiment.HOT
    if reading.intent is Intent.REFUSAL:
        return Sentiment.NEGATIVE
    if reading.intent is Intent.INTEREST:
        return Sentiment.POSITIVE
    mood = compound(raw)
    if reading.intent is Intent.OTHER and not reading.courtesy:
        return Sentiment.NEGATIVE if mood <= -_CLEAR else Sentiment.UNCLEAR
    if mood >= _CLEAR:
        return Sentiment.POSITIVE
    return Sentiment.NEGATIVE if mood <= -_CLEAR else Sentiment.NEUTRAL
