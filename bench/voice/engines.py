"""What answers the calls: Frontdesk's voice process, and a bare pipecat bot beside it. Here: starting, ringing."""

import asyncio
import os
import random
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from uuid import UUID, uuid4

from bench.servers import free_port, running
from bench.stand import PUBLIC_URL, Stand, Tenant
from frontdesk.domain.agents.service import save_fact
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls import store
from frontdesk.domain.calls.model import CallSettings, CarrierCall, Next, Speaker
from frontdesk.kernel.access import system_actor
from frontdesk.ports import media
from frontdesk.voice.door import places
from frontdesk.voice.line import Manner

MANNER = Manner()
"""How turns are taken, at every engine alike."""
OFFLINE, STAND_IN = "offline", "stand-in"
_STARTS_WITHIN = 120.0
_FACTS = (
    ("Opening hours", "We are open from eight to six on weekdays, and from nine until noon on Saturdays."),
    ("Emergencies", "For burst pipes and gas we come at any hour, the weekend included, usually within two hours."),
    ("Prices", "A visit costs sixty pounds, which we take off the bill when you have the work done by us."),
    ("Area", "We work within twenty miles of the town centre, and our shop is in Station Road."),
)  # fmt: skip


class Engine:
    """An engine that takes calls. `pid` is the process whose cost is counted, with its children."""

    def __init__(self, name: str, pid: int, url: str) -> None:
        self.name, self.pid, self.url = name, pid, url

    async def ring(self) -> dict[str, str]:
        """Have a call come in, and say what its media socket is told."""
        return {}


class Frontdesk(Engine):
    """Ours: a call is taken in as the carrier's webhook does it, by organisations in turn."""

    def __init__(self, name: str, pid: int, url: str, stand: Stand, tenants: Sequence[Tenant]) -> None:
        super().__init__(name, pid, url)
        self._stand, self._tenants = stand, cycle(tenants)
        self.last: tuple[Tenant, UUID] | None = None

    async def ring(self) -> dict[str, str]:
        """A call of somebody who has never called."""
        tenant = next(self._tenants)
        told = CarrierCall(
            carrier="sandbox", provider_call_id=f"CA{uuid4().hex}", called=tenant.number,
            sender=f"+4477009{random.randrange(10**5):05}",
        )  # fmt: skip
        step = await calls.receive(self._stand.runtime.context, told)
        if step.do is not Next.CONNECT or step.call_id is None:
            raise AssertionError(f"the call was not connected: {step.do} {step.says}")
        self.last = tenant, step.call_id
        return {media.CALL: str(step.call_id), media.PROOF: step.proof}

    async def answers(self) -> list[str]:
        """What the assistant has answered on the last call, turn by turn, its first words left out."""
        assert self.last is not None
        tenant, call_id = self.last
        async with self._stand.runtime.context.works.begin(system_actor(tenant.org_id)) as work:
            turns = await store.turns(work, call_id)
        first = next((at for at, turn in enumerate(turns) if turn.speaker is Speaker.CALLER), len(turns))
        return [turn.text for turn in turns[first:] if turn.speaker is Speaker.ASSISTANT]


async def organizations(stand: Stand, count: int) -> list[Tenant]:
    """Organisations that take calls, with something to tell, and no bounds that a measurement would run into."""
    made = [await stand.sign_up(f"Callers {number:02}") for number in range(count)]
    for tenant in made:
        async with stand.runtime.context.works.begin(tenant.actor) as work:
            await store.save_settings(work, CallSettings(concurrent_calls=1000))
            for title, body in _FACTS:
                await save_fact(work, None, title, body)
        await stand.admin.execute(
            "update organizations set max_turns = 1000, max_call_seconds = 3600 where org_id = $1", tenant.org_id
        )
    return made


@asynccontextmanager
async def frontdesk(stand: Stand, tenants: Sequence[Tenant], speech: str) -> AsyncGenerator[Frontdesk]:
    """`frontdesk voice` on the stand; with stand-ins for speech, its very server with those."""
    env = os.environ | {
        "FRONTDESK_LIMITS": "off", "FRONTDESK_LOG_LEVEL": "warning", "FRONTDESK_PUBLIC_URL": PUBLIC_URL,
        "FRONTDESK_DATA_DIR": str(stand.data_dir),
    }  # fmt: skip
    program = ["-c", "from frontdesk.cli import main; main()", "voice"]
    if speech == STAND_IN:
        program = ["-m", "bench.voice.frontdesk"]
    process = await asyncio.create_subprocess_exec(sys.executable, *program, env=env, stdout=asyncio.subprocess.DEVNULL)
    try:
        place = places(stand.data_dir) / f"{process.pid}.port"
        async with asyncio.timeout(_STARTS_WITHIN):
            while not place.exists():
                if process.returncode is not None:
                    raise RuntimeError(f"the voice process ended with {process.returncode}")
                await asyncio.sleep(0.1)
        url = f"ws://127.0.0.1:{int(place.read_text())}{media.PATH}"
        yield Frontdesk("Frontdesk", process.pid, url, stand, tenants)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def pipecat(answers: Path, speech: str) -> AsyncGenerator[Engine]:
    """The bare bot, which answers what is in `answers`, a line a turn."""
    port = free_port()
    command = [
        sys.executable, "-m", "bench.peers.pipecat.bot", "--port", str(port), "--answers", str(answers),
        "--speech", speech, "--speech-begins", str(MANNER.speech_begins), "--speech-ends", str(MANNER.speech_ends),
        "--turn-ends", str(MANNER.turn_ends),
    ]  # fmt: skip
    async with running("bare pipecat", command, {}, port, Path.cwd()) as server:
        yield Engine(server.name, server.pid, f"ws://127.0.0.1:{port}/ws")
