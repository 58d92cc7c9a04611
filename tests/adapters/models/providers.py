"""Anthropic and OpenAI on a real socket, as far as the product speaks with them: what is asked is checked against the
vendors' own schemas, and so is what is answered. What they answer is a script of moves."""

import asyncio
import json
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jsonschema
from aiohttp import web
from tests.fakes.openapi import modern
from tests.fixtures.specs import SPECS

KEY = "sk-test-0123456789"
ANSWER = "final_answer"

Json = dict[str, Any]


@dataclass
class Calls:
    """The model calls tools, all at once. `text` is what it says meanwhile."""

    calls: list[tuple[str, Json]]
    text: str = ""


@dataclass
class Fails:
    """The provider answers with an error."""

    status: int
    kind: str = "api_error"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Says:
    """The model answers in plain text, which is no valid answer."""

    text: str


class Refuses:
    """The model declines to answer."""


class Breaks:
    """The answer is no JSON."""


class Drops:
    """The connection is closed without an answer."""


@dataclass
class Waits:
    """The answer takes so long; `then` is the answer."""

    seconds: float
    then: "Move"


@dataclass
class Halts:
    """The answer is streamed, in pieces, until `after` stands in it; the rest comes when `goes_on` is set. None: the
    connection breaks there."""

    move: Calls
    after: str
    goes_on: asyncio.Event | None = None


Move = Calls | Fails | Says | Refuses | Breaks | Drops | Waits | Halts
Script = Callable[["Asked"], Move]


def answers(text: str, *deeds: tuple[str, Json], **changed: Any) -> Calls:
    """The model does `deeds` by tools and says `text`, in one go."""
    said = {
        "text": text, "intent": "interest", "sentiment": "POSITIVE", "confidence": 0.9, "hot": False,
        "reasoning": "The lead is keen.",
    }  # fmt: skip
    return Calls([*deeds, (ANSWER, said | changed)])


@dataclass
class Asked:
    """A request as it came."""

    vendor: str
    body: Json
    headers: dict[str, str]

    @property
    def instructions(self) -> str:
        """The standing instructions."""
        if self.vendor == "anthropic":
            system = self.body.get("system", "")
            return system if isinstance(system, str) else "\n".join(block["text"] for block in system)
        return "\n".join(m["content"] for m in self.body["messages"] if m["role"] in ("system", "developer"))

    @property
    def prompt(self) -> str:
        """The first prompt of the user."""
        content = next(m["content"] for m in self.body["messages"] if m["role"] == "user")
        return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)

    @property
    def brief(self) -> Json:
        """The brief in the prompt."""
        found = re.search(r"<brief>\n(.*)\n</brief>", self.prompt, re.S)
        assert found, self.prompt
        return json.loads(found[1])

    @property
    def results(self) -> list[str]:
        """What the tools have answered so far."""
        if self.vendor == "openai":
            return [m["content"] for m in self.body["messages"] if m["role"] == "tool"]
        blocks = [b for m in self.body["messages"] if isinstance(m["content"], list) for b in m["content"]]
        return [json.dumps(b["content"]) for b in blocks if b["type"] == "tool_result"]

    @property
    def tools(self) -> set[str]:
        """The names of the tools that the model may call."""
        return {tool.get("name") or tool["function"]["name"] for tool in self.body["tools"]}


