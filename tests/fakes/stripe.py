"""Stripe on a real socket: a stickler for the vendor's documents, in what it is asked and in what it answers.

Requests are held to the parameters of the current version, closed; answers to the OpenAPI document, which is older,
with the moves since then, and by their names to the vendor's current samples. What breaks them stands in `breaches`.
"""

import asyncio
import copy
import json
import re
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from jsonschema import Draft202012Validator
from tests.fakes.openapi import Document

from frontdesk.kernel.ids import new_id

Json = dict[str, Any]
SECRET_KEY, WEBHOOK_SECRET = "sk_test_frontdesk", "whsec_frontdesk"
MOVED = {
    "subscription": ["current_period_start", "current_period_end"],
    "invoice": ["paid", "paid_out_of_band", "total_tax_amounts"],
    "line_item": ["proration", "type"],
}
"""Fields that the document demands and the current version has elsewhere, or not at all."""


def document(text: str) -> Document:
    """The vendor's OpenAPI document, as of the version that is asked for."""
    told = json.loads(text)
    for name, gone in MOVED.items():
        schema = told["components"]["schemas"][name]
        schema["required"] = [each for each in schema["required"] if each not in gone]
    return Document(json.dumps(told))


class FakeStripe:
    """See the module."""

    def __init__(self, parameters: Json, fixtures: Json, api: Document) -> None:
        self._parameters, self._fixtures, self._api = parameters["operations"], fixtures["resources"], api
        self._answered: dict[str, tuple[str, Json]] = {}
        self.breaches: list[str] = []
        self.asked: list[tuple[str, Json]] = []
        self.subscriptions: dict[str, Json] = {}
        self.invoices: list[Json] = []
        self.payments: list[Json] = []
        self.endpoints: list[Json] = []
        self.canceled: list[str] = []
        self.failing: list[int] = []
        """Statuses that the next requests are refused with."""
        self.drops = 0
        """Of so many requests the connection breaks when they have been carried out."""
        self.held: asyncio.Event | None = None
        """Answers wait for it."""

    @property
    def forms(self) -> list[Json]:
        """What was given with each request."""
        return [form for _, form in self.asked]

    def made(self, kind: str, **fields: Any) -> Json:
        """An object of the vendor's shape: its sample, with some fields changed."""
        found = copy.deepcopy(self._fixtures[kind])
        self.breaches += [f"{kind} has no {name}" for name in fields if name not in found]
        if kind == "customer":
            found["discount"] = None  # the sample's own is of the newest version
        if kind == "billing_portal.session":
            found["flow"] = None
        return found | fields

    def event(self, type_: str, of: Json, id_: str = "", **fields: Any) -> bytes:
        """The body of a webhook."""
        made = self.made("event", id=id_ or f"evt_{new_id().hex}", type=type_, data={"object": of}) | fields
        return json.dumps(made).encode()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        path = request.path
        form = self._checked(request.method, path, await request.text(), request.query_string)
        if request.headers.get("Authorization") != f"Bearer {SECRET_KEY}":
            return self._refused(request, 401)
        if self.failing:
            return self._refused(request, self.failing.pop(0))
        key = request.headers.get("Idempotency-Key", "")
        if request.method == "POST" and not key:
            self.breaches.append(f"{path}: no Idempotency-Key")
        asked = json.dumps([path, form], sort_keys=True)
        before, answer = self._answered.get(key, ("", None)) if key else ("", None)
        if answer is None:
            answer = self._carry_out(request.method, path, form)
            if answer is None:
                return self._refused(request, 404)
            self._answered[key] = asked, answer
        elif before != asked:
            self.breaches.append(f"{path}: its Idempotency-Key belongs to another request")
        if self.held is not None:
            await self.held.wait()
        if self.drops and request.transport:
            self.drops -= 1
            request.transport.abort()
        self.breaches += self._api.answer(request.method, path, 200, answer, closed=False)
        return web.json_response(answer)

    def _carry_out(self, method: str, path: str, form: Json) -> Json | None:
        """What comes of a request; None where there is nothing such."""
        last = path.rpartition("/")[2]
        match f"{method} {re.sub('sub_.*', '{id}', path)}":
            case "POST /v1/customers":
                return self.made("customer", id=f"cus_{new_id().hex}", **_kept(form, "metadata", "email", "name"))
            case "POST /v1/checkout/sessions":
                kept = _kept(form, "mode", "metadata", "client_reference_id", "customer")
                return self.made("checkout.session", url="https://checkout.stripe.com/c/pay/cs_1", **kept)
            case "POST /v1/billing_portal/sessions":
                return self.made("billing_portal.session", url="https://billing.stripe.com/p/session/1")
            case "POST /v1/payment_intents":
                made = {"id": f"pi_{len(self.asked)}", "client_secret": f"pi_{len(self.asked)}_secret_2"}
                return self.made("payment_intent", **made, **_kept(form, "amount", "metadata", "customer"))
            case "GET /v1/invoices":
                return _list(path, self.invoices)
            case "GET /v1/payment_intents":
                return _list(path, self.payments)
            case "GET /v1/webhook_endpoints":
                return _list(path, self.endpoints)
            case "GET /v1/subscriptions/{id}":
                return self.subscriptions.get(last)
            case "DELETE /v1/subscriptions/{id}":
                self.canceled.append(last)
                return self.made("subscription", id=last, status="canceled")
            case _:
                return None

    def _checked(self, method: str, path: str, text: str, query: str) -> Json:
        """What was given, in its types; what is wrong with it is noted."""
        name = f"{method} {re.sub('sub_.*', '{id}', path)}"
        form = _nested([*parse_qsl(text), *parse_qsl(query)])
        schema = self._parameters.get(name) or self._query_of(method, path)
        if schema is None:
            self.breaches.append(f"{name} is no operation")
        else:
            form = _typed(form, schema, schema.get("$defs", {}))
            self.breaches += [f"{name}: {error.message}" for error in Draft202012Validator(schema).iter_errors(form)]
        self.asked.append((name, form))
        return form

    def _query_of(self, method: str, path: str) -> Json | None:
        """The parameters of a read, which the current ones leave out."""
        served = self._api.operation(method, path) if method == "GET" else None
        if served is None:
            return None
        named = {each["name"]: each["schema"] for each in served[0].get("parameters", []) if each["in"] == "query"}
        return {"type": "object", "properties": named, "additionalProperties": False}

    def _refused(self, request: web.Request, status: int) -> web.Response:
        answer = {"error": {"type": "api_error" if status >= 500 else "invalid_request_error", "message": "No."}}
        self.breaches += self._api.answer(request.method, request.path, status, answer, closed=False)
        return web.json_response(answer, status=status)


