"""The length of texts, held to the published table and to a rule written another way."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from frontdesk.kernel.sms import Encoding, beyond_gsm, segments_of, size_of

# GSM 03.38 (3GPP TS 23.038), 6.2.1, row by row; the escape at 0x1B is no character.
TABLE = [
    "@Δ 0¡P¿p", "£_!1AQaq", '$Φ"2BRbr', "¥Γ#3CScs", "èΛ¤4DTdt", "éΩ%5EUeu", "ùΠ&6FVfv", "ìΨ'7GWgw", "òΣ(8HXhx",
    "ÇΘ)9IYiy", "\nΞ*:JZjz", "Ø+;KÄkä", "øÆ,<LÖlö", "\ræ-=MÑmñ", "Åß.>NÜnü", "åÉ/?O§oà",
]  # fmt: skip
BASIC = set("".join(TABLE))
EXTENSION = set("\f^{}\\[~]|€")


def test_the_table_is_whole():
    assert len(BASIC) == 127
    assert all(size_of(char).encoding is Encoding.GSM_7 and size_of(char).units == 1 for char in BASIC)
    assert all(size_of(char).encoding is Encoding.GSM_7 and size_of(char).units == 2 for char in EXTENSION)
    others = [chr(code) for code in range(0xD800) if chr(code) not in BASIC | EXTENSION]
    assert all(size_of(char).encoding is Encoding.UCS_2 for char in others)


def independent(text: str) -> int:
    """Segments by encoding the text to octets of one kind or the other, and dealing characters into segments."""
    if set(text) <= BASIC | EXTENSION:
        pieces = [b"\x1b?" if char in EXTENSION else b"?" for char in text]
        alone, joined = 160, 153
    else:
        pieces = [char.encode("utf-16-be", "surrogatepass") for char in text]
        alone, joined = 140, 134
    if len(b"".join(pieces)) <= alone:
        return 1
    segments = [b""]
    for piece in pieces:
        if len(segments[-1]) + len(piece) > joined:
            segments.append(b"")
        segments[-1] += piece
    return len(segments)


CHARACTERS = st.one_of(
    st.sampled_from(sorted(BASIC)), st.sampled_from(sorted(EXTENSION)), st.sampled_from("ç’–“😀👍🏽é"), st.characters()
)


@given(st.lists(st.tuples(CHARACTERS, st.integers(1, 170)), max_size=6))
@example([("a", 152), ("€", 1), ("a", 151)])
@example([("a", 66), ("😀", 1), ("a", 66)])
def test_segments_are_those_of_the_independent_rule(runs: list[tuple[str, int]]):
    text = "".join(char * count for char, count in runs)
    assert segments_of(text) == independent(text)


@given(st.text(alphabet=CHARACTERS, max_size=400))
def test_units_are_octets_in_another_unit(text: str):
    size = size_of(text)
    if size.encoding is Encoding.UCS_2:
        assert size.units == len(text.encode("utf-16-be", "surrogatepass")) // 2
    else:
        assert size.units == len(text) + sum(text.count(char) for char in EXTENSION)
    assert (size.encoding is Encoding.UCS_2) == bool(beyond_gsm(text))


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("a" * 152 + "€" * 4, "GSM-7", 160, 1),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("’" + "a" * 69, "UCS-2", 70, 1),
        ("’" + "a" * 70, "UCS-2", 71, 2),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 36, "UCS-2", 72, 2),
        ("😀" * 67, "UCS-2", 134, 3),
    ],
)
def test_known_lengths(text: str, encoding: str, units: int, segments: int):
    size = size_of(text)
    assert (size.encoding, size.units, size.segments) == (encoding, units, segments)


def test_it_names_what_a_plain_text_cannot_say():
    assert beyond_gsm("It’s 5 – “fine” 😀’") == ["’", "–", "“", "”", "😀"]
    assert beyond_gsm("Plain {text} €5") == []
