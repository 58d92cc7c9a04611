"""Files of leads over a real socket: one that is too large is refused while it comes."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from tests.end_to_end.business import Business
from tests.end_to_end.conftest import Found
from tests.end_to_end.installation import Installation
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.process, pytest.mark.xdist_group("desk")]

MIB = 1024 * 1024
GIB = 1024 * MIB


def resident(pid: int) -> int:
    """Bytes of memory that a process has in use."""
    said = Path(f"/proc/{pid}/status").read_text()
    return int(said.split("VmRSS:")[1].split()[0]) * 1024


async def stream(us: Business, pid: int, **headers: str) -> tuple[str, int, int]:
    """Send a file of 1 GiB until it is answered, and on until the connection is closed: the answer, the bytes sent
    before it, and the most memory of the server."""
    url = us.http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = {
        "Host": url.netloc.decode(), "Authorization": us.http.headers["Authorization"],
        "Content-Type": "multipart/form-data; boundary=xx", **headers,
    }  # fmt: skip
    chunked = "Transfer-Encoding" in headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    writer.write(f"POST /reactivation/api/datasets/upload HTTP/1.1\r\n{lines}\r\n".encode())
    answered = asyncio.create_task(reader.readuntil(b"}}"))
    piece = b'--xx\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nName,Phone\n'
    sent, most = 0, 0
    try:
        while not answered.done() and sent < GIB:
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            await writer.drain()
            sent += len(piece)
            piece = b"Ann,07400000000\n" * (MIB // 16)
            most = max(most, await asyncio.to_thread(resident, pid))
        answer = await asyncio.wait_for(answered, 30)
        await until(lambda: cut_off(writer, piece), 30)
    finally:
        writer.transport.abort()
    return answer.decode(), sent, most


async def cut_off(writer: asyncio.StreamWriter, piece: bytes) -> bool:
    """Go on sending, as clients do that read no answer before they have sent all: whether the server has closed."""
    with contextlib.suppress(TimeoutError):
        try:
            writer.write(piece)
            await asyncio.wait_for(writer.drain(), 1)
        except ConnectionError:
            return True
    return False


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
async def test_a_file_that_is_too_large_is_refused_while_it_comes(desk: Installation, found: Found):
    us = await found(desk)
    pid = desk.pid
    before = resident(pid)
    for headers, limit in (({"Transfer-Encoding": "chunked"}, 260 * MIB), ({"Content-Length": str(GIB)}, 20 * MIB)):
        answer, sent, most = await stream(us, pid, **headers)
        assert answer.startswith("HTTP/1.1 400")  # the contract lists no 413: the code says what it is
        assert "connection: close" in answer
        assert '"code":"PAYLOAD_TOO_LARGE"' in answer
        assert sent < limit
        assert most - before < 64 * MIB
