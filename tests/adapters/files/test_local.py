"""Files on the local disk."""

import errno
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from frontdesk.adapters.files.local import LocalFiles
from frontdesk.kernel.errors import Invalid, NotFound, TooLarge


async def chunks(*parts: bytes | Exception) -> AsyncIterator[bytes]:
    for part in parts:
        if isinstance(part, Exception):
            raise part
        yield part


async def content(files: LocalFiles, key: str) -> bytes:
    return b"".join([chunk async for chunk in files.read(key)])


def left(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "files")


async def test_what_was_written_is_read(files: LocalFiles):
    assert await files.write("org/a.csv", chunks(b"one,", b"", b"two"), limit=100) == 7
    assert await content(files, "org/a.csv") == b"one,two"
    assert await files.write("org/a.csv", chunks(), limit=100) == 0
    assert await content(files, "org/a.csv") == b""


async def test_a_disk_that_does_not_take_it_is_told_as_such(files: LocalFiles, tmp_path: Path):
    await files.write("org/a.csv", chunks(b"before"), limit=100)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # the kernel refuses, as it does where a disk is full
    try:
        with pytest.raises(OSError) as refused:
            await files.write("org/a.csv", chunks(bytes(300_000)), limit=1_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.value.errno == errno.EFBIG
    assert await content(files, "org/a.csv") == b"before"
    assert left(tmp_path) == ["files/org/a.csv"]


async def test_a_large_file_comes_in_pieces(files: LocalFiles):
    piece = bytes(range(256)) * 4096
    assert await files.write("org/big", chunks(*[piece] * 12), limit=1 << 30) == 12 << 20
    sizes = [len(chunk) async for chunk in files.read("org/big")]
    assert sum(sizes) == 12 << 20
    assert max(sizes) < 4 << 20
    assert await content(files, "org/big") == piece * 12


async def test_what_fails_leaves_nothing_and_spares_what_was_there(files: LocalFiles, tmp_path: Path):
    await files.write("org/a", chunks(b"old"), limit=10)
    piece = b"x" * (1 << 20)
    with pytest.raises(TooLarge):
        await files.write("org/a", chunks(*[piece] * 12), limit=11 << 20)
    with pytest.raises(TooLarge):
        await files.write("org/b", chunks(b"12345", b"678901"), limit=10)
    with pytest.raises(ConnectionError):
        await files.write("org/a", chunks(*[piece] * 7, ConnectionError("gone")), limit=1 << 30)
    assert await content(files, "org/a") == b"old"
    assert left(tmp_path) == ["files/org/a"]


async def test_the_limit_itself_is_allowed(files: LocalFiles):
    assert await files.write("org/a", chunks(b"12345", b"67890"), limit=10) == 10


async def test_what_is_not_there(files: LocalFiles):
    with pytest.raises(NotFound):
        await content(files, "org/none")
    await files.delete("org/none")
    await files.write("org/a", chunks(b"x"), limit=1)
    await files.delete("org/a")
    with pytest.raises(NotFound):
        await content(files, "org/a")


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".hidden", "a\0", "a b", "a#1", "a" * 201, "a%2f..", "a\\b"],
)
async def test_keys_are_plain_names(files: LocalFiles, tmp_path: Path, key: str):
    with pytest.raises(Invalid):
        await files.write(key, chunks(b"x"), limit=10)
    with pytest.raises(Invalid):
        await content(files, key)
    assert left(tmp_path) == []
