"""Microsoft's consent and Graph's calendar on a real socket, held to Graph's own document in both directions."""

from typing import Any

from aiohttp import web
from tests.fakes.consent import FakeConsent
from tests.fakes.schemas import OpenApi

Json = dict[str, Any]
ADDRESS = "Ada@example.com"
_BASE = "/v1.0"
_SCHEDULE = "/me/calendar/getSchedule"
_NAMES = {"schedules": "Schedules", "startTime": "StartTime", "endTime": "EndTime",
          "availabilityViewInterval": "AvailabilityViewInterval"}  # fmt: skip
"""Of an action's parameters, which Graph takes in any case, as its document writes them."""


class FakeMicrosoft(FakeConsent):
    """One person's calendar. What breaks the document stands in `breaches`."""

    def __init__(self, document: OpenApi) -> None:
        super().__init__()
        self._document = document
        self.events: dict[str, Json] = {}
        self.link_pending = 0
        self.unreadable = False

    async def handle(self, request: web.Request) -> web.Response:
        """Any request."""
        if request.path.endswith("/oauth2/v2.0/token"):
            return await self.token(request)
        path, method = request.path.removeprefix(_BASE), request.method
        body = await request.json() if request.can_read_body else None
        named = path
        if path == _SCHEDULE:  # which the document spells out
            named, body = "/me/calendar/microsoft.graph.getSchedule", {_NAMES[k]: v for k, v in (body or {}).items()}
        self.breaches += self._document.request(method, named, dict(request.query), body)
        if path in (_SCHEDULE, "/me/calendarView", "/me/events") and 'timezone="UTC"' not in request.headers["Prefer"]:
            self.breaches.append(f"{path}: times in any zone")
        if self.faults:
            status, headers = self.faults.pop(0)
            return self._said(method, named, status, _error("serviceNotAvailable"), headers)
        if not self.admitted(request):
            return self._said(method, named, 401, _error("InvalidAuthenticationToken"))
        status, answer = self._answer(method, path, body or {}, dict(request.query))
        if self.lost and method != "GET":
            self.lost -= 1
            status, answer = 502, _error("serviceNotAvailable")
        return self._said(method, named, status, answer)

    def _said(
        self, method: str, path: str, status: int, body: Json | None, headers: dict[str, str] | None = None
    ) -> web.Response:
        self.breaches += self._document.answer(method, path, status, body)
        if body is None:
            return web.Response(status=status, headers=headers)
        return web.json_response(body, status=status, headers=headers)

    def _answer(self, method: str, path: str, body: Json, query: dict[str, str]) -> tuple[int, Json | None]:
        last = path.rpartition("/")[2]
        match method, path.split("/")[1:]:
            case "GET", ["me", "calendar"]:
                return 200, {"id": "AAMk", "name": "Calendar", "owner": {"name": "Ada", "address": ADDRESS}}
            case "POST", ["me", "calendar", "getSchedule"]:
                return 200, {"value": [self._schedule(body)]}
            case "POST", ["me", "events"]:
                if any(each["transactionId"] == body["transactionId"] for each in self.events.values()):
                    return 409, _error("ErrorDuplicateTransactionId")
                id_ = f"AAMk{len(self.events)}"
                self.events[id_] = {"id": id_, "isCancelled": False, "showAs": "busy", **body, "onlineMeeting": None}
                return 201, self._told(id_)
            case "GET", ["me", "calendarView"]:
                found = [self._told(id_) for id_, each in self.events.items()
                         if each["start"]["dateTime"] < query["endDateTime"][:19]
                         and each["end"]["dateTime"] > query["startDateTime"][:19]]  # fmt: skip
                kept = query["$select"].split(",")
                return 200, {"value": [{name: each[name] for name in kept if name in each} for each in found]}
            case "DELETE", ["me", "events", _]:
                return (204, None) if self.events.pop(last, None) else (404, _error("ErrorItemNotFound"))
            case _:
                return 404, _error("ErrorItemNotFound")

    def _told(self, id_: str) -> Json:
        event = self.events[id_]
        if self.link_pending:
            self.link_pending -= 1
        elif event.get("isOnlineMeeting") and event["onlineMeeting"] is None:
            event["onlineMeeting"] = {"joinUrl": f"https://teams.microsoft.com/l/meetup-join/{id_}"}
        return event

    def _schedule(self, asked: Json) -> Json:
        (address,) = asked["Schedules"]
        if self.unreadable or address != ADDRESS.lower():
            error = {"message": "no", "responseCode": "ErrorMailRecipientNotFound"}
            return {"scheduleId": address, "error": error}
        items = [
            {"status": each["showAs"], "start": _digits(each["start"]), "end": _digits(each["end"])}
            for each in self.events.values()
            if each["start"]["dateTime"] < asked["EndTime"]["dateTime"]
            and each["end"]["dateTime"] > asked["StartTime"]["dateTime"]
        ]
        return {"scheduleId": address, "availabilityView": "0", "scheduleItems": items}


def _digits(at: Json) -> Json:
    """An instant as Graph writes it."""
    return {**at, "dateTime": at["dateTime"] + ".0000000"}


def _error(code: str) -> Json:
    return {"error": {"code": code, "message": code}}
