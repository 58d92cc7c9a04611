"""The inbox: conversations, one of them open, and the lead beside it; live."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post

from frontdesk.console.forms import AnyRequest, FromPath, Given, form_of, the_id
from frontdesk.console.page import Page, go, render
from frontdesk.console.state import House
from frontdesk.console.views.inbox import TABS, InboxQuery, Outlook, counted
from frontdesk.console.views.people import full_name
from frontdesk.console.views.talk import days_of_talk, fresh_draft, stale_draft
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations.model import Thread
from frontdesk.domain.conversations.service import inbox as conversations
from frontdesk.domain.conversations.service import sending, threads
from frontdesk.domain.leads.service import datasets
from frontdesk.domain.organizations import service as organizations
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import DomainError, Forbidden, NotFound
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


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
    if thread is not None:
        await conversations.mark_read(work, thread.conversation.id)
    wanted = query.filter()
    zone = ZoneInfo((await organizations.get(work)).time_zone)
    draft = fresh_draft(thread.messages) if thread else None
    outlook = None
    if thread is not None:
        zones = contactability.zones_of(thread.lead, zone.key)
        outlook = Outlook.of(await conversations.outlook(work, thread.lead), zones, zone)
    return await render(
        request,
        "inbox.html",
        work,
        status=400 if problem else 200,
        query=query,
        found=await conversations.page(work, wanted),
        tabs=TABS,
        counts={only: counted(n) for only, n in (await conversations.counts_by_filter(work, wanted)).items() if n},
        campaigns=[(dataset.id, dataset.name) for dataset in await datasets.list_all(work)],
        members=[
            (member.user_id, full_name((member.first_name, member.last_name), member.email))
            for member in await organizations.list_members(work)
        ],
        me=work.actor.id,
        outlook=outlook,
        thread=thread,
        days=days_of_talk(thread.messages, zone, work.now) if thread else [],
        draft=draft,
        stale=stale_draft(thread) if thread else None,
        text=text or (draft.body if draft else ""),
        wrong=problem.message if problem else "",
    )


async def _after(
    request: AnyRequest, house: House, actor: Actor, thread: Thread, *, text: str = "",
    problem: DomainError | None = None, good: str = "",
) -> Response[Any]:  # fmt: skip
    """The conversation again: at once where htmx swaps it in or something is to be mended, else by its address."""
    if problem is None and not text and not request.headers.get("hx-request"):
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
            await sending.send_by_hand(context, actor, thread.lead.id, text, held_for=sending.SECOND_THOUGHTS)
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


async def _changed(
    request: AnyRequest, house: House, actor: Actor, conversation: str,
    change: Callable[[Work, UUID], Awaitable[object]], good: str,
) -> Response[Any]:  # fmt: skip
    """The conversation again, after something was done with all of it."""
    which = the_id(conversation)
    async with house.context.works.begin(actor) as work:
        await change(work, which)
        thread = await threads.thread(work, which)
    return await _after(request, house, actor, thread, good=good)


@post("/inbox/{conversation:str}/take-over", status_code=200)
async def take_over(
    request: AnyRequest, house: Given[House], actor: Given[Actor], conversation: FromPath[str]
) -> Response[Any]:
    """Pause the AI in this conversation."""
    return await _changed(
        request, house, actor, conversation, threads.take_over, "You have this conversation. The AI stays silent."
    )


@post("/inbox/{conversation:str}/give-back", status_code=200)
async def give_back(
    request: AnyRequest, house: Given[House], actor: Given[Actor], conversation: FromPath[str]
) -> Response[Any]:
    """Let the AI answer again."""
    return await _changed(request, house, actor, conversation, threads.give_back, "The AI answers again.")


@post("/inbox/{conversation:str}/unsend/{message:str}", status_code=200)
async def unsend(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor],
    conversation: FromPath[str], message: FromPath[str],
) -> Response[Any]:  # fmt: skip
    """Take back a text that has not gone out yet; its words are in the box again."""
    thread = await _thread(context, actor, conversation)
    try:
        async with context.works.begin(actor) as work:
            taken_back = await sending.unsend(work, the_id(message))
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return await _after(request, house, actor, thread, problem=problem)
    return await _after(request, house, actor, thread, text=taken_back.body)


@post("/inbox/{conversation:str}/discard/{message:str}", status_code=200)
async def discard_draft(
    request: AnyRequest, context: Given[Context], house: Given[House], actor: Given[Actor],
    conversation: FromPath[str], message: FromPath[str],
) -> Response[Any]:  # fmt: skip
    """Throw the AI's draft away."""
    thread = await _thread(context, actor, conversation)
    async with context.works.begin(actor) as work:
        await conversations.discard_draft(work, the_id(message))
    return await _after(request, house, actor, thread, good="The draft is gone.")


@post("/inbox/{conversation:str}/close", status_code=200)
async def close(
    request: AnyRequest, house: Given[House], actor: Given[Actor], conversation: FromPath[str]
) -> Response[Any]:
    """Put it among the closed ones until the lead writes again."""
    return await _changed(
        request, house, actor, conversation, conversations.close, "Closed until the lead writes again."
    )


@post("/inbox/{conversation:str}/reopen", status_code=200)
async def reopen(
    request: AnyRequest, house: Given[House], actor: Given[Actor], conversation: FromPath[str]
) -> Response[Any]:
    """Put it back among the open ones."""
    return await _changed(request, house, actor, conversation, conversations.reopen, "The conversation is open again.")


@post("/inbox/{conversation:str}/unread", status_code=200)
async def mark_unread(
    request: AnyRequest, context: Given[Context], actor: Given[Actor], conversation: FromPath[str]
) -> Response[Any]:
    """Leave the lead's last text for later, and go back to the list."""
    async with context.works.begin(actor) as work:
        await conversations.mark_unread(work, the_id(conversation))
    return go(request, InboxQuery.of(request).here(), good="Unread again, for you.")


routes: list[Any] = [
    inbox, conversation_page, send, draft_by_ai, take_over, give_back, unsend, discard_draft, close, reopen,
    mark_unread,
]  # fmt: skip
