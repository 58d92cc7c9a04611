"""The inbox: conversations, one of them open, and the lead beside it; live."""

from typing import Any, cast, get_args
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from msgspec import Struct

from frontdesk.console.door import HOME
from frontdesk.console.forms import AnyRequest, FromPath, Given, asked, form_of, the_id
from frontdesk.console.page import Page, go, render
from frontdesk.console.state import House
from frontdesk.console.views.talk import days_of_talk, fresh_draft
from frontdesk.domain.conversations.model import Only, Thread
from frontdesk.domain.conversations.service import sending, threads
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor, Permission
from frontdesk.kernel.errors import DomainError, Forbidden, NotFound
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work

HERE = f"{HOME}/inbox"
PER_PAGE = 30
LAST_PAGE = 10_000
TABS: tuple[tuple[str, str], ...] = (
    ("all", "All"), ("unread", "Unread"), ("needs_human", "Wants a person"), ("hot", "Hot"),
)  # fmt: skip


class InboxQuery(Struct, frozen=True):
    """Which conversations are listed, as the page's address says it."""

    search: str = ""
    only: Only = "all"
    page: int = 1

    @classmethod
    def of(cls, request: AnyRequest) -> "InboxQuery":
        """From the query string. What cannot be is left out."""
        only, page = asked(request, "only"), asked(request, "page")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1
        return cls(
            asked(request, "search")[:100],
            cast(Only, only) if only in get_args(Only) else "all",
            min(max(number, 1), LAST_PAGE),
        )

    def told(self, **other: Any) -> str:
        """The query string, with some of it otherwise."""
        wanted = {"search": self.search, "only": self.only, "page": self.page, **other}
        kept = {name: value for name, value in wanted.items() if value not in ("", "all", 1, None)}
        return f"?{urlencode(kept)}" if kept else ""

    def list_address(self, **other: Any) -> str:
        """Where the list is, with nothing open."""
        return HERE + self.told(**other)

    def address(self, conversation_id: UUID, **other: Any) -> str:
        """Where a conversation is, the same list beside it."""
        return f"{HERE}/{conversation_id}{self.told(**other)}"


@get("/inbox")
async def inbox(request: AnyRequest, work: Given[Work]) -> Page:
    """The list, with nothing open."""
    return await _page(request, work, None)


@get("/inbox/{conversation:str}")
async def conversation_page(request: AnyRequest, work: Given[Work], conversation: FromPath[str]) -> Page:
    """The list, with one conversation open, which counts as read from then on."""
    return await _page(request, work, await threads.thread(work, the_id(conversation)))


async def _page(
    request: AnyRequest, work: Work, thread: Thread | None, *, text: str = "", problem: DomainError | None = None
) -> Page:
    query = InboxQuery.of(request)
    # Whoever may not answer leaves it unread for those who may.
    if thread is not None and thread.conversation.unread and work.actor.may(Permission.SEND_MESSAGES):
        await threads.mark_read(work, thread.conversation.id)
    zone = ZoneInfo((await organizations.get(work)).time_zone)
    # Somebody who would rather write themselves puts the draft aside.
    draft = fresh_draft(thread.messages) if thread and not asked(request, "own") else None
    return await render(
        request,
        "inbox.html",
        work,
        status=400 if problem else 200,
        query=query,
        lines=await threads.inbox(work, query.search, query.only, query.page, PER_PAGE),
        per_page=PER_PAGE,
        tabs=TABS,
        thread=thread,
        days=days_of_talk(thread.messages, zone, work.now) if thread else [],
        draft=draft,
        text=text or (draft.body if draft else ""),
        wrong=problem.message if problem else "",
    )


async def _after(
    request: AnyRequest, house: House, actor: Actor, thread: Thread, *, text: str = "",
    problem: DomainError | None = None, good: str = "",
) -> Response[Any]:  # fmt: skip
    """The conversation again: at once where htmx swaps it in or something is to be mended, else by its address."""
    if problem is None and not request.headers.get("hx-request"):
        return go(request, InboxQuery.of(request).address(thread.conversation.id), good=good)
    async with house.context.works.read(actor) as work:
        fresh = await threads.thread(work, thread.conversation.id)
        return await _page(request, work, fresh, text=text, problem=problem)


async def _thread(context: Context, actor: Actor, conversation: str) -> Thread:
    async with context.works.read(actor) as work:
        return await threads.thread(work, the_id(conversation))


@post("/inbox/{conversation:str}/send", status_code=200)
async def send(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor], conversation: FromPath[str]
) -> Response[Any]:
    """Send what a person has written, or a draft of the AI that they approve, changed or not."""
    form = await form_of(request)
    text = form.raw("text").replace("\r\n", "\n").strip()
    thread = await _thread(context, actor, conversation)
    draft = next((each for each in thread.messages if str(each.id) == form.text("draft")), None)
    try:
        if draft is not None:
            changed = None if text == draft.body else text
            await sending.send_ai(context, actor, thread.lead.id, draft.id, changed)
        else:
            await sending.send_by_hand(context, actor, thread.lead.id, text)
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return await _after(request, house, actor, thread, text=text, problem=problem)
    return await _after(request, house, actor, thread)


@post("/inbox/{conversation:str}/draft", status_code=200)
async def draft_by_ai(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor], conversation: FromPath[str]
) -> Response[Any]:
    """Have the AI propose an answer."""
    thread = await _thread(context, actor, conversation)
    try:
        await sending.draft_reply(context, actor, thread.lead.id, thread.conversation.id, force=True)
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return await _after(request, house, actor, thread, problem=problem)
    return await _after(request, house, actor, thread)


@post("/inbox/{conversation:str}/take-over", status_code=200)
async def take_over(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor], conversation: FromPath[str]
) -> Response[Any]:
    """Pause the AI in this conversation."""
    async with context.works.begin(actor) as work:
        thread = await threads.take_over(work, the_id(conversation))
    return await _after(request, house, actor, thread, good="You have this conversation. The AI stays silent.")


@post("/inbox/{conversation:str}/give-back", status_code=200)
async def give_back(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor], conversation: FromPath[str]
) -> Response[Any]:
    """Let the AI answer again."""
    async with context.works.begin(actor) as work:
        thread = await threads.give_back(work, the_id(conversation))
    return await _after(request, house, actor, thread, good="The AI answers again.")


routes: list[Any] = [inbox, conversation_page, send, draft_by_ai, take_over, give_back]
