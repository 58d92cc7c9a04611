"""Twilio on a real socket: takes texts, tells what becomes of them, and is a stickler for its own API document.

Every request and every answer of its own is held to the vendor's document; what breaks it stands in `breaches`, which
the fixture demands to be empty. Webhooks are signed by the vendor's SDK. Handsets are whoever it is told to text as.
"""

import asyncio
import base64
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import aiohttp
from aiohttp import web
from tests.fakes.openapi import Document
from tests.fakes.twilio_calls import FakeCalls
from twilio.request_validator import RequestValidator

from frontdesk.kernel.ids import new_id

Form = dict[str, str]
Json = dict[str, Any]
VERSION = "/2010-04-01"
STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START_WORDS = {"START", "YES", "UNSTOP"}
_RELEASE: Json = {
    "operationId": "DeleteIncomingPhoneNumber",
    "parameters": [
        {"name": "AccountSid", "in": "path", "schema": {"type": "string", "pattern": "^AC[0-9a-fA-F]{32}$"}},
        {"name": "Sid", "in": "path", "schema": {"type": "string", "pattern": "^PN[0-9a-fA-F]{32}$"}},
    ],
    "responses": {"204": {"description": "The resource was deleted successfully."}},
}
"""As the vendor's whole document has it: ours is an excerpt."""
_GSM = re.compile(r"[A-Za-z0-9 \r\n@£$¥!\"#%&'()*+,\-./:;<=>?_]*")


def sid(kind: str) -> str:
    """An id as Twilio makes them."""
    return kind + new_id().hex


@dataclass
class Refusal:
    """What a send is answered with instead of being taken."""

    status: int
    code: int
    retry_after: float | None = None
    takes: Callable[[Form], bool] = lambda form: True
    left: int = 1_000_000


@dataclass
class Account:
    """An account with its keys, numbers and texts."""

    sid: str = field(default_factory=lambda: sid("AC"))
    token: str = field(default_factory=lambda: new_id().hex)
    key_sid: str = field(default_factory=lambda: sid("SK"))
    key_secret: str = field(default_factory=lambda: new_id().hex)
    service_sid: str = field(default_factory=lambda: sid("MG"))
    status: str = "active"
    numbers: dict[str, Json] = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)

    def owns(self, *phones: str, sms: bool = True, **fields: Any) -> None:
        """Give it phone numbers."""
        for phone in phones:
            id_ = sid("PN")
            self.numbers[id_] = {
                "sid": id_, "account_sid": self.sid, "phone_number": phone, "friendly_name": phone,
                "capabilities": {"voice": True, "sms": sms, "mms": False, "fax": False}, "sms_url": "",
                "sms_method": "POST", "status_callback": "", "status_callback_method": "POST",
                "date_created": _now(), "date_updated": _now(), "api_version": "2010-04-01", "beta": False,
                "origin": "twilio", "status": "in-use", "type": "mobile",
                "uri": f"{VERSION}/Accounts/{self.sid}/IncomingPhoneNumbers/{id_}.json", **fields,
            }  # fmt: skip

    def number(self, phone: str) -> Json:
        """One of its numbers."""
        return next(each for each in self.numbers.values() if each["phone_number"] == phone)

    def texts(self, to: str | None = None) -> list[str]:
        """What it was given to send, in order."""
        return [each["body"] for each in self.messages if to in (None, each["to"])]

    def counted(self) -> Counter[tuple[str, str]]:
        """How often it was given each text: (to, body)."""
        return Counter((each["to"], each["body"]) for each in self.messages)


