"""From the settings to the outside providers of speech that an operator has chosen."""

from frontdesk.adapters.speech import cartesia, deepgram, elevenlabs, openai
from frontdesk.adapters.speech.outside import Account
from frontdesk.platform.settings import OFFLINE, Settings
from frontdesk.ports.speech import Synthesizer, Transcriber


def hearing(settings: Settings) -> list[Transcriber]:
    """Who hears, in the order in which they are asked; empty where only this machine does."""
    made: list[Transcriber] = []
    for vendor, model in _named(settings.hearing):
        match vendor:
            case "deepgram":
                made.append(deepgram.DeepgramHearing(_account(settings, vendor), model))
            case "openai":
                made.append(openai.OpenAIHearing(_account(settings, vendor), model))
            case _:
                made.append(cartesia.CartesiaHearing(_account(settings, vendor), model))
    return made


def speaking(settings: Settings) -> list[Synthesizer]:
    """Who speaks, in the order in which they are asked; empty where only this machine does."""
    made: list[Synthesizer] = []
    for vendor, model in _named(settings.speaking):
        account = _account(settings, vendor)
        match vendor:
            case "deepgram":
                made.append(deepgram.DeepgramSpeaking(account, model))
            case "openai":
                made.append(openai.OpenAISpeaking(account, model))
            case "elevenlabs":
                made.append(elevenlabs.ElevenLabsSpeaking(account, model, settings.elevenlabs_voice or ""))
            case _:
                made.append(cartesia.CartesiaSpeaking(account, model, settings.cartesia_voice or ""))
    return made


def _named(chosen: tuple[str, ...]) -> list[tuple[str, str]]:
    """Vendors, each with its model, if one was given."""
    pairs = [each.partition(":")[::2] for each in chosen]
    return [(vendor, model) for vendor, model in pairs if vendor != OFFLINE]


def _account(settings: Settings, vendor: str) -> Account:
    key, given, usual = {
        "deepgram": (settings.deepgram_api_key, settings.deepgram_base_url, deepgram.BASE_URL),
        "openai": (settings.openai_api_key, settings.openai_base_url, openai.BASE_URL),
        "elevenlabs": (settings.elevenlabs_api_key, settings.elevenlabs_base_url, elevenlabs.BASE_URL),
        "cartesia": (settings.cartesia_api_key, settings.cartesia_base_url, cartesia.BASE_URL),
    }[vendor]
    return Account(key or "none", given or usual, float(settings.speech_timeout))
