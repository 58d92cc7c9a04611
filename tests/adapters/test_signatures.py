"""What proves a webhook is what the vendor's own validator takes, and nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from frontdesk.adapters.signatures import Signatures

TOKEN = "t" * 32
HOSTS = st.sampled_from(["desk.example", "user:word@desk.example", "127.0.0.1", "[::1]", ""])
PORTS = st.sampled_from(["", ":443", ":80", ":8000", ":0", ":", ":x", ":99999"])
URLS = st.tuples(
    st.sampled_from(["http://", "https://", "HTTPS://"]), HOSTS, PORTS,
    st.sampled_from(["", "/", "/reactivation/api/webhooks/twilio", "/a;b", "/é"]),
    st.sampled_from(["", "?", "?message=1", "?bodySHA256=0a", "?a=b#c"]),
).map("".join)  # fmt: skip
FORMS = st.dictionaries(st.text(max_size=6), st.text(max_size=12), max_size=6)


VENDORS: Any = RequestValidator(TOKEN)  # typed in part


def _genuine(url: str, form: dict[str, str], signature: str) -> bool:
    """As the vendor says; what it cannot read is not genuine."""
    try:
        return bool(VENDORS.validate(url, form, signature))
    except ValueError:
        return False


@given(URLS, URLS, FORMS, st.text(max_size=30))
def test_the_same_is_genuine_as_to_the_vendor(url: str, other: str, form: dict[str, str], noise: str) -> None:
    ours = Signatures(TOKEN)
    signed = [VENDORS.compute_signature(one, form) for one in (url, other, url.replace(":443", ""), url + ":443")]
    assert signed[0] == ours.of(url, form)
    for signature in (*signed, signed[0][:-1], signed[0].swapcase(), "", noise):
        assert ours.prove(url, form, signature) == _genuine(url, form, signature)


def test_a_signature_holds_with_the_port_and_without() -> None:
    form, there = {"Body": "Hello"}, "/webhooks?message=1"
    ours = Signatures(TOKEN)
    assert ours.prove(f"https://desk.example{there}", form, ours.of(f"https://desk.example:443{there}", form))
    assert ours.prove(f"https://desk.example:443{there}", form, ours.of(f"https://desk.example{there}", form))
    assert not ours.prove(f"https://desk.example{there}", form, ours.of(f"https://desk.example:80{there}", form))
    assert not ours.prove(
        f"https://desk.example{there}", {"Body": "Hallo"}, ours.of(f"https://desk.example{there}", form)
    )
