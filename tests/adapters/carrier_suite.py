"""What every carrier must do, whichever it is. An adapter's tests subclass `CarrierSuite` and give it a `bench`."""

from datetime import timedelta
from typing import Protocol
from uuid import uuid4

import pytest
from tests.fixtures.waiting import until
from twilio.request_validator import RequestValidator

from frontdesk.kernel.clock import Clock
from frontdesk.ports.carrier import (
    Busy,
    Carrier,
    CarrierMessage,
    CarrierStatus,
    OutgoingText,
    Receipt,
    Rejected,
    Uncertain,
)


class Bench(Protocol):
    """A carrier under test, and what its other side can be made to do."""

    carrier: Carrier
    clock: Clock
    sender: str
    """A number of ours."""
    handset: str
    other_handset: str
    signing_token: str

    async def be_busy(self) -> None:
        """Answer 429 from now on."""

    async def break_off(self, *, accept: bool) -> None:
        """Break off every answer from now on, having taken the message or not."""

    async def recover(self) -> None:
        """Answer as usual again."""

    async def block(self, handset: str) -> None:
        """Let `handset` block our sender."""


class CarrierSuite:
    """The behaviour of `ports.carrier.Carrier`."""

    @staticmethod
    async def _send(bench: Bench, body: str = "Hello", *, to: str = "", sender: str = "") -> Receipt:
        return await bench.carrier.send(OutgoingText(sender or bench.sender, to or bench.handset, body, uuid4()))

    @staticmethod
    async def _listed(bench: Bench, to: str = "") -> list[CarrierMessage]:
        return await bench.carrier.sent_to(to or bench.handset, bench.clock.now() - timedelta(minutes=5))

    async def test_a_send_is_receipted_and_listed(self, bench: Bench):
        receipt = await self._send(bench, "Hello Dana")
        assert receipt.status is CarrierStatus.QUEUED
        assert receipt.segments == 1
        (listed,) = await self._listed(bench)
        assert (listed.provider_id, listed.sender, listed.to, listed.body) == (
            receipt.provider_id, bench.sender, bench.handset, "Hello Dana",
        )  # fmt: skip
        assert abs(listed.created_at - bench.clock.now()) < timedelta(minutes=1)

    async def test_a_message_is_delivered_in_the_end(self, bench: Bench):
        await self._send(bench)

        async def delivered() -> bool:
            return [each.status for each in await self._listed(bench)] == [CarrierStatus.DELIVERED]

        await until(delivered)

    async def test_two_sends_are_two_messages_newest_first(self, bench: Bench):
        reference = uuid4()
        text = OutgoingText(bench.sender, bench.handset, "Once or twice", reference)
        first, second = await bench.carrier.send(text), await bench.carrier.send(text)
        assert first.provider_id != second.provider_id
        assert [each.provider_id for each in await self._listed(bench)] == [second.provider_id, first.provider_id]

    async def test_the_list_is_of_one_recipient_and_from_a_time_on(self, bench: Bench):
        await self._send(bench)
        assert await self._listed(bench, bench.other_handset) == []
        assert await bench.carrier.sent_to(bench.handset, bench.clock.now() + timedelta(seconds=5)) == []

    async def test_long_texts_have_several_segments(self, bench: Bench):
        assert (await self._send(bench, "a" * 161)).segments == 2
        assert (await self._send(bench, "Grüße 👋 " * 10)).segments == 2

    @pytest.mark.parametrize(
        ("code", "to", "sender", "body"),
        [
            ("21211", "+4412", "", "Hello"),
            ("21606", "", "+447700900999", "Hello"),
            ("21617", "", "", "a" * 1601),
            ("21602", "", "", ""),
        ],
    )
    async def test_what_cannot_be_sent_is_rejected(self, bench: Bench, code: str, to: str, sender: str, body: str):
        with pytest.raises(Rejected) as rejected:
            await self._send(bench, body, to=to, sender=sender)
        assert rejected.value.code == code
        assert bench.handset not in str(rejected.value)
        assert await self._listed(bench) == []

    async def test_a_handset_that_blocks_us_is_told_of(self, bench: Bench):
        await bench.block(bench.handset)
        with pytest.raises(Rejected) as rejected:
            await self._send(bench)
        assert rejected.value.code == "21610"
        await self._send(bench, to=bench.other_handset)

    async def test_busy_takes_nothing(self, bench: Bench):
        await bench.be_busy()
        with pytest.raises(Busy) as busy:
            await self._send(bench)
        assert busy.value.retry_after > 0
        with pytest.raises(Busy):
            await self._listed(bench)
        await bench.recover()
        assert await self._listed(bench) == []

    @pytest.mark.parametrize("accept", [True, False])
    async def test_a_lost_answer_is_uncertain_and_the_list_decides(self, bench: Bench, accept: bool):
        await bench.break_off(accept=accept)
        with pytest.raises(Uncertain):
            await self._send(bench, "Did it?")
        await bench.recover()
        assert [each.body for each in await self._listed(bench)] == (["Did it?"] if accept else [])

    async def test_a_signature_proves_url_and_form(self, bench: Bench):
        url = "https://desk.example.com/reactivation/api/webhooks/twilio?message=0192f0c1"
        form = {"MessageSid": "SM1", "From": bench.handset, "To": bench.sender, "Body": " Grüße & + 👋\n", "City": ""}
        signature = RequestValidator(bench.signing_token).compute_signature(url, form)
        genuine = bench.carrier.is_genuine
        assert genuine(url, form, signature)
        assert not genuine(url.replace("0192", "0193"), form, signature)
        assert not genuine(url, form | {"Body": "Grüße"}, signature)
        assert not genuine(url, {name: value for name, value in form.items() if value}, signature)
        assert not genuine(url, form, ("B" if signature[0] == "A" else "A") + signature[1:])
        assert not genuine(url, form, "")
        assert not genuine(url, form | {"Body": "\ud800"}, signature)
        assert not genuine(url, form, RequestValidator("another token").compute_signature(url, form))
