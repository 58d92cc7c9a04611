"""`frontdesk call`: rings an organisation's number with recorded speech, as a carrier would, and tells what came of it.

Against a server that runs: the signed webhook, then Media Streams in real time. What is printed comes from the record.
"""

import asyncio
import wave
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4
from xml.etree import ElementTree

import aiohttp
from msgspec import Struct
from rich.console import Console

from frontdesk.adapters.signatures import Signatures
from frontdesk.domain.calls import store
from frontdesk.domain.calls.model import Call, Speaker
from frontdesk.domain.leads.service import leads
from frontdesk.domain.organizations.service import organizations
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.errors import Invalid, Upstream
from frontdesk.platform.settings import Settings
from frontdesk.runtime import Runtime, open_runtime
from frontdesk.voice.handset import RATE, Handset, samples_of

INCOMING = "/hekax/api/voice/incoming"
LAST_PAUSE = 3.0
"""Seconds of silence after which a caller with nothing more to say hangs up."""
_WAITS = 60.0
"""Seconds for the other side to have its say; then the caller hangs up."""


class Wanted(Struct, frozen=True):
    """What was asked for on the command line."""

    wavs: list[Path]
    """What the caller says, a file each time it is their turn."""
    org: str | None
    sender: str
    save: Path | None
    """Where the other side's audio goes, as a WAV file."""


async def run(settings: Settings, wanted: Wanted, loopback: str, out: Console) -> None:
    """Make the call and tell of it. Raises DomainError, OSError, ValueError (no sound file)."""
    said = [(file, samples_of(file)) for file in wanted.wavs]
    async with open_runtime(settings) as runtime:
        org_id = await _organization(runtime, wanted.org)
        async with runtime.context.works.read(system_actor(org_id)) as work:
            called = (await organizations.get(work)).number
        if not called:
            raise Invalid("The organisation has no number.")
        handset, sid = await _connected(runtime, wanted.sender, called, loopback)
        try:
            await _talk(handset, said, out)
        finally:
            await handset.hang_up()
        if wanted.save is not None:
            await asyncio.to_thread(_save, wanted.save, handset.heard)
        await _tell(runtime, org_id, sid, out)


async def _organization(runtime: Runtime, org: str | None) -> UUID:
    if org:
        return await organizations.named(runtime.context.works, org)
    async with runtime.context.works.across_tenants("platform admin") as work:
        found = await work.fetch("select org_id from organizations limit 2")
    if len(found) != 1:
        raise Invalid("Say who is called: --org with a name or an id.")
    return found[0]["org_id"]


async def _connected(runtime: Runtime, sender: str, called: str, loopback: str) -> tuple[Handset, str]:
    """A handset that is on the line. Raises Upstream where the call is not answered."""
    sid = f"CA{uuid4().hex}"
    form = {
        "CallSid": sid, "AccountSid": runtime.secrets.sandbox_account_sid, "From": sender, "To": called,
        "CallStatus": "ringing", "Direction": "inbound", "ApiVersion": "2010-04-01",
    }  # fmt: skip
    signature = Signatures(runtime.secrets.sandbox_auth_token).of(runtime.settings.public_url + INCOMING, form)
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.post(loopback + INCOMING, data=form, headers={"X-Twilio-Signature": signature}) as answer,
        ):
            text = await answer.text()
            if answer.status != 200:
                raise Upstream(f"The call was not taken: {answer.status}.")
    except aiohttp.ClientError as error:
        raise Upstream(f"No server answers at {loopback}: start it with frontdesk up.") from error
    url, parameters = _stream(text)
    handset = Handset()
    await handset.connect(_by_loopback(url, loopback), sid, parameters, {})
    return handset, sid


def _stream(twiml: str) -> tuple[str, dict[str, str]]:
    """The media socket that an answer asks for. Raises Upstream with what is said instead."""
    root = ElementTree.fromstring(twiml.encode())  # noqa: S314 - of the server that this program is
    stream = root.find("./Connect/Stream")
    if stream is None:
        words = " ".join(say.text or "" for say in root.iter("Say")) or "nothing"
        raise Upstream(f"The call was not connected to the assistant. It was told: {words}")
    given = {each.get("name", ""): each.get("value", "") for each in stream.findall("Parameter")}
    return stream.get("url", ""), given


def _by_loopback(url: str, loopback: str) -> str:
    return urlunsplit(urlsplit(url)._replace(scheme="ws", netloc=urlsplit(loopback).netloc))


async def _talk(handset: Handset, said: list[tuple[Path, bytes]], out: Console) -> None:
    """Say one after the other, each when it is our turn, and hear the other side out."""
    for file, samples in said:
        if not await handset.my_turn(_WAITS):
            break
        out.print(f"playing {file.name} ({len(samples) / 2 / RATE:.1f} s)", markup=False, style="dim")
        await handset.say(samples)
    await handset.my_turn(_WAITS)
    await handset.quiet(LAST_PAUSE, _WAITS)


def _save(file: Path, samples: bytes) -> None:
    with wave.open(str(file), "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(RATE)
        opened.writeframes(samples)


async def _tell(runtime: Runtime, org_id: UUID, sid: str, out: Console) -> None:
    """What the record holds, once the call is over."""
    works, actor = runtime.context.works, system_actor(org_id)
    tries_left = 150
    while True:
        async with works.begin(actor) as work:
            call = await store.of_provider(work, runtime.sandbox.name, sid)
            assert call is not None
            turns = await store.turns(work, call.id)
        tries_left -= 1
        if call.status.ended or not tries_left:
            break
        await asyncio.sleep(0.2)
    for turn in turns:
        name = "Caller" if turn.speaker is Speaker.CALLER else call.agent_name or "Assistant"
        waited = f"  [{turn.latency_ms} ms]" if turn.latency_ms is not None else ""
        cut = " …" if turn.interrupted else ""
        out.print(f"{turn.started_ms / 1000:6.1f} s  {name}: {turn.text}{cut}{waited}", markup=False, soft_wrap=True)
    out.print(await _outcome(runtime, org_id, call), markup=False, soft_wrap=True)


async def _outcome(runtime: Runtime, org_id: UUID, call: Call) -> str:
    reason = call.ended_reason.replace("_", " ") if call.ended_reason else "not ended yet"
    lines = [f"\nThe call is {call.status.replace('_', ' ')}: {reason}, {call.duration} s."]
    if call.lead_id is not None:
        async with runtime.context.works.read(system_actor(org_id)) as work:
            lead = await leads.get(work, call.lead_id)
            lines.append(f"Name: {lead.name or '-'}; number: {lead.phone or '-'}; e-mail: {lead.email or '-'}.")
            lines.append(f"About: {lead.service_interest or '-'}. Priority: {call.priority.value}.")
            if lead.booking_id is not None and lead.call_booked_time is not None:
                lines.append(f"Booked: {lead.call_booked_time:%A %d %B %Y, %H:%M} UTC.")
    lines += [f"Trouble: {each}" for each in call.trouble]
    return "\n".join(lines)
