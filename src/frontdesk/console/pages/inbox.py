"""The inbox: conversations, one of them open, and the lead beside it; live."""

from typing import Any, cast, get_args
from urllib.parse import urlencode

from litestar import Request, Response, get, post

from frontdesk.console.forms import form_of
from frontdesk.console.page import Page, go, render
from frontdesk.domain.conversations.errors import ConversationNotFound
from frontdesk.domain.conversations.inbox_store import Only
from frontdesk.domain.conversations.model import segments_of
from frontdesk.domain.conversations.service import sending, threads
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import DomainError
from frontdesk.kernel.ids import parse_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

Req = Request[Any, Any, Any]
LINES = 30
ONLY: tuple[tuple[str, str], ...] = (
    ("all", "All"), ("unread", "Unread"), ("needs_human", "Wants a person"), ("hot", "Hot"),
)  # fmt: skip


def _address(conversation_id: object, **query: object) -> str:
    wanted = {name: value for name, value in query.items() if value not in ("", None, "all", 1)}
    return f"/console/inbox/{conversation_id}" + (f"?{urlencode(wanted)}" if wanted else "")


@get("/inbox")
async def inbox(request: Req, work: Work) -> Page:
    """The list, with nothing open."""
    return await _page(request, work, None)


@get("/inbox/{conversation:str}")
async def conversation(request: Req, work: Work, conversation: str) -> Page:
    """The list, with one conversation open, which counts as read from then on."""
    found = parse_id(conversation)
    if found is None:
        raise ConversationNotFound
    return await _page(request, work, await threads.thread(work, found))


async def _page(
    request: Req, work: Work, thread: threads.Thread | None, *, text: str = "", wrong: str = "", status: int = 200
) -> Page:
    query = request.query_params
    search, only = query.get("search", "").strip(), query.get("only", "all")
    only = only if only in get_args(Only) else "all"
    page = int(query.get("page", "1")) if query.get("page", "1").isdigit() else 1
    page = min(max(1, page), 10_000)
    if thread is not None and thread.conversation.unread:
        await threads.mark_read(work, thread.conversation.id)
    lines = await threads.inbox(work, search, cast(Only, only), page, LINES)
    draft = next((m for m in reversed(thread.messages) if m.status == "draft"), None) if thread else None
    return await render(
        request, "inbox.html", work, status=status, lines=lines, thread=thread, search=search, only=only, page=page,
        limit=LINES, tabs=ONLY, address=_address, text=text or (draft.body if draft else ""), draft=draft, wrong=wrong,
        segments=segments_of,
    )  # fmt: skip


@post("/inbox/{conversation:str}/send")
async def send(request: Req, actor: Actor, context: Context, conversation: str) -> Response[Any]:
    """Send what a person has written, or a draft of the AI that they approve."""
    form = await form_of(request)
    text, draft = form.text("text"), parse_id(form.text("draft"))
    thread = await _thread(context, actor, conversation)
    try:
        if draft is not None:
            await sending.send_ai(context, actor, thread.lead.id, draft, text)
        else:
            await sending.send_by_hand(context, actor, thread.lead.id, text)
    except DomainError as problem:
        return go(request, _address(thread.conversation.id), bad=problem.message)
    return go(request, _address(thread.conversation.id))


@post("/inbox/{conversation:str}/draft")
async def draft(request: Req, actor: Actor, context: Context, conversation: str) -> Response[Any]:
    """Have the AI propose an answer."""
    thread = await _thread(context, actor, conversation)
    try:
        await sending.draft_reply(context, actor, thread.lead.id, thread.conversation.id, force=True)
    except DomainError as problem:
        return go(request, _address(thread.conversation.id), bad=problem.message)
    return go(request, _address(thread.conversation.id) + "#write")


async def _thread(context: Context, actor: Actor, conversation: str) -> threads.Thread:
    found = parse_id(conversation)
    if found is None:
        raise ConversationNotFound
    async with context.works.read(actor) as work:
        return await threads.thread(work, found)


@post("/inbox/{conversation:str}/take-over")
async def take_over(request: Req, work: Work, conversation: str) -> Response[Any]:
    """Pause the AI in this conversation."""
    thread = await threads.take_over(work, parse_id(conversation) or _none())
    return go(request, _address(thread.conversation.id), good="You have this conversation. The AI stays silent.")


@post("/inbox/{conversation:str}/give-back")
async def give_back(request: Req, work: Work, conversation: str) -> Response[Any]:
    """Let the AI answer again."""
    thread = await threads.give_back(work, parse_id(conversation) or _none())
    return go(request, _address(thread.conversation.id), good="The AI answers again.")


def _none() -> Any:
    raise ConversationNotFound


routes = [inbox, conversation, send, draft, take_over, give_back]
