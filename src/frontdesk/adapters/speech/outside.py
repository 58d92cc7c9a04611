"""Speech over a provider's HTTP: one account, its patience, what it answers where it does not work, in words.

What a provider is asked, and how it answers when it works, is for the module of that provider.
"""

import asyncio
import io
import re
import wave
from abc import ABC, abstractmethod
from array import array
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from typing import Any, TypeVar, cast

import aiohttp
import msgspec
from msgspec import Struct
from yarl import URL

from frontdesk.ports.speech import HEARD_RATE, SpeechFailed

PATIENCE = 4.0
"""Seconds until words, or the first of the audio, have to be there."""
LINE_RATE = 8_000
"""Samples a second of a telephone line: who can is asked for no more."""
SHORTEST = HEARD_RATE // 10 * 2
"""Bytes below which there can be no word."""

_QUIET_FOR = 2.0
"""Seconds in which the next of the audio has to be there once it has begun."""
_KEPT_OPEN = 90.0
"""Seconds for which an idle connection is kept, so that the next turn needs no new one."""
_MOST = 1_000_000
"""Bytes of an answer in words."""
_ENOUGH = 2_048
"""Bytes of audio that are looked at before any is passed on."""
_NOISE = 12_000
"""Mean of the samples' sizes that no speech has: what is no audio, read as if it were, has 16,000."""
_NO_CREDIT = ("quota", "credit", "payment")
_OTHER_FILES = (b"RIFF", b"ID3", b"OggS", b"fLaC", b"\xff\xfb", b"\xff\xf3")
_CODE = re.compile(r"[A-Za-z0-9_ .-]{2,40}")

Said = TypeVar("Said")


class Account(Struct, frozen=True):
    """What an operator has at a provider."""

    api_key: str
    base_url: str
    """No slash at its end."""
    patience: float = PATIENCE
    quiet_for: float = _QUIET_FOR

    def __repr__(self) -> str:
        return f"Account({self.base_url})"  # a key is in no log


class Outside:
    """One account's API. Connections are opened when first needed; `close` ends them."""

    def __init__(self, account: Account, headers: Mapping[str, str]) -> None:
        self._account, self._headers = account, dict(headers)
        self._session: aiohttp.ClientSession | None = None

    async def words(self, path: str, file: bytes, answers: type[Said], form: Mapping[str, str] | None = None) -> Said:
        """POST a WAV file, alone or in a form; the answer in its shape. Raises SpeechFailed."""
        with self._plainly():
            async with asyncio.timeout(self._account.patience), self._asked(path, _body(file, form)) as answer:
                await _accept(answer)
                body = await _whole(answer)
        try:
            return msgspec.json.decode(body, type=answers)
        except msgspec.DecodeError:
            raise SpeechFailed("its answer makes no sense") from None

    async def audio(self, path: str, asked: Mapping[str, Any], *, text: str, rate: int) -> AsyncGenerator[bytes]:
        """POST what is to be said; plain samples, whole ones, as they come. Raises SpeechFailed, also for what is no
        speech. `text` bounds how long it may go on."""
        most = int(rate * 2 * (10 + len(text) / 4))  # nobody speaks as slowly
        with self._plainly():
            async with AsyncExitStack() as stack:
                head = b""
                async with asyncio.timeout(self._account.patience):
                    answer = await stack.enter_async_context(self._asked(path, lambda: {"json": asked}))
                    await _accept(answer)
                    while len(head) < _ENOUGH and (piece := await answer.content.readany()):
                        head += piece
                _look_at(head, answer.content_type)
                given, sounds, piece = 0, False, head
                while piece:
                    whole, rest = piece[: len(piece) // 2 * 2], piece[len(piece) // 2 * 2 :]
                    given, sounds = given + len(whole), sounds or any(whole)
                    if given > most:
                        raise SpeechFailed("it does not stop")
                    if whole:
                        yield whole
                    more = await self._more(answer)
                    piece = rest + more if more else b""
                if not sounds:
                    raise SpeechFailed("it gave silence")

    async def _more(self, answer: aiohttp.ClientResponse) -> bytes:
        try:
            async with asyncio.timeout(self._account.quiet_for):
                return await answer.content.readany()
        except TimeoutError:
            raise SpeechFailed("it went quiet in mid-sentence") from None

    async def close(self) -> None:
        """End all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @asynccontextmanager
    async def _asked(self, path: str, body: Callable[[], dict[str, Any]]) -> AsyncGenerator[aiohttp.ClientResponse]:
        """The answer to a POST, which is asked anew where the connection that was kept has been closed meanwhile."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers, cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(keepalive_timeout=_KEPT_OPEN),
                timeout=aiohttp.ClientTimeout(total=None),  # ours are in `words` and `audio`
            )  # fmt: skip
        url = URL(self._account.base_url + path, encoded=True)
        try:
            answer = await self._session.post(url, allow_redirects=False, **body())
        except (aiohttp.ServerDisconnectedError, ConnectionResetError):
            answer = await self._session.post(url, allow_redirects=False, **body())
        async with answer:
            yield answer

    @contextmanager
    def _plainly(self) -> Generator[None]:
        """What the network does, as SpeechFailed."""
        try:
            yield
        except TimeoutError:
            raise SpeechFailed("it took too long") from None
        except aiohttp.ClientConnectorError:
            raise SpeechFailed("it cannot be reached") from None
        except (aiohttp.ClientError, OSError):
            raise SpeechFailed("it broke off") from None