class FakeProvider:
    """Both vendors at one address. It answers whatever comes with its script's next move; the last goes on for ever."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.wrong: list[str] = []
        """How requests or answers differ from the vendor's schema."""
        self._script: Script = lambda _: answers("Hello!")
        self.left = 0
        """How often whoever asked has gone in mid-stream."""
        self._request, self._response = _validators("request"), _validators("response")
        self._chunk = _validators("stream")

    def play(self, *moves: Move) -> None:
        """Make these moves, one a request."""
        left = list(moves)
        self._script = lambda _: left.pop(0) if len(left) > 1 else left[0]

    def improvise(self, script: Script) -> None:
        """Make each move as `script` says."""
        self._script = script

    def _check(self, validator: Any, value: Any, what: str) -> None:
        if validator is not None:
            self.wrong += [
                f"{what}: {error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)
            ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request of either vendor."""
        vendor = "anthropic" if request.path.endswith("/messages") else "openai"
        asked = Asked(vendor, await request.json(), {name.lower(): text for name, text in request.headers.items()})
        self.asked.append(asked)
        self._check(self._request.get(vendor), asked.body, f"{vendor} request")
        given = asked.headers.get("x-api-key") or asked.headers.get("authorization", "").removeprefix("Bearer ")
        if given != KEY:
            return self._failed(vendor, Fails(401, "authentication_error"))
        if vendor == "anthropic" and not re.fullmatch(r"\d{4}-\d\d-\d\d", asked.headers.get("anthropic-version", "")):
            self.wrong.append("no anthropic-version")
        return await self._moved(request, asked, self._script(asked))

    async def _moved(self, request: web.Request, asked: Asked, move: Move) -> web.StreamResponse:
        if isinstance(move, Waits):
            await asyncio.sleep(move.seconds)
            return await self._moved(request, asked, move.then)
        if isinstance(move, Drops):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(move, Breaks):
            return web.Response(text='{"id": "msg_1", "content": [', content_type="application/json")
        if isinstance(move, Fails):
            return self._failed(asked.vendor, move)
        if asked.body.get("stream"):
            return await self._streamed(request, asked, move)
        if isinstance(move, Halts):
            self.wrong.append("is not asked for a stream")
            move = move.move
        body = (_of_anthropic if asked.vendor == "anthropic" else _of_openai)(asked.body["model"], move)
        self._check(self._response.get(asked.vendor), body, f"{asked.vendor} answer")
        return web.json_response(body)

    async def _streamed(self, request: web.Request, asked: Asked, move: Move) -> web.StreamResponse:
        """The answer as events. Whatever has been sent once stays on its way."""
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        whole = move.move if isinstance(move, Halts) else move
        events = (anthropic_events if asked.vendor == "anthropic" else openai_chunks)(asked.body["model"], whole)
        written = ""
        for event in events:
            self._check(self._chunk.get(asked.vendor), event, f"{asked.vendor} event")
            head = f"event: {event['type']}\n" if asked.vendor == "anthropic" else ""
            await response.write(f"{head}data: {json.dumps(event)}\n\n".encode())
            before, written = written, written + _piece(event)
            if isinstance(move, Halts) and move.after in written and move.after not in before:
                if move.goes_on is None:
                    assert request.transport is not None
                    request.transport.abort()
                    return response
                while not move.goes_on.is_set():
                    if request.transport is None or request.transport.is_closing():
                        self.left += 1
                        return response
                    await asyncio.sleep(0.01)
        if asked.vendor == "openai":
            await response.write(b"data: [DONE]\n\n")
        return response

    def _failed(self, vendor: str, move: Fails) -> web.Response:
        error = {"type": move.kind, "message": "It did not work."}
        body = (
            {"type": "error", "error": error, "request_id": "req_1"}
            if vendor == "anthropic"
            else {"error": {**error, "param": None, "code": None}}
        )
        return web.json_response(body, status=move.status, headers=move.headers)

    async def handle_card(self, request: web.Request) -> web.StreamResponse:
        """The card of a model."""
        given = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
        if given != KEY:
            return self._failed("openai", Fails(401, "authentication_error"))
        name = request.match_info["name"]
        return web.json_response(
            {"id": name, "type": "model", "display_name": name, "created_at": "2026-01-01T00:00:00Z",
             "object": "model", "created": 1767225600, "owned_by": "vendor"}
        )  # fmt: skip


def _of_anthropic(model: str, move: Move) -> Json:
    content: list[Json] = []
    reason = "end_turn"
    match move:
        case Calls(calls, text):
            content = [{"type": "text", "text": text, "citations": None}] if text else []
            content += [
                {"type": "tool_use", "id": f"toolu_{place}_{os.urandom(4).hex()}", "name": name, "input": given,
                 "caller": {"type": "direct"}}
                for place, (name, given) in enumerate(calls)
            ]  # fmt: skip
            reason = "tool_use"
        case Says(text):
            content = [{"type": "text", "text": text, "citations": None}]
        case _:
            reason = "refusal"
    return {
        "id": f"msg_{os.urandom(8).hex()}", "type": "message", "role": "assistant", "model": model, "content": content,
        "stop_reason": reason, "stop_sequence": None, "usage": {"input_tokens": 900, "output_tokens": 80},
    }  # fmt: skip


def _of_openai(model: str, move: Move) -> Json:
    message: Json = {"role": "assistant", "content": None, "refusal": None}
    reason = "stop"
    match move:
        case Calls(calls, text):
            message["content"] = text or None
            message["tool_calls"] = [
                {"id": f"call_{place}_{os.urandom(4).hex()}", "type": "function",
                 "function": {"name": name, "arguments": json.dumps(given)}}
                for place, (name, given) in enumerate(calls)
            ]  # fmt: skip
            reason = "tool_calls"
        case Says(text):
            message["content"] = text
        case _:
            message["refusal"] = "I cannot help with that."
    return {
        "id": f"chatcmpl-{os.urandom(8).hex()}", "object": "chat.completion", "created": 1767225600, "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 80, "total_tokens": 980},
    }  # fmt: skip


def _piece(event: Json) -> str:
    """What an event adds to the arguments of tools."""
    if "delta" in event:
        return event["delta"].get("partial_json", "")
    calls = event["choices"][0]["delta"].get("tool_calls", []) if event.get("choices") else []
    return "".join(call["function"].get("arguments", "") for call in calls)


def _pieces(given: Json) -> list[str]:
    text = json.dumps(given, ensure_ascii=False)
    return [text[at : at + 7] for at in range(0, len(text), 7)]


def anthropic_events(model: str, move: Move) -> list[Json]:
    """The answer to `move` as Anthropic streams it."""
    message = _of_anthropic(model, move)
    events: list[Json] = [{"type": "message_start", "message": message | {"content": [], "stop_reason": None}}]
    for index, block in enumerate(message["content"]):
        if block["type"] == "tool_use":
            begun = block | {"input": {}}
            deltas: list[Json] = [
                {"type": "input_json_delta", "partial_json": piece} for piece in _pieces(block["input"])
            ]
        else:
            begun, deltas = block | {"text": ""}, [{"type": "text_delta", "text": block["text"]}]
        events.append({"type": "content_block_start", "index": index, "content_block": begun})
        events += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": index})
    ended = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    events.append({"type": "message_delta", "delta": ended, "usage": {"output_tokens": 80}})
    return [*events, {"type": "message_stop"}]


def openai_chunks(model: str, move: Move) -> list[Json]:
    """The answer to `move` as OpenAI streams it."""
    whole = _of_openai(model, move)
    choice = whole["choices"][0]
    message = choice["message"]
    deltas: list[Json] = [{"role": "assistant", "content": message["content"]}]
    if message["refusal"]:
        deltas.append({"refusal": message["refusal"]})
    for index, call in enumerate(message.get("tool_calls", [])):
        named = {"name": call["function"]["name"], "arguments": ""}
        deltas.append({"tool_calls": [{"index": index, "id": call["id"], "type": "function", "function": named}]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            for piece in _pieces(json.loads(call["function"]["arguments"]))
        ]
    head = {name: whole[name] for name in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    chunks = [head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    ended = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
    return [*chunks, head | {"choices": [ended]}, head | {"choices": [], "usage": whole["usage"]}]


def _validators(side: str) -> dict[str, Any]:
    """By vendor; none where the specifications are not there."""
    if not SPECS.is_dir():
        return {}
    anthropic = json.loads((SPECS / "anthropic-messages.schema.json").read_text())
    anthropic["request"]["properties"]["stream"] = {"type": "boolean"}  # the document has the other kind of request
    openai = json.loads((SPECS / "openai.trimmed.json").read_text())
    name = {
        "request": "CreateChatCompletionRequest", "response": "CreateChatCompletionResponse",
        "stream": "CreateChatCompletionStreamResponse",
    }[side]  # fmt: skip
    components = modern(openai["components"]) if side == "stream" else openai["components"]
    whole = {"$ref": f"#/components/schemas/{name}", "components": components}
    return {
        "anthropic": jsonschema.Draft202012Validator(anthropic["stream_event" if side == "stream" else side]),
        "openai": jsonschema.Draft202012Validator(whole),
    }


@asynccontextmanager
async def serving() -> AsyncIterator[FakeProvider]:
    """A provider that runs."""
    fake = FakeProvider()
    app = web.Application()
    app.router.add_post("/v1/messages", fake.handle)
    app.router.add_post("/v1/chat/completions", fake.handle)
    app.router.add_get("/v1/models/{name}", fake.handle_card)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port: int = runner.addresses[0][1]
    fake.url = f"http://127.0.0.1:{port}"
    try:
        yield fake
    finally:
        await runner.cleanup()
