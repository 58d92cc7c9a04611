"""Files on this machine's disk, through obstore, which also knows S3, Google and Azure by the same calls."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import obstore
from obstore.exceptions import GenericError
from obstore.store import LocalStore

from frontdesk.kernel.errors import Invalid, NotFound, TooLarge

_CHUNK = 256 * 1024
# Names that we make: nothing that climbs, hides, or that some file system takes for something else.
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}){0,9}")

_OS_ERROR = re.compile(r"\(os error (\d+)\)")


class LocalFiles:
    """A `FileStore` under one directory. A file is there whole or not at all: it is written aside and then renamed."""

    def __init__(self, root: Path) -> None:
        """`root` is made if it is not there."""
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._store = LocalStore(root)

    async def write(self, key: str, chunks: AsyncIterator[bytes], *, limit: int) -> int:
        """Store the stream under `key`, in place of what was there, and return its size in bytes.

        Raises TooLarge past `limit`, Invalid for a key of other than plain names, OSError where the disk does not take
        it; whatever fails, `chunks` included, what was there before stays.
        """
        size = 0

        async def within_limit() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge(f"The file is larger than {limit} bytes.", limit=limit)
                if chunk:
                    yield chunk

        try:
            await obstore.put_async(self._store, _checked(key), within_limit(), chunk_size=_CHUNK)
        except GenericError as error:  # it tells the number in its text alone
            if told := _OS_ERROR.search(str(error)):
                raise OSError(int(told[1]), os.strerror(int(told[1]))) from error
            raise
        return size

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """The file in chunks. Raises NotFound at the first."""
        try:
            found = await obstore.get_async(self._store, _checked(key))
        except FileNotFoundError as error:
            raise NotFound("There is no such file.") from error
        async for chunk in found.stream(min_chunk_size=_CHUNK):
            yield bytes(chunk)

    async def delete(self, key: str) -> None:
        """Remove the file; nothing happens when it is not there."""
        try:
            await obstore.delete_async(self._store, _checked(key))
        except FileNotFoundError:
            return


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise Invalid("This is no key for a file.", field="key")
    return key
