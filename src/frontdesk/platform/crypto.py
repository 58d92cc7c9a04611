"""Passwords, random tokens, keyed hashes, and the encryption of stored credentials. What is done with them is for the
features."""

import asyncio
import functools
import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

T = TypeVar("T")

_KIND = re.compile(r"[a-z]{2,10}_(?:(?:live|test)_)?")

_hasher = PasswordHasher()
# Two at a time: each takes 64 MiB and all of a core, and a flood of sign-ins must leave room for other work.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


async def hash_password(password: str) -> str:
    """The argon2id hash of `password`, with its parameters and salt. Takes tens of milliseconds, in a thread."""
    return await _in_thread(lambda: _hasher.hash(_bytes(password)))


async def password_matches(password: str, stored: str | None) -> bool:
    """Whether `password` is the one behind the hash `stored`.

    None (nobody, or nobody with a password) takes as long as a wrong password does, and is never right.
    """
    return await _in_thread(lambda: _matches(password, stored))


def hash_is_outdated(stored: str) -> bool:
    """Whether `stored` was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def make_token() -> str:
    """A random text of 256 bits, safe in URLs. Store only its `token_hash`."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a random token. A plain SHA-256: nobody can guess what was random to begin with."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def masked(secret: str) -> str:
    """`secret` as it may be shown: the kind that it begins with, if it does, and its last four characters.

    `sk_live_` and more becomes `sk_live_…1234`. Short secrets show nothing at all.
    """
    if len(secret) < 16:
        return "…"
    kind = _KIND.match(secret)
    return f"{kind[0] if kind else ''}…{secret[-4:]}"


class Vault:
    """Encrypts what is stored of other people's credentials."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are Fernet keys; the first encrypts, and all of them decrypt. Raises ValueError without any."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: str) -> str:
        """`secret`, encrypted and authenticated."""
        return self.seal_bytes(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """What `seal` was given. Raises Unreadable when no key fits or it was tampered with."""
        return self.open_bytes(sealed.encode()).decode()

    def seal_bytes(self, secret: bytes) -> bytes:
        """`secret`, encrypted and authenticated."""
        return self._fernet.encrypt(secret)

    def open_bytes(self, sealed: bytes) -> bytes:
        """What `seal_bytes` was given. Raises Unreadable as `open` does."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise Unreadable from error

    def reseal(self, sealed: str) -> str:
        """The same secret under the first key. Raises Unreadable."""
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken as error:
            raise Unreadable from error


class KeyedHash:
    """HMAC-SHA256 under keys of their own for each purpose, derived from one secret: nobody without it can make or
    check one, and a hash for one purpose is worth nothing for another."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._keys: dict[str, bytes] = {}

    def of(self, purpose: str, data: bytes) -> bytes:
        """The hash of `data`, 32 bytes."""
        return hmac.digest(self._key(purpose), data, "sha256")

    def of_many(self, purpose: str, many: Iterable[bytes]) -> list[bytes]:
        """The hashes of `many`, in their order."""
        key = self._key(purpose)
        return [hmac.digest(key, data, "sha256") for data in many]

    def _key(self, purpose: str) -> bytes:
        if purpose not in self._keys:
            self._keys[purpose] = hmac.digest(self._secret, purpose.encode(), "sha256")
        return self._keys[purpose]


class Unreadable(Exception):
    """A stored credential that none of the keys opens."""

    def __init__(self) -> None:
        super().__init__("A stored credential cannot be read with the encryption keys in use.")


def _matches(password: str, stored: str | None) -> bool:
    try:
        return _hasher.verify(stored or _nobodys_hash(), _bytes(password)) and stored is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


@functools.cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_bytes(16))


def _bytes(password: str) -> bytes:
    # Keyboards differ in how they compose one and the same letter. Half a character is a wrong password, not an error.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


async def _in_thread(work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
