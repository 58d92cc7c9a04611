"""Parts of files, as players of audio ask for them: one range of bytes (RFC 9110, section 14). No web framework."""

import re
from collections.abc import AsyncIterator
from typing import NamedTuple

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Part(NamedTuple):
    """What is answered to a request for a file: a status, headers, and which bytes, if any."""

    status: int
    headers: dict[str, str]
    first: int
    last: int

    async def of(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """These bytes of the file."""
        at = 0
        async for chunk in chunks:
            begin, end = max(self.first - at, 0), min(self.last + 1 - at, len(chunk))
            if begin < end:
                yield chunk[begin:end]
            at += len(chunk)
            if at > self.last:
                return


def part_of(header: str | None, size: int) -> Part:
    """The part of a file of `size` bytes that a `Range` header asks for; all of it where the header makes no sense."""
    whole = Part(200, {"Accept-Ranges": "bytes", "Content-Length": str(size)}, 0, size - 1)
    found = _RANGE.fullmatch((header or "").strip())
    if found is None or not (found[1] or found[2]):
        return whole
    if found[1]:
        first, last = int(found[1]), min(int(found[2]), size - 1) if found[2] else size - 1
        if found[2] and int(found[2]) < first:
            return whole
    else:  # the last so many bytes
        first, last = max(size - int(found[2]), 0), size - 1
    if first > last:
        return Part(416, {"Content-Range": f"bytes */{size}", "Content-Length": "0"}, 0, -1)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Range": f"bytes {first}-{last}/{size}",
        "Content-Length": str(last + 1 - first),
    }
    return Part(206, headers, first, last)
