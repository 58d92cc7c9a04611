"""The calls of the fake Twilio: taken, rung, told of. Telephones do what they are told to beforehand."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from frontdesk.kernel.ids import new_id

if TYPE_CHECKING:
    from tests.fakes.twilio import Account, FakeTwilio

Form = dict[str, str]
Json = dict[str, Any]


class FakeCalls:
    """What a telephone does stands in `telephones`, by number: `busy`, `no-answer`, `failed`, `machine`, `answers`.
    One that is not there rings and rings. `asked` has the TwiML that its asking was answered with, in order."""

    def __init__(self, fake: "FakeTwilio") -> None:
        self.fake = fake
        self.telephones: dict[str, str] = {}
        self.asked: list[ElementTree.Element] = []
        self.placed: list[tuple[Json, list[tuple[str, str]]]] = []
        """The calls and the forms that asked for them."""
        self.words_come_last_first = False

    def found(self, sid: str) -> Json:
        """The call as it stands."""
        return next(call for call, _ in self.placed if call["sid"] == sid)

    async def create(self, account: "Account", request: web.Request, form: Form, _: Any) -> Any:
        pairs = self.fake.last_form
        if self.fake.breaks_off == "lost":
            return self.fake.break_off(request)
        if (refused := self.fake.refused(form)) is not None:
            return refused
        if form.get("From") not in {each["phone_number"] for each in account.numbers.values()}:
            return self.fake.refusal(400, 21210)
        if not any(form.get(name) for name in ("Url", "Twiml", "ApplicationSid")):
            return self.fake.refusal(400, 21205)
        call = self._made(account, form)
        self.placed.append((call, pairs))
        self.fake.begin(self._live(account, call, pairs))
        if self.fake.breaks_off == "taken":
            return self.fake.break_off(request)
        return 201, dict(call)

    async def update(self, account: "Account", request: web.Request, form: Form, in_path: Form) -> Any:
        call = next((call for call, _ in self.placed if call["sid"] == in_path["Sid"]), None)
        if call is None:
            return self.fake.refusal(404, 20404)
        over = call["status"] in ("completed", "busy", "no-answer", "failed", "canceled")
        if over or ("Status" not in form and call["status"] != "in-progress"):
            return self.fake.refusal(400, 21220)
        if form.get("Status") == "completed" or (form.get("Status") == "canceled" and call["status"] != "in-progress"):
            call["status"] = form["Status"]  # one that goes on is not canceled
            _, pairs = next(each for each in self.placed if each[0] is call)
            self.fake.begin(self.tell(account, call, dict(pairs)["StatusCallback"], call["status"]))
        if "Url" in form:
            self.fake.begin(self._ask_and_end(account, call, form["Url"]))
        return 200, dict(call)

    async def listed(self, account: "Account", request: web.Request, *_: Any) -> Any:
        if (busy := self.fake.busy()) is not None:
            return busy
        wanted = request.query.get("To")
        found = [dict(call) for call, _ in reversed(self.placed) if wanted in (None, call["to"])]
        return 200, self.fake.page(request, "calls", found)

    # --- the life of a call -------------------------------------------------------------------------------------------

    async def _live(self, account: "Account", call: Json, pairs: list[tuple[str, str]]) -> None:
        form = dict(pairs)
        does = self.telephones.get(call["to"], "")
        ends = {"busy": "busy", "no-answer": "no-answer", "failed": "failed"}.get(does)
        words = ["initiated", "ringing", *([ends] if ends else [])]
        events = {value for name, value in pairs if name == "StatusCallbackEvent"}
        call["status"] = ends or ("ringing" if does == "" else "in-progress")
        for word in reversed(words) if self.words_come_last_first else words:
            if word in events or (word == ends and "completed" in events):
                await self.tell(account, call, form["StatusCallback"], word)
        if does not in ("answers", "machine"):
            return
        call["answered_by"] = "machine_end_beep" if does == "machine" else None
        await self.tell(account, call, form["StatusCallback"], "in-progress")
        await self.ask(account, call, form["Url"])
        if does == "machine" and form.get("AsyncAmd") == "true":
            found = {"CallSid": call["sid"], "AccountSid": account.sid, "AnsweredBy": "machine_end_beep",
                     "MachineDetectionDuration": "4200"}  # fmt: skip
            await self.fake.post(account, form["AsyncAmdStatusCallback"], found)

    async def _ask_and_end(self, account: "Account", call: Json, url: str) -> None:
        await asyncio.sleep(0)
        await self.ask(account, call, url)
        await self.end(account, call)

    async def end(self, account: "Account", call: Json, seconds: int = 7) -> None:
        """The call is over."""
        _, pairs = next(each for each in self.placed if each[0] is call)
        call.update(status="completed", duration=str(seconds))
        await self.tell(account, call, dict(pairs)["StatusCallback"], "completed")

    async def tell(self, account: "Account", call: Json, url: str, word: str) -> int:
        """Post how it stands."""
        form = self._form(account, call, word)
        if word in ("completed", "busy", "no-answer", "failed", "canceled"):
            form["CallDuration"] = call["duration"] or "0"
        return await self.fake.post(account, url, form)

    async def ask(self, account: "Account", call: Json, url: str, **more: str) -> ElementTree.Element:
        """Ask what to do with whoever took it up."""
        form = self._form(account, call, "in-progress") | more
        signature = RequestValidator(account.token).compute_signature(url, form)
        text = "<Response/>"  # nobody there: it goes on as if nothing were to be done
        with suppress(aiohttp.ClientError):
            async with (
                aiohttp.ClientSession() as http,
                http.post(url, data=form, headers={"X-Twilio-Signature": signature}) as answer,
            ):
                assert answer.status == 200, await answer.text()
                text = await answer.text()
        self.asked.append(ElementTree.fromstring(text))
        return self.asked[-1]

    def _form(self, account: "Account", call: Json, word: str) -> Form:
        return {
            "CallSid": call["sid"], "AccountSid": account.sid, "From": call["from"], "To": call["to"],
            "CallStatus": word, "Direction": "outbound-api", "ApiVersion": "2010-04-01",
        }  # fmt: skip

    def _made(self, account: "Account", form: Form) -> Json:
        sid, now = f"CA{new_id().hex}", format_datetime(datetime.now(UTC))
        return {
            "sid": sid, "account_sid": account.sid, "api_version": "2010-04-01", "from": form["From"],
            "to": form["To"], "from_formatted": form["From"], "to_formatted": form["To"], "status": "queued",
            "direction": "outbound-api", "date_created": now, "date_updated": now, "start_time": None,
            "end_time": None, "duration": None, "price": None, "price_unit": "USD", "answered_by": None,
            "parent_call_sid": None, "forwarded_from": None, "caller_name": None, "queue_time": "0",
            "phone_number_sid": None, "group_sid": None, "trunk_sid": None,
            "uri": f"/2010-04-01/Accounts/{account.sid}/Calls/{sid}.json", "subresource_uris": {},
        }  # fmt: skip
