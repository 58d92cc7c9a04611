"""Where uploaded and made files lie."""

from collections.abc import AsyncIterator
from typing import Protocol


class FileStore(Protocol):
    """Files by key. Keys start with the organisation's id."""

    async def write(self, key: str, chunks: AsyncIterator[bytes], *, limit: int) -> int:
        """Store the stream under `key` and return its size in bytes. Raises `kernel.errors.TooLarge` past `limit`
        and OSError where there is no room, leaving nothing behind."""
        ...

    def read(self, key: str) -> AsyncIterator[bytes]:
        """The file in chunks. Raises `kernel.errors.NotFound`."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the file; nothing happens when it is not there."""
        ...
