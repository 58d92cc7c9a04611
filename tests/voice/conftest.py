"""A voice process within the test's own, and telephones that ring it. Speech is by stand-ins that take no time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy
import pytest
import uvicorn
from tests.fixtures.calls import told
from tests.fixtures.organizations import Organization
from tests.fixtures.waiting import until

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls import store
from frontdesk.domain.calls.model import Call, Step, Turn
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.ports import media
from frontdesk.ports.speech import SpeechFailed, Synthesizer
from frontdesk.process import listen
from frontdesk.voice.handset import RATE, Handset, resampled
from frontdesk.voice.line import Manner
from frontdesk.voice.socket import MediaSocket
from frontdesk.voice.speech import Providers

SPEECH = "I would like to book a visit please"
"""What is in the air whatever is heard: without a pause, so that it is one stretch of speech."""

QUICK = Manner(turn_ends=0.3)
"""Turns as tests have time for them; but no machine is so busy that a caller is taken for silent."""


@cache
def voice(text: str) -> bytes:
    """A caller's voice: Pico's, which is not the assistant's own."""
    from py_nanotts import NanoTTS

    samples = numpy.frombuffer(NanoTTS().speak(text, voice="en-GB"), dtype="<i2")
    return resampled(samples.astype(numpy.float32) / 32768, 16_000)


class Scripted:
    """A `Transcriber` that hears what a test says is being said, once, and else nothing."""

    name = "scripted"

    def __init__(self, *trouble: str) -> None:
        """`trouble`: what befalls it before it hears anything: "fails" or "hangs"."""
        self.trouble = list(trouble)
        self.next: list[str] = []

    async def transcribe(self, audio: bytes) -> str:
        assert len(audio) % 2 == 0
        if self.trouble:
            if self.trouble.pop(0) == "hangs":
                await asyncio.Event().wait()
            raise SpeechFailed("out of order")
        return self.next.pop(0) if self.next else ""

    async def warm(self) -> None:
        """It is."""

    async def close(self) -> None:
        """Nothing to let go of."""


class Humming:
    """A `Synthesizer` that hums, for a while that grows with the text."""

    rate = RATE

    def __init__(
        self, name: str = "humming", seconds_a_word: float = 0.02, hangs: bool = False, takes: float = 0
    ) -> None:
        """`takes`: seconds until the first sound of each sentence."""
        self.name, self._seconds, self._hangs, self._takes = name, seconds_a_word, hangs, takes
        self.said: list[str] = []

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        self.said.append(text)
        if self._hangs:
            await asyncio.Event().wait()
        await asyncio.sleep(self._takes)
        at = numpy.arange(int(len(text.split()) * self._seconds * self.rate) + 400) / self.rate
        yield (numpy.sin(at * 440 * 2 * numpy.pi) * 8000).astype("<i2").tobytes()

    async def warm(self) -> None:
        """It is."""

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Exchange:
    """A voice process, and what of it a test looks at."""

    context: Context
    works: Works
    org: Organization
    url: str
    socket: MediaSocket
    ears: Scripted
    handsets: list[Handset] = field(default_factory=list)
    rung: int = 0

    async def ring(self, sender: str = "+447700900777") -> tuple[Handset, Step]:
        """Call the organisation, and be connected."""
        self.rung += 1
        step = await calls.receive(self.context, told(self.org, f"CA{self.rung:032}", sender))
        return await self.connect(step), step

    async def connect(self, step: Step, **parameters: str) -> Handset:
        """Open the media socket that a step asks for."""
        handset = Handset()
        self.handsets.append(handset)
        given = {media.CALL: str(step.call_id), media.PROOF: step.proof} | parameters
        await handset.connect(self.url, "CA", given, {})
        return handset

    async def say(self, handset: Handset, words: str) -> None:
        """Have a caller say `words`, once the other side has had its say."""
        assert await handset.my_turn(30), "the other side says nothing"
        self.ears.next.append(words)
        await handset.say(voice(SPEECH))

    async def call(self, step: Step) -> Call:
        """The record as it stands."""
        assert step.call_id is not None
        async with self.works.begin(self.org.actor) as work:
            return await store.get(work, step.call_id)

    async def turns(self, step: Step) -> list[Turn]:
        """The transcript as it stands."""
        assert step.call_id is not None
        async with self.works.begin(self.org.actor) as work:
            return await store.turns(work, step.call_id)

    async def over(self, step: Step, limit: float = 20.0) -> Call:
        """Wait for the end of the call; its record."""

        async def ended() -> bool:
            return (await self.call(step)).status.ended

        await until(ended, limit)
        await until(lambda: not self.socket.calls_under_way, limit)
        return await self.call(step)


MakeExchange = Callable[..., Awaitable[Exchange]]


@pytest.fixture
async def exchange(context: Context, works: Works, org: Organization) -> AsyncIterator[MakeExchange]:
    """Makes a voice process with these providers of speech."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(
            *mouths: Synthesizer, ears: Sequence[Scripted] = (), manner: Manner = QUICK, **within: float
        ) -> Exchange:
            heard = ears or [Scripted()]
            providers = Providers(heard, mouths or [Humming()], **within)
            socket = MediaSocket(context, providers, manner)
            bound = listen("127.0.0.1", 0)
            config = uvicorn.Config(socket, lifespan="off", log_config=None, access_log=False, ws="websockets-sansio")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([bound]))
            await until(lambda: server.started)
            made = Exchange(
                context, works, org, f"ws://127.0.0.1:{bound.getsockname()[1]}{media.PATH}", socket, heard[-1]
            )

            async def close() -> None:
                for handset in made.handsets:
                    await handset.drop()
                await socket.close()
                await until(lambda: not socket.calls_under_way)
                server.should_exit = True
                await serving
                bound.close()

            stack.push_async_callback(close)
            return made

        yield make
