"""Deepgram: speech to text (Nova), text to speech (Aura), by its REST API."""

from collections.abc import AsyncGenerator
from urllib.parse import urlencode

from msgspec import Struct

from frontdesk.adapters.speech.outside import LINE_RATE, Account, Hearing, Outside, Speaking

BASE_URL = "https://api.deepgram.com"
HEARS, SPEAKS = "nova-3", "aura-2-thalia-en"

_VOICES = {
    "alloy": "aura-2-helena-en", "ash": "aura-2-apollo-en", "ballad": "aura-2-orpheus-en", "coral": "aura-2-cora-en",
    "echo": "aura-2-arcas-en", "fable": "aura-2-draco-en", "nova": "aura-2-thalia-en", "onyx": "aura-2-zeus-en",
    "sage": "aura-2-athena-en", "shimmer": "aura-2-luna-en", "verse": "aura-2-orion-en",
}  # fmt: skip
"""The voices that organisations choose from, and the nearest to each."""


class _Alternative(Struct):
    transcript: str = ""


class _Channel(Struct):
    alternatives: list[_Alternative] = []


class _Results(Struct):
    channels: list[_Channel]


class _Answer(Struct):
    results: _Results


def _api(account: Account) -> Outside:
    return Outside(account, {"Authorization": f"Token {account.api_key}"})


class DeepgramHearing(Hearing):
    """A `Transcriber`."""

    name = "deepgram"

    def __init__(self, account: Account, model: str = "") -> None:
        super().__init__(_api(account))
        asked = {"model": model or HEARS, "language": "en", "smart_format": "true"}
        self._path = f"/v1/listen?{urlencode(asked)}"

    async def _words(self, file: bytes) -> str:
        answer = await self._api.words(self._path, file, _Answer)
        return " ".join(said.transcript for channel in answer.results.channels for said in channel.alternatives[:1])


class DeepgramSpeaking(Speaking):
    """A `Synthesizer`. Its voices are models: one that is given is used for every organisation."""

    name = "deepgram"

    def __init__(self, account: Account, model: str = "") -> None:
        super().__init__(_api(account))
        self._model = model

    def _spoken(self, text: str, voice: str) -> AsyncGenerator[bytes]:
        asked = {
            "model": self._model or _VOICES.get(voice, SPEAKS), "encoding": "linear16", "container": "none",
            "sample_rate": str(LINE_RATE),
        }  # fmt: skip
        return self._api.audio(f"/v1/speak?{urlencode(asked)}", {"text": text}, text=text, rate=self.rate)
