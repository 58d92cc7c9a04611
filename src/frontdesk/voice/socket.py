"""The door: a media socket comes in, proves which call it is, and is talked to until either side ends it."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.errors import CallNotProved
from frontdesk.domain.calls.model import Opened
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.loops import describe
from frontdesk.ports import media
from frontdesk.voice.conversation import Conversation
from frontdesk.voice.line import LINE_RATE, Line, Manner
from frontdesk.voice.recording import CONTENT_TYPE, Recorder, why
from frontdesk.voice.speech import Providers
from frontdesk.voice.stream import NoStream, Opening, opening

log = structlog.get_logger(__name__)

POLICY_VIOLATION = 1008
GOING_AWAY = 1001


class MediaSocket:
    """The ASGI application of the voice process. `calls_under_way` are those that are talked to now."""

    def __init__(self, context: Context, providers: Providers, manner: Manner | None = None) -> None:
        self._context, self._providers, self._manner = context, providers, manner or Manner()
        self._lines: set[Line] = set()
        self._closing = False

    @property
    def calls_under_way(self) -> int:
        """How many callers are talked to."""
        return len(self._lines)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "websocket":
            await self._serve(WebSocket(scope, receive, send))
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    async def close(self) -> None:
        """Let go of every caller at once: the carrier asks what comes next, and they are taken up again."""
        self._closing = True
        await asyncio.gather(*(line.drop() for line in self._lines), return_exceptions=True)

    async def _serve(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            stream = await opening(socket)
            opened = await calls.answer(self._context.works, *_proved(stream))
        except (NoStream, CallNotProved, WebSocketDisconnect) as error:
            log.info("media_socket_refused", why=type(error).__name__)
            await _close(socket, POLICY_VIOLATION)
            return
        if self._closing:
            await _close(socket, GOING_AWAY)
            return
        log.info("call_answered", call=str(opened.call.id), leg=opened.call.leg)
        await self._talk(socket, stream, opened)

    async def _talk(self, socket: WebSocket, stream: Opening, opened: Opened) -> None:
        notes: list[str] = []
        recorder = Recorder(LINE_RATE) if opened.record else None
        talk = Conversation(self._context, opened, notes)
        talk.line = line = Line(socket, stream, self._providers, self._manner, talk, recorder)
        self._lines.add(line)
        beginning = asyncio.create_task(talk.begin())
        try:
            await line.run()
            await beginning
        except Exception as error:  # the record has to be closed whatever went wrong
            log.error("call_broke", call=str(opened.call.id), error=describe(error))
        finally:
            beginning.cancel()
            await _settled(opened, "end", talk.finish)
            if recorder is not None:
                await self._keep(opened, recorder, talk, notes)
                recorder.close()
            await _settled(opened, "trouble", lambda: self._note(opened, notes))
            await _close(socket, 1000)
            self._lines.discard(line)

    async def _note(self, opened: Opened, notes: list[str]) -> None:
        await calls.note_trouble(self._context.works, opened.org_id, opened.call.id, notes)

    async def _keep(self, opened: Opened, recorder: Recorder, talk: Conversation, notes: list[str]) -> None:
        if recorder.began_at is not None and recorder.seconds:
            try:
                await calls.keep_recording(
                    self._context, opened.org_id, opened.call, recorder.chunks(), content_type=CONTENT_TYPE,
                    seconds=recorder.seconds, started_ms=round(talk.since_answer(recorder.began_at) * 1000),
                    announced=bool(opened.announcement),
                )  # fmt: skip
            except Exception as error:
                log.error("recording_not_kept", call=str(opened.call.id), error=describe(error))
                notes.append(f"There is no recording: {why(error)}.")
                return
        if recorder.trouble is not None:
            what = "The recording is not whole" if recorder.seconds else "There is no recording"
            notes.append(f"{what}: {why(recorder.trouble)}.")


def _proved(stream: Opening) -> tuple[UUID, str]:
    """Raises CallNotProved for what names no call."""
    call_id = parse_id(stream.parameters.get(media.CALL, ""))
    if call_id is None:
        raise CallNotProved
    return call_id, stream.parameters.get(media.PROOF, "")


async def _settled(opened: Opened, what: str, do: Callable[[], Awaitable[None]]) -> None:
    try:
        await do()
    except Exception as error:
        log.error("call_not_settled", what=what, call=str(opened.call.id), error=describe(error))


async def _close(socket: WebSocket, code: int) -> None:
    try:
        await socket.close(code)
    except (RuntimeError, WebSocketDisconnect):
        return  # it is closed


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
