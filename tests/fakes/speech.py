"""Deepgram, OpenAI's audio, ElevenLabs and Cartesia on one real socket, as far as calls need them.

What is asked and what is answered is held to the vendors' schemas: OpenAI's own document, and for the others, whose
documents are not at hand, to shapes as their own clients have them (deepgram-sdk 7.17, elevenlabs 2.78, cartesia 4.2).
Every fault that a provider of speech can have can be had here, once it is told.
"""

import asyncio
import io
import json
import wave
from collections.abc import Callable
from typing import Any

import numpy
from aiohttp import web
from jsonschema import Draft202012Validator

Json = dict[str, Any]
KEY = "key-0123456789"
FAULTS = (
    "down", "401", "402", "429", "500", "slow", "quiet", "breaks", "noise", "silence", "nothing", "another file",
    "a page", "nonsense", "endless",
)  # fmt: skip
"""`quiet`, `breaks`: after the first of the audio. `nonsense`: JSON of another shape. `noise`: bytes at random."""

_TEXT, _NUMBER = {"type": "string"}, {"type": "number"}
_IDS = {"type": "array", "items": _TEXT}


def _closed(required: Json, **optional: Any) -> Json:
    return {
        "type": "object", "properties": {**required, **optional}, "required": list(required),
        "additionalProperties": False,
    }  # fmt: skip


SHAPES: dict[str, Json] = {
    "deepgram listen": _closed({
        "metadata": _closed(
            {
                "request_id": _TEXT, "sha256": _TEXT, "created": _TEXT, "duration": _NUMBER,
                "channels": {"type": "integer"}, "models": _IDS, "model_info": {"type": "object"},
            }, transaction_key=_TEXT,
        ),
        "results": _closed({
            "channels": {"type": "array", "items": _closed({}, alternatives={
                "type": "array", "items": _closed({}, transcript=_TEXT, confidence=_NUMBER, words={"type": "array"}),
            })},
        }),
    }),
    "deepgram listen query": _closed(
        {}, model=_TEXT, language=_TEXT, smart_format={"enum": ["true", "false"]}, punctuate=_TEXT, numerals=_TEXT,
        encoding={"enum": ["linear16", "flac", "mulaw", "amr-nb", "amr-wb", "opus", "speex", "g729"]},
    ),
    "deepgram speak query": _closed(
        {}, model={"type": "string", "pattern": "^aura-(2-)?[a-z]+-[a-z]{2}$"},
        encoding={"enum": ["linear16", "flac", "mulaw", "alaw", "mp3", "opus", "aac"]},
        container={"enum": ["none", "wav", "ogg"]}, sample_rate={"enum": ["8000", "16000", "24000", "32000", "48000"]},
    ),
    "deepgram speak": _closed({"text": _TEXT}),
    "elevenlabs speak query": _closed({}, output_format={"enum": [
        "mp3_44100_128", "pcm_8000", "pcm_16000", "pcm_22050", "pcm_24000", "pcm_44100", "ulaw_8000",
    ]}, optimize_streaming_latency=_TEXT, enable_logging=_TEXT),
    "elevenlabs speak": _closed(
        {"text": _TEXT}, model_id=_TEXT, language_code={"type": "string", "pattern": "^[a-z]{2}$"},
        voice_settings={"type": "object"}, previous_text=_TEXT, next_text=_TEXT,
        apply_text_normalization={"enum": ["auto", "on", "off"]},
    ),
    "cartesia speak": _closed(
        {
            "model_id": _TEXT, "transcript": _TEXT,
            "voice": {"type": "object", "properties": {"id": _TEXT}, "required": ["id"]},
            "output_format": _closed({
                "container": {"const": "raw"},
                "encoding": {"enum": ["pcm_f32le", "pcm_s16le", "pcm_mulaw", "pcm_alaw"]},
                "sample_rate": {"enum": [8000, 16000, 22050, 24000, 44100, 48000]},
            }),
        }, language=_TEXT, generation_config={"type": "object"}, save={"type": "boolean"},
    ),
    "cartesia listen form": _closed({"file": _TEXT, "model": _TEXT}, language={"type": "string", "minLength": 2}),
    "cartesia listen": _closed(
        {"text": _TEXT, "type": {"const": "transcript"}}, duration=_NUMBER, is_final={"type": "boolean"},
        language=_TEXT, request_id=_TEXT,
    ),
}  # fmt: skip

