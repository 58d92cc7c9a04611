"""The words of campaign texts: no placeholder is ever sent, and names look as their bearers write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.samples import lead

from frontdesk.domain.campaigns.model import DEFAULT_TEMPLATES
from frontdesk.domain.campaigns.wording import (
    FALLBACKS,
    fields_used,
    fixed,
    lacks_way_out,
    name_as_written,
    render,
    wrong_with,
)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Dana", "Dana"), ("  dana ", "Dana"), ("JOHN", "John"), ("mr john", "John"), ("Mr. JOHN  SMITH", "John Smith"),
        ("DR", ""), ("O'BRIEN", "O'Brien"), ("anne-marie", "Anne-Marie"), ("McDonald", "McDonald"),
        ("MCDONALD", "McDonald"), ("DeShawn", "DeShawn"), ("JJ", "JJ"), ("JO", "Jo"), ("ZOË", "Zoë"), ("李", "李"),
        ("n/a", ""), ("-", ""), ("Unknown", ""), ("dana@example.com", ""), ("07700900123", ""), ("", ""),
        ("van der Berg", "van der Berg"), ("Drew", "Drew"), ("Mrinal", "Mrinal"), ("Miss", ""),
    ],
)  # fmt: skip
def test_names(typed: str, name: str):
    assert name_as_written(typed) == name


@pytest.mark.parametrize(
    ("template", "fields", "text"),
    [
        ("Hi {first_name}!", {"first_name": ""}, "Hi there!"),
        ("Hi {first_name|friend}!", {"first_name": "n/a"}, "Hi friend!"),
        ("Hi {first_name|friend}!", {"first_name": "ANN"}, "Hi Ann!"),
        ("Hi {first_name|}, hello", {"first_name": " "}, "Hi, hello"),
        ("Hi {{ First Name }}", {"first_name": "Bo"}, "Hi Bo"),
        ("About {service_interest}", {"service_interest": "{loft}  conversion\n"}, "About loft conversion"),
        ("{business} and {agent_name}", {}, "Acme and Sam"),
        ("Hi {first_name", {"first_name": "Bo"}, "Hi first_name"),
    ],
)
def test_rendering(template: str, fields: dict[str, str], text: str):
    assert render(template, lead(**fields), "Acme", "Sam") == text


@given(
    fields=st.fixed_dictionaries({name: st.text(max_size=30) for name in ("first_name", "service_interest")}),
    template=st.sampled_from([*DEFAULT_TEMPLATES.values(), " ".join(f"{{{name}}}" for name in FALLBACKS)])
    | st.text(alphabet="ab {}|_first_name"),
)
def test_no_text_ever_shows_a_brace(fields: dict[str, str], template: str):
    text = render(template, lead(**fields), "Acme", "Sam")
    assert not set("{}") & set(text)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("Hi {first_name}", None),
        ("Hi {First Name|friend}", None),
        ("Hi {frist_name}", "There is no field {frist_name}. Did you mean {first_name}?"),
        ("Hi {firstname}", "There is no field {firstname}. Did you mean {first_name}?"),
        ("Hi {name}", "There is no field {name}. Did you mean {first_name}?"),
        ("Hi {zzz}", "There is no field {zzz}."),
        ("Hi {first_name", "A brace is not closed. A field is written as {first_name}."),
        ("Hi [First Name]", "[First Name] would be sent as it stands. Write it as {first_name}."),
        ("Hi %first_name%", "%first_name% would be sent as it stands. Write it as {first_name}."),
        ("100% of [them] < 3", None),
    ],
)
def test_what_is_wrong_with_a_text(template: str, said: str | None):
    assert wrong_with(template) == said


def test_the_products_own_texts_are_in_order():
    assert [wrong_with(template) for template in DEFAULT_TEMPLATES.values()] == [None] * 3
    assert not lacks_way_out(DEFAULT_TEMPLATES[1])
    assert lacks_way_out("Hi {first_name}, stopping by")
    assert not lacks_way_out("Bonjour {first_name}. Répondez ARRÊT pour ne plus rien recevoir.")
    assert lacks_way_out("Hola {first_name}, ¿la obra es alta o baja?")
    assert fields_used("{business}: {first_name|x} {{ postcode }}") == {"first_name", "postcode"}


def test_what_has_to_stay_in_a_text_whoever_words_it():
    text = "Hi Dana, Sam from Sunny Solar. 10% off until 30 June: sunny.example/x or 0113 496 0000. Reply STOP to end."
    assert fixed(text, ["Dana", "Sunny", "Olaf", ""]) == [
        "Dana", "Sunny", "Reply STOP to end.", "10%", "30", "sunny.example/x", "0113", "496", "0000",
    ]  # fmt: skip
    assert fixed("Danan, reply soon.", ["Dana"]) == []
