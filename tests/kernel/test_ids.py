"""Ids sort by when they were made, also within a millisecond."""

from frontdesk.kernel.ids import new_id, new_ids, parse_id


def test_ids_ascend_and_are_of_version_7():
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {(made_one.version, made_one.variant) for made_one in made} == {(7, "specified in RFC 4122")}


def test_many_at_once_are_as_those_made_one_by_one():
    made = [new_id(), *new_ids(5_000), new_id(), *new_ids(1), *new_ids(0), new_id()]
    assert made == sorted(made)
    assert len(set(made)) == len(made) == 5_004
    assert {(made_one.version, made_one.variant) for made_one in made} == {(7, "specified in RFC 4122")}


def test_only_the_canonical_form_is_an_id():
    one = new_id()
    assert parse_id(str(one)) == one
    for text in (one.hex, f"{{{one}}}", f"urn:uuid:{one}", "", "x" * 36, str(one) + " "):
        assert parse_id(text) is None
