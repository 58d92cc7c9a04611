"""HubSpot on a real socket: consent, contacts, calls, meetings, each request and answer held to the vendor's documents.

There is no document of meetings here; they are objects as calls are. What breaks a document stands in `breaches`.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from tests.fakes.openapi import Document

from frontdesk.kernel.ids import new_id

Json = dict[str, Any]
CLIENT = {"client_id": "app-1", "client_secret": "app-secret"}
NOW = "2026-03-06T12:00:00.000Z"
FIELDS = {
    "contacts": {"firstname", "lastname", "phone", "email", "company"},
    "calls": {
        "hs_timestamp", "hs_call_title", "hs_call_body", "hs_call_duration", "hs_call_from_number",
        "hs_call_to_number", "hs_call_direction", "hs_call_status",
    },
    "meetings": {
        "hs_timestamp", "hs_meeting_title", "hs_meeting_body", "hs_meeting_start_time", "hs_meeting_end_time",
        "hs_meeting_outcome",
    },
}  # fmt: skip
ASSOCIATIONS = {"calls": 194, "meetings": 200}


@dataclass
class FakeHubSpot:
    """See the module."""

    contacts_api: Document
    calls_api: Document
    oauth_api: Document
    breaches: list[str] = field(default_factory=list[str])
    asked: list[str] = field(default_factory=list[str])
    objects: dict[str, dict[str, Json]] = field(default_factory=lambda: {kind: {} for kind in FIELDS})
    """By kind and id: properties, and of activities `contact`."""
    access: set[str] = field(default_factory=set[str])
    refresh: set[str] = field(default_factory=lambda: {"refresh-0"})
    trouble: list[tuple[int, dict[str, str]]] = field(default_factory=list[tuple[int, dict[str, str]]])
    """Statuses and headers that the next calls are refused with."""
    _last: int = 100

    def holds(self, kind: str, **properties: str) -> str:
        """Put an object there; its id."""
        self._last += 1
        id_ = str(self._last)
        self.objects[kind][id_] = {"properties": properties}
        return id_

    async def handle(self, request: web.Request) -> web.Response:
        """Any request."""
        self.asked.append(f"{request.method} {request.path}")
        text = await request.text()
        if request.path.startswith("/oauth/"):
            return self._oauth(request, text)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.access:
            return self._refused(401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired.")
        if self.trouble:
            status, headers = self.trouble.pop(0)
            return self._refused(status, "RATE_LIMITS", "You have reached your limit.", headers)
        api = self.contacts_api if "/contacts" in request.path else self.calls_api
        path, body = request.path.replace("/meetings", "/calls"), json.loads(text) if text else None
        self.breaches += api.json_request(request.method, path, request.query, body)
        answer = self._carry_out(request.method, request.path, body)
        if isinstance(answer, web.Response):
            return answer
        status = 201 if request.method == "POST" and not path.endswith("/search") else 200
        self.breaches += api.answer(request.method, path, status, answer)
        return web.json_response(answer, status=status)

    def _carry_out(self, method: str, path: str, body: Any) -> Json | web.Response:
        kind, *rest = path.removeprefix("/crm/v3/objects/").split("/")
        there = self.objects[kind]
        match method, rest:
            case "POST", ["search"]:
                found = [self._shown(kind, id_) for id_, each in there.items() if _fits(each["properties"], body)]
                return {"total": len(found), "results": found[: body["limit"]]}
            case "POST", []:
                properties = self._properties(kind, body)
                email = properties.get("email")
                if email is not None and "@" not in email:
                    return self._refused(400, "VALIDATION_ERROR", f"Property values were not valid: email {email}")
                if same := [i for i, each in there.items() if email and each["properties"].get("email") == email]:
                    return self._refused(409, "CONFLICT", f"Contact already exists. Existing ID: {same[0]}")
                id_ = self.holds(kind, **properties)
                if kind != "contacts":
                    [association] = body["associations"]
                    if association["types"][0]["associationTypeId"] != ASSOCIATIONS[kind]:
                        self.breaches.append(f"{kind} are not associated so")
                    there[id_]["contact"] = association["to"]["id"]
                return self._shown(kind, id_)
            case (("GET" | "PATCH"), [id_]) if id_ in there:
                if method == "PATCH":
                    there[id_]["properties"] |= self._properties(kind, body)
                return self._shown(kind, id_)
            case _:
                return self._refused(404, "OBJECT_NOT_FOUND", "resource not found")

    def _properties(self, kind: str, body: Json) -> dict[str, str]:
        properties: dict[str, str] = body["properties"]
        self.breaches += [f"{kind} have no {name}" for name in properties if name not in FIELDS[kind]]
        return properties

    def _shown(self, kind: str, id_: str) -> Json:
        properties = self.objects[kind][id_]["properties"]
        return {"id": id_, "properties": properties, "createdAt": NOW, "updatedAt": NOW, "archived": False}

    def _oauth(self, request: web.Request, text: str) -> web.Response:
        last = request.path.rpartition("/")[2]
        if request.method == "POST":
            pairs = parse_qsl(text)
            form = dict(pairs)
            self.breaches += self.oauth_api.request("POST", request.path, {}, pairs)
            if {name: form.get(name) for name in CLIENT} != CLIENT:
                self.breaches.append("these are not the app's keys")
            good = form.get("code") == "code-1" or form.get("refresh_token") in self.refresh
            if not good:
                kind = "BAD_AUTH_CODE" if "code" in form else "BAD_REFRESH_TOKEN"
                return self._refused(400, kind, "missing or unknown")
            token = new_id().hex
            self.access.add(token)
            self.refresh.add("refresh-1")
            answer = {
                "access_token": token, "refresh_token": form.get("refresh_token", "refresh-1"), "expires_in": 1800,
                "token_type": "bearer", "token_use": "access_token",
            }  # fmt: skip
        elif request.method == "DELETE":
            self.refresh.discard(last)
            return web.Response(status=204)
        else:
            answer = {
                "token": last, "user": "ada@example.com", "hub_domain": "example.com", "scopes": ["oauth"],
                "hub_id": 62515, "app_id": 1, "expires_in": 1799, "user_id": 123, "token_type": "access",
            }  # fmt: skip
        self.breaches += self.oauth_api.answer(request.method, request.path, 200, answer, closed=False)
        return web.json_response(answer)

    def _refused(self, status: int, category: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
        told = {"category": category, "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf", "message": message}
        self.breaches += self.contacts_api.fits("Error", told)
        return web.json_response(told, status=status, headers=headers)


def _fits(properties: dict[str, str], search: Json) -> bool:
    def one(asked: Json) -> bool:
        value = properties.get(asked["propertyName"], "")
        match asked["operator"]:
            case "EQ":
                return value == asked["value"]
            case "CONTAINS_TOKEN":
                return asked["value"] in value
            case _:
                return False

    return any(all(one(each) for each in group["filters"]) for group in search["filterGroups"])