def _list(path: str, data: list[Json]) -> Json:
    return {"object": "list", "data": data, "has_more": False, "url": path}


def _kept(form: Json, *names: str) -> Json:
    return {name: form[name] for name in names if name in form}


def _nested(pairs: list[tuple[str, str]]) -> Json:
    found: Json = {}
    for name, text in pairs:
        place, *keys = re.findall(r"[^\[\]]+", name)
        at = found
        for key in keys:
            at = at.setdefault(place, {})
            place = key
        at[place] = text
    return found


def _typed(value: Any, schema: Json, defs: Json) -> Any:
    """Texts of a form as the schema's types."""
    if "$ref" in schema:
        return _typed(value, defs[schema["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in schema and not isinstance(value, str):
        schema = next((s for s in schema["anyOf"] if "$ref" in s or s.get("type") in ("object", "array")), schema)
        return _typed(value, schema, defs) if "anyOf" not in schema else value
    match schema.get("type"):
        case "object" if isinstance(value, dict):
            named = schema.get("properties", {})
            return {key: _typed(each, named.get(key, {}), defs) for key, each in value.items()}
        case "array" if isinstance(value, dict):
            return [_typed(each, schema.get("items", {}), defs) for each in value.values()]
        case "integer" if isinstance(value, str) and value.isdigit():
            return int(value)
        case "boolean" if value in ("true", "false"):
            return value == "true"
        case _:
            return value
