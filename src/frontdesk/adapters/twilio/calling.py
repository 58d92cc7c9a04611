"""Calls that one Twilio account places."""

from datetime import datetime

from frontdesk.adapters.twilio.api import Answer, Api, Lost, NotReached, time_of
from frontdesk.adapters.twilio.meaning import UNREACHED_FOR, listed_since, refusal_of
from frontdesk.kernel.clock import Clock
from frontdesk.ports.calling import OVER, OutgoingCall, PlacedCall, VoiceAddresses
from frontdesk.ports.carrier import AccountRefused, Busy, Rejected, Uncertain

EVENTS = ("initiated", "ringing", "answered", "completed")
"""What of a call's life is told of."""


class TwilioCalls:
    """Implements `ports.calling.Dialler` on the API below one account."""

    def __init__(self, api: Api, voice: VoiceAddresses, clock: Clock) -> None:
        self._api, self._voice, self._clock = api, voice, clock

    async def place(self, call: OutgoingCall) -> str:
        """As the port says. A machine is looked for while the call goes on: a person is greeted without delay."""
        form = [
            ("To", call.to), ("From", call.sender), ("Timeout", str(call.rings_for)),
            ("Url", self._about(self._voice.outgoing, call)), ("Method", "POST"),
            ("StatusCallback", self._about(self._voice.status, call)), ("StatusCallbackMethod", "POST"),
            *(("StatusCallbackEvent", event) for event in EVENTS),
        ]  # fmt: skip
        if call.spots_machines:
            form += [
                ("MachineDetection", "DetectMessageEnd"), ("AsyncAmd", "true"),
                ("AsyncAmdStatusCallback", self._about(self._voice.answered_by, call)),
                ("AsyncAmdStatusCallbackMethod", "POST"),
            ]  # fmt: skip
        answer = await self._posted("Calls.json", form)
        sid = answer.body.get("sid")
        if not isinstance(sid, str) or not sid:
            raise Uncertain("Twilio took something and did not say what.")
        return sid

    async def placed_to(self, to: str, since: datetime) -> list[PlacedCall]:
        """As the port says."""
        return await listed_since(self._api.pages("Calls.json", To=to), _calls, since, self._clock)

    async def ask_anew(self, provider_id: str, call: OutgoingCall) -> None:
        """As the port says."""
        form = [("Url", self._about(self._voice.outgoing, call)), ("Method", "POST")]
        await self._posted(f"Calls/{provider_id}.json", form)

    async def end(self, provider_id: str, *, answered: bool) -> str:
        """As the port says. Twilio cancels what rings, and completes what goes on."""
        statuses = ["completed"] if answered else ["canceled", "completed"]
        while True:
            status = statuses.pop(0)
            try:
                answer = await self._posted(f"Calls/{provider_id}.json", [("Status", status)])
            except AccountRefused:
                raise
            except Rejected:
                if not statuses:
                    raise
                continue
            stands = str(answer.body.get("status"))
            if stands in OVER or not statuses:
                return stands

    def _about(self, address: str, call: OutgoingCall) -> str:
        return self._voice.of_call(address, call)

    async def _posted(self, path: str, form: list[tuple[str, str]]) -> Answer:
        try:
            answer = await self._api.post(path, form)
        except NotReached as error:
            raise Busy(UNREACHED_FOR) from error
        except Lost as error:
            raise Uncertain(str(error)) from error
        if not answer.ok:
            raise refusal_of(answer)
        return answer


def _calls(page: Answer) -> list[PlacedCall]:
    return [
        PlacedCall(
            provider_id=str(each["sid"]), sender=each.get("from") or "", to=each.get("to") or "",
            status=str(each.get("status")), created_at=created_at,
        )
        for each in page.body.get("calls", [])
        if (created_at := time_of(each.get("date_created"))) is not None and each.get("direction") == "outbound-api"
    ]  # fmt: skip
