"""Passwords, tokens and sealed credentials."""

import asyncio
import sys
import unicodedata

import pytest
from cryptography.fernet import Fernet

from frontdesk.platform import crypto


async def test_a_password_matches_its_own_hash_only():
    stored = await crypto.hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert await crypto.password_matches("correct horse", stored)
    assert not await crypto.password_matches("correct horse ", stored)
    assert not crypto.hash_is_outdated(stored)
    assert crypto.hash_is_outdated("$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA")


async def test_passwords_cost_what_the_library_advises_outside_tests():
    show = "import asyncio; from frontdesk.platform import crypto; print(asyncio.run(crypto.hash_password('x' * 9)))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", show, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    assert out.startswith(b"$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize("stored", [None, "", "plain", "$2b$12$abc", "$argon2id$v=19$m=8"])
async def test_nobody_has_a_password_that_matches(stored: str | None):
    assert not await crypto.password_matches("", stored)
    assert not await crypto.password_matches("\ud800", stored)


async def test_one_letter_is_one_letter_however_it_was_typed():
    stored = await crypto.hash_password(unicodedata.normalize("NFC", "Éléphant rose"))
    assert await crypto.password_matches(unicodedata.normalize("NFD", "Éléphant rose"), stored)


def test_a_sealed_credential_opens_with_any_key_and_reseals_with_the_first():
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = crypto.Vault([old]).seal("sk_test_é")
    both = crypto.Vault([new, old])
    assert both.open(sealed) == "sk_test_é"
    assert crypto.Vault([new]).open(both.reseal(sealed)) == "sk_test_é"
    for broken in (sealed[:-2], "x", ""):
        with pytest.raises(crypto.Unreadable):
            both.open(broken)
    with pytest.raises(crypto.Unreadable):
        crypto.Vault([new]).open(sealed)


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("sk_live_ab_cdefghijklmnop1234", "sk_live_…1234"),
        ("whsec_abcdefghijklmnop1234", "whsec_…1234"),
        ("ABCDEFGHIJKLMNOP1234", "…1234"),
        ("short_secret", "…"),
    ],
)
def test_a_masked_secret_shows_its_kind_and_its_end(secret: str, shown: str):
    assert crypto.masked(secret) == shown


def test_tokens_are_long_and_differ():
    assert len({crypto.make_token() for _ in range(100)}) == 100
    assert len(crypto.make_token()) == 43