_REFUSALS: dict[str, Callable[[int], Json]] = {
    "deepgram": lambda status: {
        401: {"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials.", "request_id": "r"},
        402: {"err_code": "ASR_PAYMENT_REQUIRED", "err_msg": "Not enough credits.", "request_id": "r"},
        429: {"err_code": "TOO_MANY_REQUESTS", "err_msg": "Too many requests.", "request_id": "r"},
    }.get(status, {"err_code": "INTERNAL", "err_msg": "It broke.", "request_id": "r"}),
    "openai": lambda status: {"error": {
        "message": f"Incorrect API key provided: {KEY}" if status == 401 else "It is so.", "param": None,
        "type": "insufficient_quota" if status == 402 else "requests",
        "code": {401: "invalid_api_key", 402: "insufficient_quota", 429: "rate_limit_exceeded"}.get(status),
    }},
    "elevenlabs": lambda status: {"detail": {
        "status": {401: "invalid_api_key", 402: "quota_exceeded", 429: "rate_limit_exceeded"}.get(status, "broken"),
        "message": "It is so.",
    }},
    "cartesia": lambda status: {
        "title": "It is so", "message": "It is so.", "request_id": "r",
        "error_code": {401: "invalid_api_key", 402: "quota_exceeded", 429: "concurrency_limited"}.get(status, "broken"),
    },
}  # fmt: skip
"""What each says with a status. Who has no credit left is told so by 402, 401 or 429, as the vendor does it."""
_STATUS_OF_NO_CREDIT = {"deepgram": 402, "openai": 429, "elevenlabs": 401, "cartesia": 402}


