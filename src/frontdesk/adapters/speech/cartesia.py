"""Cartesia: text to speech (Sonic), speech to text (Ink), by its REST API."""

from collections.abc import AsyncGenerator

from msgspec import Struct

from frontdesk.adapters.speech.outside import LINE_RATE, Account, Hearing, Outside, Speaking

BASE_URL = "https://api.cartesia.ai"
VERSION = "2026-08-14"
HEARS, SPEAKS = "ink-whisper", "sonic-3.5"
VOICE = "694f9389-aac1-45b6-b726-9d9369183238"
"""The voice of the vendor's own examples, which is public."""


class _Answer(Struct):
    text: str


def _api(account: Account) -> Outside:
    return Outside(account, {"Authorization": f"Bearer {account.api_key}", "Cartesia-Version": VERSION})


class CartesiaHearing(Hearing):
    """A `Transcriber`."""

    name = "cartesia"

    def __init__(self, account: Account, model: str = "") -> None:
        super().__init__(_api(account))
        self._model = model or HEARS

    async def _words(self, file: bytes) -> str:
        form = {"model": self._model, "language": "en"}
        return (await self._api.words("/stt", file, _Answer, form)).text


class CartesiaSpeaking(Speaking):
    """A `Synthesizer` with one voice for all: voices are an account's own."""

    name = "cartesia"

    def __init__(self, account: Account, model: str = "", voice: str = "") -> None:
        super().__init__(_api(account))
        self._model, self._voice = model or SPEAKS, voice or VOICE

    def _spoken(self, text: str, voice: str) -> AsyncGenerator[bytes]:
        asked = {
            "model_id": self._model, "transcript": text, "voice": {"mode": "id", "id": self._voice}, "language": "en",
            "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": LINE_RATE},
        }  # fmt: skip
        return self._api.audio("/tts/bytes", asked, text=text, rate=self.rate)
