"""Google's consent and calendar on a real socket, held to the vendor's discovery document in both directions."""

from typing import Any

from aiohttp import web
from tests.fakes.consent import FakeConsent
from tests.fakes.schemas import Discovery

Json = dict[str, Any]
_BASE = "/calendar/v3/"


class FakeGoogle(FakeConsent):
    """One person's primary calendar. What breaks the document stands in `breaches`."""

    def __init__(self, document: Discovery) -> None:
        super().__init__()
        self._document = document
        self.events: dict[str, Json] = {}
        self.link_pending = 0
        """So many times an entry is asked for until its meeting is made."""
        self.unreadable = False
        """Whether the calendar refuses to say when it is busy."""

    async def handle(self, request: web.Request) -> web.Response:
        """Any request."""
        if request.path in ("/token", "/revoke"):
            return await (self.token(request) if request.path == "/token" else self.revocation(request))
        path = request.path.removeprefix(_BASE)
        body = await request.json() if request.can_read_body else None
        self.breaches += self._document.request(request.method, path, dict(request.query), body)
        if self.faults:
            status, headers = self.faults.pop(0)
            return web.json_response(_error(status, "backendError"), status=status, headers=headers)
        if not self.admitted(request):
            return web.json_response(_error(401, "authError"), status=401)
        status, answer = self._answer(request.method, path, body or {})
        if self.lost and request.method != "GET":
            self.lost -= 1
            return web.json_response(_error(502, "backendError"), status=502)
        if status < 300:
            self.breaches += self._document.answer(request.method, path, answer)
        return web.Response(status=204) if answer is None else web.json_response(answer, status=status)

    def _answer(self, method: str, path: str, body: Json) -> tuple[int, Json | None]:
        last = path.rpartition("/")[2]
        match method, path.split("/"):
            case "GET", ["calendars", "primary"]:
                return 200, {"kind": "calendar#calendar", "id": "ada@example.com", "summary": "Ada",
                             "timeZone": "Europe/London"}  # fmt: skip
            case "POST", ["freeBusy"]:
                return 200, self._free_busy(body)
            case "POST", ["calendars", "primary", "events"]:
                if body["id"] in self.events:
                    return 409, _error(409, "duplicate")
                self.events[body["id"]] = {
                    "kind": "calendar#event", "status": "confirmed", "htmlLink": "https://calendar.google.com/e",
                    **{name: body[name] for name in ("id", "summary", "description", "start", "end")},
                    "conferenceData": {"createRequest": {
                        **body["conferenceData"]["createRequest"], "status": {"statusCode": "pending"}}},
                }  # fmt: skip
                return 200, self._told(body["id"])
            case "GET", ["calendars", "primary", "events", _]:
                return (200, self._told(last)) if last in self.events else (404, _error(404, "notFound"))
            case "DELETE", ["calendars", "primary", "events", _]:
                if last not in self.events:
                    return 404, _error(404, "notFound")
                if self.events[last]["status"] == "cancelled":
                    return 410, _error(410, "deleted")
                self.events[last]["status"] = "cancelled"
                return 204, None
            case _:
                return 404, _error(404, "notFound")

    def _told(self, id_: str) -> Json:
        event = self.events[id_]
        if self.link_pending:
            self.link_pending -= 1
        elif "conferenceData" in event and "hangoutLink" not in event:
            event["hangoutLink"] = f"https://meet.google.com/{id_[:10]}"
            event["conferenceData"]["createRequest"]["status"] = {"statusCode": "success"}
            event["conferenceData"]["entryPoints"] = [{"entryPointType": "video", "uri": event["hangoutLink"]}]
        return event

    def _free_busy(self, asked: Json) -> Json:
        (item,) = asked["items"]
        if self.unreadable:
            told: Json = {"errors": [{"domain": "global", "reason": "notFound"}]}
        else:
            standing = [each for each in self.events.values() if each["status"] == "confirmed"]
            told = {"busy": [
                {"start": each["start"]["dateTime"], "end": each["end"]["dateTime"]} for each in standing
                if each["start"]["dateTime"] < asked["timeMax"] and each["end"]["dateTime"] > asked["timeMin"]
            ]}  # fmt: skip
        return {"kind": "calendar#freeBusy", "timeMin": asked["timeMin"], "timeMax": asked["timeMax"],
                "calendars": {item["id"]: told}}  # fmt: skip


def _error(status: int, reason: str) -> Json:
    told = {"domain": "global", "reason": reason, "message": reason}
    return {"error": {"code": status, "message": reason, "errors": [told]}}