class FakeSpeech:
    """See the module. What breaks a schema stands in `breaches`."""

    def __init__(self, openai: Json | None) -> None:
        """`openai`: the vendor's document; None: it is not at hand, and nothing of OpenAI's may be asked."""
        self._openai = openai
        self.breaches: list[str] = []
        self.fault: str | None = None
        self.hears = "My boiler is leaking."
        self.said: list[tuple[str, str, str]] = []
        """Vendor, voice, words."""
        self.seconds_heard: list[float] = []
        self._let_go = asyncio.Event()

    def app(self) -> web.Application:
        """To be served. Each vendor is under its name."""
        app = web.Application(client_max_size=10_000_000)
        app.router.add_post("/deepgram/v1/listen", self._deepgram_listen)
        app.router.add_post("/deepgram/v1/speak", self._deepgram_speak)
        app.router.add_post("/openai/v1/audio/transcriptions", self._openai_listen)
        app.router.add_post("/openai/v1/audio/speech", self._openai_speak)
        app.router.add_post("/elevenlabs/v1/text-to-speech/{voice}/stream", self._elevenlabs_speak)
        app.router.add_post("/cartesia/stt", self._cartesia_listen)
        app.router.add_post("/cartesia/tts/bytes", self._cartesia_speak)
        return app

    def close(self) -> None:
        """Let go of whoever still waits."""
        self._let_go.set()

    # --- the vendors ----------------------------------------------------------------------------------------------

    async def _deepgram_listen(self, request: web.Request) -> web.StreamResponse:
        self._hold("deepgram listen query", dict(request.query))
        self._heard(await request.read(), request.content_type)
        answer = {
            "metadata": {
                "request_id": "r", "sha256": "0", "created": "2026-03-09T09:00:00Z", "duration": 1.0, "channels": 1,
                "models": ["m"], "model_info": {},
            },
            "results": {"channels": [{"alternatives": [{"transcript": self.hears, "confidence": 0.9, "words": []}]}]},
        }  # fmt: skip
        self._hold("deepgram listen", answer)
        return await self._words(request, "deepgram", f"Token {KEY}", answer)

    async def _deepgram_speak(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        self._hold("deepgram speak query", query)
        body = self._hold("deepgram speak", await request.json())
        return await self._audio(
            request, "deepgram", f"Token {KEY}", query["model"], body["text"], int(query["sample_rate"])
        )

    async def _openai_listen(self, request: web.Request) -> web.StreamResponse:
        form = await self._form(request)
        self._hold_openai("CreateTranscriptionRequest", form)
        answer = {"text": self.hears}
        self._hold_openai("CreateTranscriptionResponseJson", answer)
        return await self._words(request, "openai", f"Bearer {KEY}", answer)

    async def _openai_speak(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self._hold_openai("CreateSpeechRequest", body)
        if body["response_format"] != "pcm":
            self.breaches.append("speech is asked for in a form that the line cannot take")
        return await self._audio(request, "openai", f"Bearer {KEY}", body["voice"], body["input"], 24_000)

    async def _elevenlabs_speak(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        self._hold("elevenlabs speak query", query)
        body = self._hold("elevenlabs speak", await request.json())
        rate = int(query["output_format"].removeprefix("pcm_"))
        return await self._audio(request, "elevenlabs", KEY, request.match_info["voice"], body["text"], rate)

    async def _cartesia_listen(self, request: web.Request) -> web.StreamResponse:
        self._hold("cartesia listen form", await self._form(request))
        answer = {"type": "transcript", "text": self.hears, "is_final": True, "request_id": "r", "language": "en"}
        self._hold("cartesia listen", answer)
        return await self._words(request, "cartesia", f"Bearer {KEY}", answer)

    async def _cartesia_speak(self, request: web.Request) -> web.StreamResponse:
        body = self._hold("cartesia speak", await request.json())
        rate = body["output_format"]["sample_rate"]
        return await self._audio(request, "cartesia", f"Bearer {KEY}", body["voice"]["id"], body["transcript"], rate)

    # --- what they have in common ---------------------------------------------------------------------------------

    async def _form(self, request: web.Request) -> dict[str, str]:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        with file.file as opened:
            self._heard(opened.read(), file.content_type)
        return {name: value if isinstance(value, str) else value.filename for name, value in form.items()}

    def _heard(self, file: bytes, content_type: str) -> None:
        with wave.open(io.BytesIO(file)) as opened:
            self.seconds_heard.append(opened.getnframes() / opened.getframerate())
        if content_type != "audio/wav":
            self.breaches.append(f"a WAV file is called {content_type}")

    def _hold(self, shape: str, value: Json) -> Json:
        wrong = Draft202012Validator(SHAPES[shape]).iter_errors(value)
        self.breaches += [f"{shape}: {each.message}" for each in wrong]
        return value

    def _hold_openai(self, schema: str, value: Json) -> None:
        assert self._openai is not None, "OpenAI's document is not at hand"
        root = {"$ref": f"#/components/schemas/{schema}", "components": self._openai["components"]}
        self.breaches += [f"{schema}: {wrong.message}" for wrong in Draft202012Validator(root).iter_errors(value)]

    async def _trouble(self, request: web.Request, vendor: str, authorization: str) -> web.StreamResponse | None:
        """The answer of who does not do what is asked."""
        given = request.headers.get("xi-api-key" if vendor == "elevenlabs" else "Authorization")
        if vendor == "cartesia" and request.headers.get("Cartesia-Version") != "2026-08-14":
            self.breaches.append("cartesia is asked without a version")
        fault = "401" if given != authorization else self.fault
        if fault == "down":
            assert request.transport is not None
            request.transport.close()
        elif fault == "slow":
            await self._let_go.wait()
        elif fault and fault.isdigit():
            status = _STATUS_OF_NO_CREDIT[vendor] if fault == "402" else int(fault)
            return web.json_response(_REFUSALS[vendor](int(fault)), status=status)
        elif fault == "a page":
            return web.Response(text="<html>" + "Welcome to the network. " * 200, content_type="text/html")
        elif fault == "nonsense":
            return web.json_response({"results": "yes", "padding": "x" * 4000})
        else:
            return None
        return web.Response(status=502)

    async def _words(self, request: web.Request, vendor: str, key: str, answer: Json) -> web.StreamResponse:
        if (trouble := await self._trouble(request, vendor, key)) is not None:
            return trouble
        body = json.dumps(answer).encode()
        if self.fault is None:
            return web.Response(body=body, content_type="application/json")
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        if self.fault == "breaks":
            response.content_length = len(body)
        await response.prepare(request)
        if self.fault == "nothing":
            return response
        if self.fault in ("quiet", "breaks"):
            await response.write(body[:10])
            await self._stop(request)
            return response
        try:  # whatever else it may be: no words
            for _ in range(1 if self.fault in ("noise", "silence", "another file") else 100):
                await response.write(numpy.random.default_rng(1).bytes(20_000))
        except ConnectionError:
            pass
        return response

    async def _audio(
        self, request: web.Request, vendor: str, key: str, voice: str, words: str, rate: int
    ) -> web.StreamResponse:
        if (trouble := await self._trouble(request, vendor, key)) is not None:
            return trouble
        self.said.append((vendor, voice, words))
        at = numpy.arange(int(rate * 0.05 * (1 + len(words.split())))) / rate
        sound = (numpy.sin(at * 440 * 2 * numpy.pi) * 8000).astype("<i2").tobytes()
        match self.fault:
            case "noise":
                sound = numpy.random.default_rng(1).bytes(20_000)
            case "silence":
                sound = bytes(20_000)
            case "nothing":
                sound = b""
            case "another file":
                sound = b"RIFF" + sound
            case _:
                pass
        response = web.StreamResponse(headers={"Content-Type": "audio/pcm"})
        if self.fault == "breaks":
            response.content_length = len(sound)
        await response.prepare(request)
        try:
            if self.fault in ("quiet", "breaks"):
                await response.write(sound[:3001])
                await self._stop(request)
                return response
            # In pieces of an odd size: samples are cut in two.
            for at_byte in range(0, len(sound), 3001):
                await response.write(sound[at_byte : at_byte + 3001])
            for _ in range(1000 if self.fault == "endless" else 0):
                await response.write(sound)
        except ConnectionError:
            pass  # whoever listened has gone
        return response

    async def _stop(self, request: web.Request) -> None:
        if self.fault == "quiet":
            await self._let_go.wait()
        elif request.transport is not None:
            request.transport.close()
