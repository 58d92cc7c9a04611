"""Salesforce on a real socket, as its documentation describes it: fields that an object has not are refused, errors are
lists, and a query is of the few forms that are understood here."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from frontdesk.kernel.ids import new_id

Json = dict[str, Any]
CLIENT = {"client_id": "app-1", "client_secret": "app-secret"}
PREFIXES = {"Contact": "003", "Lead": "00Q", "Task": "00T", "Event": "00U"}
PERSON = {"FirstName", "LastName", "Phone", "MobilePhone", "Email"}
FIELDS = {
    "Contact": PERSON,
    "Lead": PERSON | {"Company", "LeadSource", "Description", "IsConverted"},
    "Task": {
        "WhoId", "Subject", "Description", "Status", "TaskSubtype", "CallType", "CallDurationInSeconds", "CallObject",
        "ActivityDate",
    },
    "Event": {"WhoId", "Subject", "Description", "StartDateTime", "EndDateTime"},
}  # fmt: skip
_DATA = "/services/data/v60.0/"
_QUERY = re.compile(r"SELECT ([\w, ]+) FROM (\w+) WHERE (.+?)(?: ORDER BY CreatedDate)? LIMIT \d+")
_TERM = re.compile(r"(\w+) = (?:'((?:[^'\\]|\\.)*)'|([\w:-]+))")


@dataclass
class FakeSalesforce:
    """See the module. `url` is where it is."""

    url: str = ""
    breaches: list[str] = field(default_factory=list[str])
    asked: list[str] = field(default_factory=list[str])
    objects: dict[str, Json] = field(default_factory=dict[str, Json])
    access: set[str] = field(default_factory=set[str])
    refresh: set[str] = field(default_factory=lambda: {"refresh-0"})
    limited: bool = False
    """The limit of calls is reached."""

    def holds(self, kind: str, **fields: Any) -> str:
        """Put an object there; its id."""
        id_ = f"{PREFIXES[kind]}{len(self.objects):015}"
        self.objects[id_] = {"Id": id_, **fields}
        return id_

    def of(self, kind: str) -> list[Json]:
        """The objects of a kind."""
        return [each for id_, each in self.objects.items() if id_.startswith(PREFIXES[kind])]

    async def handle(self, request: web.Request) -> web.Response:
        """Any request."""
        self.asked.append(f"{request.method} {request.path}")
        text = await request.text()
        if request.path in ("/services/oauth2/token", "/services/oauth2/revoke"):
            return self._oauth(request.path, dict(parse_qsl(text)))
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.access:
            return _refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if self.limited:
            return _refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if request.path == "/services/oauth2/userinfo":
            return web.json_response({"organization_id": "00D1", "preferred_username": "ada@example.com"})
        what = request.path.removeprefix(_DATA)
        if what == "query":
            return self._query(request.query["q"])
        kind, _, id_ = what.removeprefix("sobjects/").partition("/")
        if kind not in FIELDS:
            return _refused(404, "NOT_FOUND", "The requested resource does not exist")
        return self._object(request.method, kind, id_, json.loads(text) if text else {})

    def _object(self, method: str, kind: str, id_: str, given: Json) -> web.Response:
        if strange := sorted(set(given) - FIELDS[kind]):
            return _refused(400, "INVALID_FIELD", f"No such column '{strange[0]}' on sobject of type {kind}")
        if method == "POST":
            required = {"Lead": ("LastName", "Company"), "Contact": ("LastName",)}.get(kind, ())
            if missing := [name for name in required if not given.get(name)]:
                return _refused(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: {missing}")
            if kind in ("Task", "Event") and given.get("WhoId") not in self.objects:
                return _refused(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
            return web.json_response({"id": self.holds(kind, **given), "success": True, "errors": []}, status=201)
        if id_ not in self.objects:
            return _refused(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible")
        if method == "PATCH":
            self.objects[id_] |= given
            return web.Response(status=204)
        return web.json_response(self.objects[id_])

    def _query(self, soql: str) -> web.Response:
        read = _QUERY.fullmatch(soql)
        if read is None:
            return _refused(400, "MALFORMED_QUERY", soql)
        _, kind, where = read.groups()
        alternatives = where.partition(" AND IsConverted = false")[0].strip("()")
        how = any if " OR " in alternatives else all
        terms = [(name, (text or word).replace("\\'", "'")) for name, text, word in _TERM.findall(alternatives)]
        found = [each for each in self.of(kind) if how(str(each.get(name, "")) == value for name, value in terms)]
        return web.json_response({"totalSize": len(found), "done": True, "records": found})

    def _oauth(self, path: str, form: dict[str, str]) -> web.Response:
        if path.endswith("revoke"):
            self.refresh.discard(form["token"])
            return web.Response()
        if {name: form.get(name) for name in CLIENT} != CLIENT:
            self.breaches.append("these are not the app's keys")
        proven = form.get("code") == "code-1" and form.get("code_verifier")
        if not proven and form.get("refresh_token") not in self.refresh:
            return web.json_response({"error": "invalid_grant", "error_description": "expired"}, status=400)
        token = new_id().hex
        self.access.add(token)
        self.refresh.add("refresh-1")
        told = {"access_token": token, "instance_url": self.url, "id": "x", "issued_at": "1", "token_type": "Bearer"}
        return web.json_response(told | ({"refresh_token": "refresh-1"} if proven else {}))


def _refused(status: int, code: str, message: str) -> web.Response:
    return web.json_response([{"errorCode": code, "message": message}], status=status)
