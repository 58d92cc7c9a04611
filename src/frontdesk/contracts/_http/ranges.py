"""Parts of files, as players of audio ask for them: one range of bytes (RFC 9110, section 14)."""

import re
from collections.abc import AsyncIterator

from litestar.response import Stream

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def part_of(header: str | None, size: int) -> tuple[int, int] | None:
    """The first and last byte that a `Range` header asks for, of a file of `size` bytes. None: the whole of it, also
    where the header makes no sense. Raises ValueError for a range that lies beyond the file."""
    found = _RANGE.fullmatch((header or "").strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:  # the last so many bytes
        wanted = int(found[2])
        first, last = max(size - wanted, 0), size - 1
        if wanted == 0 or size == 0:
            raise ValueError(header)
        return first, last
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < first:
        return None
    if first >= size:
        raise ValueError(header)
    return first, last


async def cut(chunks: AsyncIterator[bytes], first: int, last: int) -> AsyncIterator[bytes]:
    """The bytes from `first` to `last` of a stream."""
    at = 0
    async for chunk in chunks:
        begin, end = max(first - at, 0), min(last + 1 - at, len(chunk))
        if begin < end:
            yield chunk[begin:end]
        at += len(chunk)
        if at > last:
            return


def audio_answer(chunks: AsyncIterator[bytes], size: int, content_type: str, wanted: str | None) -> Stream:
    """The answer to a request for a recording of `size` bytes, with the header `Range: wanted`, if that was sent."""
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "sandbox",
        "Content-Disposition": "inline",
    }
    try:
        part = part_of(wanted, size)
    except ValueError:
        headers |= {"Content-Range": f"bytes */{size}", "Content-Length": "0"}
        return Stream(_nothing(), status_code=416, media_type=content_type, headers=headers)
    if part is None:
        return Stream(chunks, media_type=content_type, headers={**headers, "Content-Length": str(size)})
    first, last = part
    headers |= {"Content-Range": f"bytes {first}-{last}/{size}", "Content-Length": str(last + 1 - first)}
    return Stream(cut(chunks, first, last), status_code=206, media_type=content_type, headers=headers)


async def _nothing() -> AsyncIterator[bytes]:
    for chunk in (b"",):
        yield chunk