async def _accept(answer: aiohttp.ClientResponse) -> None:
    """Raises SpeechFailed for an answer that is a refusal."""
    if answer.status < 300:
        return
    code = _code_of(await _whole(answer))
    if answer.status == 402 or any(word in code.lower() for word in _NO_CREDIT):
        raise SpeechFailed(f"no credit is left there ({answer.status})")
    if answer.status in (401, 403):
        raise SpeechFailed(f"it refuses the key ({answer.status}{f', {code}' if code else ''})")
    if answer.status == 429:
        raise SpeechFailed("it is asked too much (429)")
    raise SpeechFailed(f"it answers {answer.status}{f' ({code})' if code else ''}")


def _code_of(body: bytes) -> str:
    """The vendor's short name for what is wrong. Its sentences may repeat keys and what was said: not those."""
    try:
        told: Any = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    for _ in range(2):  # OpenAI wraps it in `error`, ElevenLabs in `detail`
        if not isinstance(told, dict):
            return ""
        fields = cast("dict[str, Any]", told)
        for name in ("code", "err_code", "error_code", "status", "category", "type"):
            if isinstance(found := fields.get(name), str) and _CODE.fullmatch(found):
                return found
        told = fields.get("error") or fields.get("detail")
    return ""


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > _MOST:
            raise SpeechFailed("its answer has no end")
    return bytes(body)


def _look_at(head: bytes, content_type: str) -> None:
    """Raises SpeechFailed for what would be a loud noise in a caller's ear."""
    if not head:
        raise SpeechFailed("it gave no audio")
    samples = array("h", head[: len(head) // 2 * 2])
    noise = bool(samples) and sum(map(abs, samples)) / len(samples) > _NOISE
    if noise or content_type.startswith(("text/", "application/json")) or head.startswith(_OTHER_FILES):
        raise SpeechFailed("what it gave is no audio")


def _body(file: bytes, form: Mapping[str, str] | None) -> Callable[[], dict[str, Any]]:
    """What makes the body of a request, each time it is asked."""

    def made() -> dict[str, Any]:
        if form is None:
            return {"data": file, "headers": {"Content-Type": "audio/wav"}}
        data = aiohttp.FormData(dict(form))
        data.add_field("file", file, filename="speech.wav", content_type="audio/wav")
        return {"data": data}

    return made


def wav(audio: bytes) -> bytes:
    """What a `Transcriber` is given, as a WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(HEARD_RATE)
        file.writeframes(audio)
    return made.getvalue()


class Hearing(ABC):
    """A `Transcriber` of English at a provider. A subclass knows the provider."""

    name: str

    def __init__(self, api: Outside) -> None:
        self._api = api

    @abstractmethod
    async def _words(self, file: bytes) -> str:
        """The words in a WAV file. Raises SpeechFailed."""

    async def transcribe(self, audio: bytes) -> str:
        """The words in `audio`. Raises SpeechFailed."""
        if len(audio) < SHORTEST:
            return ""
        return (await self._words(wav(audio))).strip()

    async def warm(self) -> None:
        """Try it on half a second of nothing, which proves the key and opens a connection. Raises SpeechFailed."""
        await self.transcribe(bytes(HEARD_RATE))

    async def close(self) -> None:
        """End its connections."""
        await self._api.close()


class Speaking(ABC):
    """A `Synthesizer` of English at a provider, with voices to choose from. A subclass knows the provider."""

    name: str
    rate: int = LINE_RATE

    def __init__(self, api: Outside) -> None:
        self._api = api

    @abstractmethod
    def _spoken(self, text: str, voice: str) -> AsyncGenerator[bytes]:
        """`text` as audio. Raises SpeechFailed."""

    def speak(self, text: str) -> AsyncGenerator[bytes]:
        """`text` as audio, in the provider's usual voice. Raises SpeechFailed."""
        return self.speak_as(text, "")

    async def speak_as(self, text: str, voice: str) -> AsyncGenerator[bytes]:
        """`text` as audio, in the voice that is nearest to the one called `voice`. Raises SpeechFailed."""
        line = " ".join(text.split())
        if line:
            async with aclosing(self._spoken(line, voice)) as pieces:
                async for piece in pieces:
                    yield piece

    async def warm(self) -> None:
        """Have it say a word, which proves key and voice and opens a connection. Raises SpeechFailed."""
        async for _ in self.speak("Ready."):
            pass

    async def close(self) -> None:
        """End its connections."""
        await self._api.close()
