"""What single words hint at, where no phrase is known. A hint is asked about, never acted on for good."""

import re

from frontdesk.ports.llm import Intent

ENOUGH = 1.9
"""So much must come together: two telling words, or one and some fainter ones."""
_AHEAD = 0.5
"""So far ahead of the next intent the guess must be."""

# Words, by how much they tell.
_WORDS: dict[Intent, tuple[tuple[float, str], ...]] = {
    Intent.REFUSAL: (
        (1.3, "anymore elsewhere bought sold fitted installed renting scrapped abandoned hassle pointless unwanted "
              "decline declined "
              "rejected ridiculous cheaper competitor uninterested nothing unfortunately regret dead"),
        (0.9, "already no not never none chose chosen gone done found finished moved different instead idea enough"),
        (0.5, "sorry thanks but now someone else ago"),
    ),
    Intent.WRONG_NUMBER: (
        (1.5, "wrong mistaken misdialled mixup"),
        (1.2, "leadname leadname's ex belongs owner landline payphone sim"),
        (0.9, "number phone mobile him her his name person mistake meant daughter son widow company"),
        (0.4, "not no this never sorry here"),
    ),
    Intent.WANTS_PERSON: (
        (1.3, "human manager supervisor person humans receptionist representative adviser advisor colleague staff"),
        (0.9, "someone somebody speak talk real agent bot robot machine computer charge team office people"),
        (0.5, "put get else actual proper reply answer want on rather"),
    ),
    Intent.NOT_NOW: (
        (1.2, "later busy hectic weeks months spring summer autumn winter skint hospital holiday poorly eventually "
              "someday meanwhile"),
        (0.8, "wait until time year month nights shift kids money budget saving when once after soon another moment "
              "baby wedding"),
        (0.4, "not yet bit still maybe just now cant day"),
    ),
    Intent.WANTS_CALL: (
        (1.3, "call ring phone callback appointment"),
        (0.8, "speak talk chat book available free tomorrow week today"),
        (0.4, "me please when can"),
    ),
    Intent.INTEREST: (
        (1.2, "interested keen love want wanted eager ready yes hearing"),
        (0.9, "like would need good great details info more quote hear forward up"),
        (0.4, "please still thanks go get on"),
    ),
}  # fmt: skip
_TELLS: dict[str, dict[Intent, float]] = {}
for _intent, _rows in _WORDS.items():
    for _weight, _words in _rows:
        for _word in _words.split():
            _TELLS.setdefault(_word, {})[_intent] = _weight


def guess(text: str) -> Intent | None:
    """The intent the words of plain `text` hint at together, if they do so clearly."""
    words = set(re.findall(r"[^\W_]+(?:'s)?", text))
    if len(words) > 40:
        return None
    scores: dict[Intent, float] = {}
    for word in words:
        for intent, weight in _TELLS.get(word, {}).items():
            scores[intent] = scores.get(intent, 0.0) + weight
    if "not" in words or "no" in words:
        scores.pop(Intent.INTEREST, None)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if not ranked or ranked[0][1] < ENOUGH:
        return None
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < _AHEAD:
        return None
    return ranked[0][0]
