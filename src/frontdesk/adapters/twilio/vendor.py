"""Twilio accounts of organisations: their credentials, checked for form, encrypted, and opened again."""

import re
from collections.abc import Mapping

import msgspec

from frontdesk.adapters.twilio.account import Credentials, TwilioAccount
from frontdesk.adapters.twilio.api import Line
from frontdesk.kernel.clock import Clock
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.crypto import Unreadable, Vault, masked
from frontdesk.ports.calling import VoiceAddresses
from frontdesk.ports.carrier import AccountProblem, Sealed

_FORMS = {
    "account_sid": (r"AC[0-9a-fA-F]{32}", "An account SID is AC and 32 digits or letters from a to f."),
    "auth_token": (r"[!-~]{16,128}", "An auth token is 32 characters, without spaces."),
    "api_key_sid": (r"(SK[0-9a-fA-F]{32})?", "The SID of an API key is SK and 32 digits or letters from a to f."),
    "api_key_secret": (r"([!-~]{16,128})?", "The secret of an API key is 32 characters, without spaces."),
    "twiml_app_sid": (r"(AP[0-9a-fA-F]{32})?", "The SID of a TwiML app is AP and 32 digits or letters from a to f."),
    "messaging_service_sid": (r"(MG[0-9a-fA-F]{32})?", "The SID of a messaging service is MG and 32 characters."),
}
_SECRET = ("auth_token", "api_key_secret")


class TwilioVendor:
    """Implements `ports.carrier.CarrierVendor`. The names of credentials are the fields of `Credentials`."""

    name = TwilioAccount.name

    def __init__(
        self,
        line: Line,
        vault: Vault,
        webhook: str,
        clock: Clock,
        voice: VoiceAddresses,
        operators: TwilioAccount | None = None,
        *,
        sells_to_trials: bool = False,
    ) -> None:
        self._line, self._vault, self._webhook, self._clock = line, vault, webhook, clock
        self._voice = voice
        self.operators, self.sells_to_trials = operators, sells_to_trials

    def seal(self, given: Mapping[str, str]) -> Sealed:
        """As the port says. `answers_stop` is `on` or anything else."""
        texts = {name: given.get(name, "").strip() for name in _FORMS}
        for name, (form, should_be) in _FORMS.items():
            if not re.fullmatch(form, texts[name]):
                raise Invalid(should_be, field=name)
        for name, other in (("api_key_sid", "api_key_secret"), ("api_key_secret", "api_key_sid")):
            if texts[name] and not texts[other]:
                raise Invalid("An API key is its SID and its secret.", field=other)
        opened = Credentials(**texts, answers_stop=given.get("answers_stop") == "on")
        return Sealed(
            text=self._vault.seal(msgspec.json.encode(opened).decode()),
            account=opened.account_sid,
            shown={
                **{name: masked(text) if name in _SECRET else text for name, text in texts.items() if text},
                "answers_stop": "on" if opened.answers_stop else "off",
            },
        )

    def open(self, sealed: str) -> TwilioAccount:
        """As the port says."""
        try:
            given = msgspec.json.decode(self._vault.open(sealed), type=Credentials)
        except (Unreadable, msgspec.MsgspecError) as error:
            raise AccountProblem("The stored credentials cannot be read any more: connect again.") from error
        return TwilioAccount(self._line, given, self._webhook, self._clock, self._voice)
