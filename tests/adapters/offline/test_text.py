"""Plain words from what was typed."""

import pytest

from frontdesk.adapters.offline.text import plain


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("YEAHHH go onnn then 👍🏽", "yes go on then emojiyes"),
        ("can’t do tues", "can not do tuesday"),
        ("im intrested tmrw pls", "i am interested tomorrow please"),
        ("F*** off", "fuck off"),
        ("thursdsy afternon", "thursday afternoon"),
        ("2️⃣", "2"),
        ("no probs, gis a bell", "ok, call me"),
        ("wed'll do", "wednesday will do"),
        ("don't stop texting lol", "keep going lol"),
        ("dont mind me", "do not mind me"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_what_is_typed_becomes_plain_words(typed: str, words: str) -> None:
    assert plain([typed]).text == words


def test_names_become_what_they_stand_for() -> None:
    names = {"Dave": "leadname", "Sunny Solar": "ourname", "": "nobody"}
    assert (
        plain(["daves number? Not DAVE, ask sunny solar"], names).text == "leadname's number? not leadname, ask ourname"
    )


def test_a_name_that_is_a_word_stays_one_unless_it_is_named() -> None:
    assert plain(["I will, not Will"], {"Will": "leadname"}).text == "i will, not leadname"


def test_what_comes_after_a_but_weighs_more() -> None:
    clauses = plain(["not interested in solar but a boiler yes"]).clauses
    assert [(clause.text, clause.overruled) for clause in clauses] == [
        ("not interested in solar", True),
        ("a boiler yes", False),
    ]
