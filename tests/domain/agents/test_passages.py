"""Splitting documents: nothing is lost, nothing is too long."""

from hypothesis import given
from hypothesis import strategies as st

from frontdesk.domain.agents.passages import LONGEST, split
from frontdesk.ports.documents import Section

PIECE = st.text(alphabet="ab .\n\té€", max_size=60)
TEXT = st.builds(lambda piece, times: piece * times, PIECE, st.integers(1, 40))


@given(st.lists(st.tuples(st.text(max_size=300), TEXT), max_size=4))
def test_every_word_is_in_a_passage_and_none_is_too_long(parts: list[tuple[str, str]]) -> None:
    made = split("price_list.pdf", [Section(heading, text) for heading, text in parts])
    assert all(0 < len(each.body) <= LONGEST for each in made)
    assert all(0 < len(each.title) <= 200 and each.title.startswith("price list") for each in made)
    whole = "".join("".join(text.split()) for _, text in parts)
    assert "".join("".join(each.body.split()) for each in made) == whole


def test_short_paragraphs_go_together_and_long_ones_are_cut_between_sentences() -> None:
    short = [Section("Prices", "Doors 1.\n\nWindows 2.")]
    assert [(one.title, one.body) for one in split("list.csv", short)] == [("list: Prices", "Doors 1.\nWindows 2.")]
    sentence = "This sentence is about kitchens. "
    long = split("list.txt", [Section("", sentence * 60)])
    assert len(long) > 1
    assert all(one.body.endswith("kitchens.") for one in long)
