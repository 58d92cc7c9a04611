"""Stripe on a real socket: holds every request to the vendor's parameters, and answers in the shape of its fixtures."""

import copy
import json
import re
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from jsonschema import Draft202012Validator

from frontdesk.kernel.ids import new_id

Json = dict[str, Any]
SECRET_KEY, WEBHOOK_SECRET = "sk_test_frontdesk", "whsec_frontdesk"


class FakeStripe:
    """See the module. What breaks the vendor's schema stands in `breaches`."""

    def __init__(self, parameters: Json, fixtures: Json) -> None:
        self._parameters, self._fixtures = parameters["operations"], fixtures["resources"]
        self.breaches: list[str] = []
        self.forms: list[Json] = []
        self.subscriptions: dict[str, Json] = {}
        self.invoices: list[Json] = []
        self.canceled: list[str] = []
        self.url = ""

    def made(self, kind: str, **fields: Any) -> Json:
        """An object of the vendor's shape: its fixture, with some fields changed."""
        found = copy.deepcopy(self._fixtures[kind])
        self.breaches += [f"{kind} has no {name}" for name in fields if name not in found]
        return found | fields

    async def handle(self, request: web.Request) -> web.Response:
        """Any request."""
        path, last = request.path, request.path.rpartition("/")[2]
        if request.headers.get("Authorization") != f"Bearer {SECRET_KEY}":
            return web.json_response({"error": {"type": "invalid_request_error"}}, status=401)
        if request.method == "POST" and not request.headers.get("Idempotency-Key"):
            self.breaches.append(f"{path}: no Idempotency-Key")
        name = f"{request.method} {re.sub('sub_.*', '{id}', path)}"
        form = _nested(parse_qsl(await request.text()) or list(request.query.items()))
        if name != "GET /v1/subscriptions/{id}":  # which takes none
            schema = self._parameters.get(name)
            if schema is None:
                self.breaches.append(f"{name} is no operation")
            else:
                form = _typed(form, schema, schema.get("$defs", {}))
                self.breaches += [
                    f"{name}: {error.message}" for error in Draft202012Validator(schema).iter_errors(form)
                ]
        elif form:
            self.breaches.append(f"{name} takes nothing")
        self.forms.append(form)
        match name:
            case "POST /v1/checkout/sessions":
                answer = self.made("checkout.session", url="https://checkout.stripe.com/c/pay/cs_1", **_kept(form))
            case "POST /v1/billing_portal/sessions":
                answer = self.made("billing_portal.session", url="https://billing.stripe.com/p/session/1")
            case "POST /v1/payment_intents":
                answer = self.made("payment_intent", id="pi_1", client_secret="pi_1_secret_2", amount=form["amount"])
            case "GET /v1/invoices":
                answer = {"object": "list", "data": self.invoices, "has_more": False, "url": "/v1/invoices"}
            case "GET /v1/subscriptions/{id}" if last in self.subscriptions:
                answer = self.subscriptions[last]
            case "DELETE /v1/subscriptions/{id}":
                self.canceled.append(last)
                answer = self.made("subscription", id=last, status="canceled")
            case _:
                return web.json_response({"error": {"type": "invalid_request_error"}}, status=404)
        return web.json_response(answer)

    def event(self, type_: str, of: Json, id_: str = "") -> bytes:
        """The body of a webhook."""
        return json.dumps(self.made("event", id=id_ or f"evt_{new_id().hex}", type=type_, data={"object": of})).encode()


def _kept(form: Json) -> Json:
    return {name: form[name] for name in ("mode", "metadata", "client_reference_id")}


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
