"""ElevenLabs: text to speech by its streaming REST API."""

from collections.abc import AsyncGenerator
from urllib.parse import quote

from frontdesk.adapters.speech.outside import LINE_RATE, Account, Outside, Speaking

BASE_URL = "https://api.elevenlabs.io"
SPEAKS = "eleven_flash_v2_5"
VOICE = "JBFqnCBsd6RMkjVDRZzb"
"""The voice of the vendor's own examples, "George", which every account has."""


class ElevenLabsSpeaking(Speaking):
    """A `Synthesizer` with one voice for all: voices are an account's own."""

    name = "elevenlabs"

    def __init__(self, account: Account, model: str = "", voice: str = "") -> None:
        super().__init__(Outside(account, {"xi-api-key": account.api_key}))
        self._model = model or SPEAKS
        self._path = f"/v1/text-to-speech/{quote(voice or VOICE, safe='')}/stream?output_format=pcm_{LINE_RATE}"

    def _spoken(self, text: str, voice: str) -> AsyncGenerator[bytes]:
        asked = {"text": text, "model_id": self._model, "language_code": "en"}
        return self._api.audio(self._path, asked, text=text, rate=self.rate)
