"""OpenAI's audio API, and every server that speaks it: transcriptions and speech."""

from collections.abc import AsyncGenerator

from msgspec import Struct

from frontdesk.adapters.speech.outside import Account, Hearing, Outside, Speaking

BASE_URL = "https://api.openai.com/v1"
HEARS, SPEAKS = "gpt-4o-mini-transcribe", "gpt-4o-mini-tts"
_USUAL_VOICE = "nova"


class _Answer(Struct):
    text: str


def _api(account: Account) -> Outside:
    return Outside(account, {"Authorization": f"Bearer {account.api_key}"})


class OpenAIHearing(Hearing):
    """A `Transcriber`."""

    name = "openai"

    def __init__(self, account: Account, model: str = "") -> None:
        super().__init__(_api(account))
        self._model = model or HEARS

    async def _words(self, file: bytes) -> str:
        form = {"model": self._model, "language": "en", "response_format": "json"}
        return (await self._api.words("/audio/transcriptions", file, _Answer, form)).text


class OpenAISpeaking(Speaking):
    """A `Synthesizer`. Organisations choose among its very voices."""

    name = "openai"
    rate = 24_000

    def __init__(self, account: Account, model: str = "") -> None:
        super().__init__(_api(account))
        self._model = model or SPEAKS

    def _spoken(self, text: str, voice: str) -> AsyncGenerator[bytes]:
        asked = {"model": self._model, "input": text, "voice": voice or _USUAL_VOICE, "response_format": "pcm"}
        return self._api.audio("/audio/speech", asked, text=text, rate=self.rate)