class FakeTwilio:
    """See the module. `url` is for FRONTDESK_TWILIO_BASE_URL."""

    def __init__(self, document: Document, *, delivers: bool = True) -> None:
        self.document, self.delivers = document, delivers
        document.adds("delete", f"{VERSION}/Accounts/{{AccountSid}}/IncomingPhoneNumbers/{{Sid}}.json", _RELEASE)
        self.accounts: dict[str, Account] = {}
        self.breaches: list[str] = []
        self.refusals: list[Refusal] = []
        self.blocked: set[tuple[str, str]] = set()
        """(handset, number): it opted out."""
        self.answered_itself: list[tuple[str, str]] = []
        """(handset, keyword): what it confirmed without us."""
        self.outcomes: dict[str, int] = {}
        """Handset to the code with which delivery to it fails."""
        self.for_sale: set[str] = set()
        """Numbers that can be bought, of the US."""
        self.breaks_off: str = ""
        """`taken`: sends are taken and the connection then breaks; `lost`: it breaks at once."""
        self.holds: asyncio.Event | None = None
        """Answers to sends that were taken wait for it, and what is told of them."""
        self.page_size = 0
        """The most that a page has; 0: as asked."""
        self.repeats_webhooks = False
        self.posted: list[tuple[int, Form]] = []
        """The answers to its webhooks, and their forms."""
        self.requests: Counter[str] = Counter()
        self.url = ""
        self.calls = FakeCalls(self)
        self.last_form: list[tuple[str, str]] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._client: aiohttp.ClientSession | None = None

    def account(self, *phones: str) -> Account:
        """Another account, with these numbers."""
        made = Account()
        made.owns(*phones)
        self.accounts[made.sid] = made
        return made

    def refuse(
        self, code: int, status: int = 400, *, times: int = 1_000_000, retry_after: float | None = None, to: str = ""
    ) -> None:
        """Refuse the next sends, those to a handset if one is given."""
        self.refusals.append(Refusal(status, code, retry_after, lambda form: form.get("To") == to or not to, times))

    # --- handsets -----------------------------------------------------------------------------------------------------

    async def text(self, account: Account, handset: str, number: str, body: str, **more: str) -> int:
        """Let a handset text a number of the account; the status that the webhook was answered with."""
        if more.get("OptOutType") == "STOP" or body.strip().upper() in STOP_WORDS:
            self.blocked.add((handset, number))
            self.answered_itself.append((handset, "STOP"))
        elif body.strip().upper() in START_WORDS:
            self.blocked.discard((handset, number))
        form = {
            "MessageSid": sid("SM"), "AccountSid": account.sid, "From": handset, "To": number, "Body": body,
            "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01",
            "FromCity": "", "FromCountry": "GB", "ToCountry": "GB", **more,
        }  # fmt: skip
        form |= {"SmsSid": form["MessageSid"], "SmsMessageSid": form["MessageSid"]}
        return await self.post(account, account.number(number)["sms_url"], form)

    async def post(self, account: Account, url: str, form: Form, token: str = "") -> int:
        """Post a webhook, signed with the account's token unless told otherwise; twice where that is how it is."""
        assert self._client is not None
        signature = RequestValidator(token or account.token).compute_signature(url, form)
        status = 0
        for _ in range(2 if self.repeats_webhooks else 1):
            try:
                async with self._client.post(url, data=form, headers={"X-Twilio-Signature": signature}) as answer:
                    status = answer.status
            except aiohttp.ClientError:
                status = 0  # nobody there: it does not try again by itself
            self.posted.append((status, form))
        return status

    # --- the API ------------------------------------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.StreamResponse:
        text = (await request.read()).decode()
        form = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
        self.requests[f"{request.method} {request.path.rpartition('/')[2]}"] += 1
        self.breaches += self.document.request(request.method, request.path, dict(request.query), form)
        if form and request.content_type != "application/x-www-form-urlencoded":
            self.breaches.append(f"{request.path}: the form is {request.content_type}")
        self.last_form = form
        account = self._admitted(request)
        if account is None:
            return _refused(401, 20003)
        served = self.document.operation(request.method, request.path)
        if served is None:
            return _refused(404, 20404)
        doing: dict[str, Callable[..., Any]] = {
            "FetchAccount": self._fetch_account,
            "CreateMessage": self._create_message,
            "ListMessage": self._list_messages,
            "ListIncomingPhoneNumber": self._list_numbers,
            "UpdateIncomingPhoneNumber": self._update_number,
            "CreateIncomingPhoneNumber": self._sell_number,
            "DeleteIncomingPhoneNumber": self._take_back,
            "ListAvailablePhoneNumberLocal": self._list_for_sale,
            "ListAvailablePhoneNumberMobile": self._list_for_sale,
            "CreateCall": self.calls.create,
            "UpdateCall": self.calls.update,
            "ListCall": self.calls.listed,
        }
        operation, in_path = served
        if operation["operationId"] not in doing:
            self.breaches.append(f"{operation['operationId']} is not what this fake knows")
            return _refused(500, 20500)
        answer = await doing[operation["operationId"]](account, request, dict(form), in_path)
        if isinstance(answer, web.StreamResponse):
            return answer
        status, body = answer
        self.breaches += self.document.answer(request.method, request.path, status, body)
        return web.Response(status=status) if body is None else web.json_response(body, status=status)

    def _admitted(self, request: web.Request) -> Account | None:
        kind, _, coded = request.headers.get("Authorization", "").partition(" ")
        account = self.accounts.get(request.path.removesuffix(".json").split("/")[3])
        if kind != "Basic" or account is None:
            return None
        user, _, password = base64.b64decode(coded).decode().partition(":")
        if (user, password) == (account.sid, account.token):
            return account
        # A standard key may do everything but look after the account itself.
        by_key = (user, password) == (account.key_sid, account.key_secret)
        return account if by_key and not request.path.endswith(f"{account.sid}.json") else None

    async def _fetch_account(self, account: Account, *_: Any) -> tuple[int, Json]:
        return 200, {
            "sid": account.sid, "friendly_name": "Harbour Kitchens Ltd", "status": account.status, "type": "Full",
            "auth_token": account.token, "owner_account_sid": account.sid, "date_created": _now(),
            "date_updated": _now(), "uri": f"{VERSION}/Accounts/{account.sid}.json", "subresource_uris": {},
        }  # fmt: skip

    async def _create_message(self, account: Account, request: web.Request, form: Form, _: Any) -> Any:
        if self.breaks_off == "lost":
            return _break(request)
        if (refused := self.refused(form)) is not None:
            return refused
        code = self._objection(account, form)
        if code:
            return _refused(400, code)
        message = self._made(account, form)
        account.messages.append(message)
        self.begin(self._deliver(account, message, form.get("StatusCallback", "")))
        if self.holds is not None:
            await self.holds.wait()
        if self.breaks_off == "taken":
            return _break(request)
        return 201, dict(message)

    def refused(self, form: Form) -> web.Response | None:
        """The refusal that was ordered for what a form asks for."""
        for refusal in self.refusals:
            if refusal.left and refusal.takes(form):
                refusal.left -= 1
                return _refused(refusal.status, refusal.code, refusal.retry_after)
        return None

    def busy(self) -> web.Response | None:
        """The refusal of looking things up."""
        busy = next((each for each in self.refusals if each.left and each.status in (429, 401)), None)
        return None if busy is None else _refused(busy.status, busy.code, busy.retry_after)

    def refusal(self, status: int, code: int) -> web.Response:
        """An error."""
        return _refused(status, code)

    def break_off(self, request: web.Request) -> web.StreamResponse:
        """The connection goes."""
        return _break(request)

    def _objection(self, account: Account, form: Form) -> int:
        if not re.fullmatch(r"\+[1-9][0-9]{6,14}", form["To"]):
            return 21211
        body, service = form.get("Body", ""), form.get("MessagingServiceSid")
        if not body.strip():
            return 21602
        if len(body) > 1600:
            return 21617
        if form.get("From") not in {each["phone_number"] for each in account.numbers.values()}:
            return 21606
        if service and service != account.service_sid:
            return 21705
        if not form.get("StatusCallback", "").startswith(("http://", "https://")):
            return 21609
        return 21610 if (form["To"], form["From"]) in self.blocked else 0

    def _made(self, account: Account, form: Form) -> Json:
        id_, service = sid("SM"), form.get("MessagingServiceSid")
        unit, long = (160, 153) if _GSM.fullmatch(form["Body"]) else (70, 67)
        units = len(form["Body"].encode("utf-16-le")) // 2
        return {
            "sid": id_, "account_sid": account.sid, "api_version": "2010-04-01", "body": form["Body"],
            "from": form["From"], "to": form["To"], "direction": "outbound-api", "error_code": None,
            "error_message": None, "messaging_service_sid": service, "num_media": "0",
            # A service has not chosen yet how it will be sent.
            "num_segments": "0" if service else str(1 if units <= unit else -(-units // long)),
            "price": None, "price_unit": "USD", "status": "accepted" if service else "queued",
            "date_created": _now(), "date_updated": _now(), "date_sent": None,
            "uri": f"{VERSION}/Accounts/{account.sid}/Messages/{id_}.json",
            "subresource_uris": {"media": f"{VERSION}/Accounts/{account.sid}/Messages/{id_}/Media.json"},
        }  # fmt: skip

    async def _deliver(self, account: Account, message: Json, callback: str) -> None:
        if not self.delivers:
            return
        if self.holds is not None:
            await self.holds.wait()
        code = self.outcomes.get(message["to"])
        for status in ("sent", "undelivered" if code else "delivered"):
            await asyncio.sleep(0)
            message.update(status=status, date_updated=_now(), date_sent=message["date_sent"] or _now())
            form = {
                "MessageSid": message["sid"], "SmsSid": message["sid"], "MessageStatus": status, "SmsStatus": status,
                "AccountSid": account.sid, "From": message["from"], "To": message["to"], "ApiVersion": "2010-04-01",
            }  # fmt: skip
            if status == "undelivered":
                message["error_code"] = code
                form["ErrorCode"] = str(code)
            await self.post(account, callback, form)

    async def _list_messages(self, account: Account, request: web.Request, *_: Any) -> Any:
        if (busy := self.busy()) is not None:
            return busy
        wanted = request.query
        found = [
            dict(each)
            for each in reversed(account.messages)
            if wanted.get("To") in (None, each["to"]) and wanted.get("From") in (None, each["from"])
        ]
        return 200, self.page(request, "messages", found)

    async def _list_numbers(self, account: Account, request: web.Request, *_: Any) -> tuple[int, Json]:
        wanted = request.query.get("PhoneNumber")
        found = [dict(each) for each in account.numbers.values() if wanted in (None, each["phone_number"])]
        return 200, self.page(request, "incoming_phone_numbers", found)

    async def _update_number(self, account: Account, _: Any, form: Form, in_path: Form) -> Any:
        number = account.numbers.get(in_path["Sid"])
        if number is None:
            return _refused(404, 20404)
        fields = {
            "SmsUrl": "sms_url", "SmsMethod": "sms_method", "VoiceUrl": "voice_url", "VoiceMethod": "voice_method",
            "StatusCallback": "status_callback", "StatusCallbackMethod": "status_callback_method",
        }  # fmt: skip
        number.update({fields[name]: value for name, value in form.items()}, date_updated=_now())
        return 200, dict(number)

    async def _list_for_sale(self, account: Account, request: web.Request, _: Form, in_path: Form) -> Any:
        wanted = request.query
        if in_path["CountryCode"] != "US" or not request.path.endswith("Local.json"):
            return _refused(404, 20404)
        found = [
            {"phone_number": phone, "friendly_name": None, "region": "CA", "iso_country": "US", "lata": "722",
             "locality": "San Francisco", "rate_center": "SNFC", "latitude": 37.77, "longitude": -122.41,
             "postal_code": "94103", "address_requirements": "none", "beta": False,
             "capabilities": {"voice": True, "sms": True, "mms": True}}
            for phone in sorted(self.for_sale)
            if phone.startswith("+1" + wanted.get("AreaCode", "")) and wanted.get("Contains", "") in phone
        ]  # fmt: skip
        return 200, {"available_phone_numbers": found[: int(wanted.get("PageSize", "50"))], "uri": request.path}

    async def _sell_number(self, account: Account, request: web.Request, form: Form, _: Form) -> Any:
        if self.breaks_off == "lost":
            return _break(request)
        if form["PhoneNumber"] not in self.for_sale:
            return _refused(400, 21422)
        self.for_sale.discard(form["PhoneNumber"])
        account.owns(
            form["PhoneNumber"], friendly_name=form.get("FriendlyName", form["PhoneNumber"]),
            sms_url=form.get("SmsUrl", ""), voice_url=form.get("VoiceUrl", ""), type="local",
            status_callback=form.get("StatusCallback", ""),
        )  # fmt: skip
        if self.breaks_off == "taken":
            return _break(request)
        return 201, dict(account.number(form["PhoneNumber"]))

    async def _take_back(self, account: Account, request: web.Request, _: Form, in_path: Form) -> Any:
        if (refused := self.busy()) is not None:
            return refused
        had = account.numbers.pop(in_path["Sid"], None) if self.breaks_off != "lost" else None
        if self.breaks_off:
            return _break(request)
        return (204, None) if had else _refused(404, 20404)

    def page(self, request: web.Request, name: str, found: list[Json]) -> Json:
        """A page of a list."""
        size = min(int(request.query.get("PageSize", "50")), self.page_size or 1000)
        page = int(request.query.get("Page", "0"))
        kept = {key: value for key, value in request.query.items() if key not in ("Page", "PageToken")}

        def uri(which: int, **more: str) -> str:
            return f"{request.path}?{urlencode({**kept, 'Page': str(which), **more})}"

        rest = found[(page + 1) * size :]
        return {
            name: found[page * size : (page + 1) * size], "page": page, "page_size": size, "start": page * size,
            "end": page * size + len(found[page * size : (page + 1) * size]) - 1, "uri": uri(page),
            "first_page_uri": uri(0), "previous_page_uri": uri(page - 1) if page else None,
            "next_page_uri": uri(page + 1, PageToken=f"PA{rest[0]['sid']}") if rest else None,
        }  # fmt: skip

    def begin(self, doing: Any) -> None:
        """Do something beside."""
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["FakeTwilio"]:
        """Serve on a port of its own until the end."""
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession() as self._client:
            try:
                yield self
            finally:
                if self.holds is not None:
                    self.holds.set()
                for task in [*self._tasks]:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                await runner.cleanup()


def _now() -> str:
    return format_datetime(datetime.now(UTC))


def _refused(status: int, code: int, retry_after: float | None = None) -> web.Response:
    """An error as Twilio words them, with the number that its own words would repeat."""
    body = {
        "code": code, "message": f"Invalid 'To' Phone Number: +447700900123 ({code})",
        "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status,
    }  # fmt: skip
    headers = {"Retry-After": f"{retry_after:g}"} if retry_after is not None else None
    return web.json_response(body, status=status, headers=headers)


def _break(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
