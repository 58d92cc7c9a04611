"""The inbox and the overview: what is listed, what is said, who answers."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.console.reading import form_at, forms_of, links_of
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.conversations import store
from frontdesk.domain.conversations.model import Thread
from frontdesk.domain.conversations.service import delivery, inbound, threads
from frontdesk.domain.leads.model import Lead
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

Texted = Callable[..., Awaitable[str]]


@pytest.fixture
def texted(context: Context, org: Organization) -> Texted:
    """Lets a lead text us; returns the path of the conversation under /console."""
    count = 0

    async def text(lead: Lead, body: str) -> str:
        nonlocal count
        count += 1
        await inbound.receive(context, org.number, str(lead.phone), body, "sandbox", f"SM{count}")
        async with context.works.read(org.actor) as work:
            thread = await threads.thread_of_lead(work, lead.id)
        assert thread is not None
        return f"/inbox/{thread.conversation.id}"

    return text


async def threads_of(works: Works, org: Organization, talk: str) -> Thread:
    async with works.read(org.actor) as work:
        return await threads.thread(work, UUID(talk[-36:]))


async def test_an_empty_inbox_says_what_to_do_next(owner: Browser):
    answer = await owner.get("/inbox")

    assert "Nobody has written yet" in words(answer)
    assert "/console/campaigns" in links_of(answer)


async def test_who_wrote_is_listed_until_it_is_read(owner: Browser, a_lead: MakeLead, texted: Texted):
    lead = await a_lead(first_name="Dana", last_name="Okafor")
    talk = await texted(lead, "Who is this?")

    listed = await owner.get("/inbox?only=unread")
    assert "Dana Okafor" in words(listed)
    assert "1 unread" in words(listed)
    read = await owner.get(talk)
    assert "Who is this?" in words(read)
    assert "1 unread" not in words(read)
    assert "No conversation like that" in words(await owner.get("/inbox?only=unread"))
    assert "No conversation like that" in words(await owner.get("/inbox?search=somebody+else"))
    assert "Dana Okafor" in words(await owner.get("/inbox?search=okafor"))


async def test_each_member_reads_for_themselves(
    owner: Browser, browser_for: BrowserFor, org: Organization, a_lead: MakeLead, texted: Texted
):
    colleague = await browser_for(org, Role.AGENT)
    talk = await texted(await a_lead(), "Hello?")

    await owner.get(talk)
    assert (await owner.get("/waiting")).json()["unread"] == 0
    assert (await colleague.get("/waiting")).json()["unread"] == 1
    await colleague.get(talk)
    assert (await colleague.get("/waiting")).json()["unread"] == 0
    await owner.post(f"{talk}/unread")
    assert (await owner.get("/waiting")).json()["unread"] == 1
    assert (await colleague.get("/waiting")).json()["unread"] == 0


async def test_what_a_lead_said_is_found(owner: Browser, a_lead: MakeLead, texted: Texted):
    await texted(await a_lead(first_name="Dana"), "Do you do 100% granite worktops?")
    await texted(await a_lead(first_name="Zoe"), "How much is it?")

    found = words(await owner.get("/inbox?search=GRANITE+100%25"))
    assert "Dana" in found
    assert "Said: Do you do 100% granite worktops?" in found
    assert "Zoe" not in found
    assert "Dana" not in words(await owner.get("/inbox?search=granite+floor"))
    assert "Zoe" in words(await owner.get("/inbox?search=zo"))


async def test_filters_are_counted_and_hold_together(
    owner: Browser, org: Organization, works: Works, a_lead: MakeLead, texted: Texted
):
    mine = await a_lead(first_name="Dana", assigned_to=org.owner_id, stage="replied", temperature="hot")
    hot = await texted(mine, "Yes")
    person = await texted(await a_lead(first_name="Zoe"), "Can I talk to somebody?")
    closed = await texted(await a_lead(first_name="Olaf"), "No thanks")
    async with works.begin(org.actor) as work:
        await store.set_conversation(work, UUID(person[-36:]), status="needs_human", sentiment=None)
    await owner.post(f"{closed}/close")
    await owner.post(f"{hot}/draft")

    page = words(await owner.get("/inbox"))
    assert "Open 2 Unread 2 Wants a person 1 Hot 1 Drafts 1 Closed 1" in page  # what is closed needs no reading
    for query, found in {
        "only=needs_human": "Zoe", "only=hot": "Dana", "only=drafts": "Dana", "only=closed": "Olaf",
        f"who={org.owner_id}": "Dana", "search=olaf": "Olaf",
    }.items():  # fmt: skip
        answer = await owner.get(f"/inbox?{query}")
        shown = re.findall(r'<span class="strong clip">(\w+)</span>', answer.text)
        assert shown == [found], query
    await texted((await threads_of(works, org, closed)).lead, "Wait, yes please")
    assert "No conversation like that" in words(await owner.get("/inbox?only=closed"))


async def test_pages_stay_right_while_texts_come_in(
    owner: Browser, a_lead: MakeLead, texted: Texted, clock: FrozenClock
):
    leads = [await a_lead(first_name=f"Lead{number:02}", phone=f"+4477009{number:05}") for number in range(65)]
    for lead in leads:
        clock.move(timedelta(seconds=1))
        await texted(lead, "Hello?")

    def names(answer: httpx.Response) -> list[str]:
        return re.findall(r'<span class="strong clip">(Lead\d\d)</span>', answer.text)

    first = await owner.get("/inbox")
    older = next(link for link in links_of(first) if "before=" in link).removeprefix("/console")
    clock.move(timedelta(seconds=1))
    await texted(leads[0], "Me again")  # from the last page to the top
    second = await owner.get(older)
    assert names(first) + names(second) == [f"Lead{number:02}" for number in range(64, 4, -1)]
    newer = next(link for link in links_of(second) if "after=" in link).removeprefix("/console")
    assert names(await owner.get(newer)) == names(first)
    assert names(await owner.get("/inbox"))[0] == "Lead00"
    assert (await owner.get("/inbox?before=junk&after=1.x")).status_code == 200


async def test_whether_a_text_may_go_is_told_before_it_is_written(
    owner: Browser, a_lead: MakeLead, texted: Texted, works: Works, org: Organization
):
    lead = await a_lead(phone="+16715550101")  # in Guam, where it is 21:00
    talk = await texted(lead, "Hello?")
    assert "Write to Dana" in (await owner.get(talk)).text
    async with works.begin(org.actor) as work:
        await work.execute("update leads set reply_received_at = $2 where id = $1", lead.id, work.now - timedelta(25))

    page = await owner.get(talk)
    assert "It is outside 08:00 to 21:00 for this lead." in words(page)
    assert "before Wed 11 Mar, 08:00 for them; Tue 22:00 for you" in words(page)
    assert f"{talk}/send" not in page.text


async def test_a_draft_is_discarded(owner: Browser, a_lead: MakeLead, texted: Texted):
    talk = await texted(await a_lead(), "Can you call me?")
    page = await owner.client.get((await owner.post(f"{talk}/draft")).headers["location"])
    draft = form_at(page, f"/console{talk}/send")["draft"]

    assert "The AI's draft" not in await owner.page(await owner.post(f"{talk}/discard/{draft}"))
    assert (await owner.post(f"{talk}/discard/{draft}")).status_code == 404


async def test_a_person_answers(
    owner: Browser, a_lead: MakeLead, texted: Texted, carrier: RememberingCarrier, context: Context, clock: FrozenClock
):
    lead = await a_lead()
    talk = await texted(lead, "Hello?")

    answer = await owner.post(f"{talk}/send", text="  Hello Dana,\r\nOlive here.  ")

    assert urlsplit(answer.headers["location"]).path == f"/console{talk}"
    assert "Olive here." in await owner.page(answer)
    assert carrier.texts_to(lead.phone) == []
    clock.move(timedelta(seconds=5))
    await delivery.send_waiting(context)
    assert carrier.texts_to(lead.phone) == ["Hello Dana,\nOlive here."]


async def test_a_text_can_be_taken_back_before_it_goes_and_not_after(
    owner: Browser, a_lead: MakeLead, texted: Texted, carrier: RememberingCarrier, context: Context, clock: FrozenClock
):
    lead = await a_lead()
    talk = await texted(lead, "Hello?")
    sent = await owner.client.get((await owner.post(f"{talk}/send", text="Wrong window")).headers["location"])
    undo = next(form for form in forms_of(sent) if "/unsend/" in form).removeprefix("/console")

    back = await owner.post(undo)
    assert form_at(back, f"/console{talk}/send")["text"] == "Wrong window"
    clock.move(timedelta(seconds=5))
    await delivery.send_waiting(context)
    assert carrier.texts_to(lead.phone) == []
    assert "Taken back before it went out" in words(await owner.get(talk))

    sent = await owner.client.get((await owner.post(f"{talk}/send", text="Hello Dana")).headers["location"])
    undo = next(form for form in forms_of(sent) if "/unsend/" in form).removeprefix("/console")
    clock.move(timedelta(seconds=5))
    await delivery.send_waiting(context)
    late = await owner.post(undo)
    assert "This message has been sent already." in words(late)
    assert carrier.texts_to(lead.phone) == ["Hello Dana"]


async def test_a_refusal_keeps_what_was_written(owner: Browser, a_lead: MakeLead, texted: Texted):
    talk = await texted(await a_lead(), "Hello?")

    empty = await owner.post(f"{talk}/send", text=" ")
    long = await owner.post(f"{talk}/send", text="x" * 1601)

    assert empty.status_code == long.status_code == 400
    assert 'role="alert"' in empty.text
    assert "x" * 1601 in long.text


async def test_a_draft_is_written_changed_and_sent(
    owner: Browser, a_lead: MakeLead, texted: Texted, carrier: RememberingCarrier
):
    lead = await a_lead()
    talk = await texted(lead, "Can you call me?")

    page = await owner.client.get((await owner.post(f"{talk}/draft")).headers["location"])
    assert "The AI's draft" in words(page)
    form = form_at(page, f"/console{talk}/send")
    assert form["text"]
    assert form["draft"]
    answer = await owner.post(f"{talk}/send", **{**form, "text": "We call you at nine."})

    assert answer.status_code == 303, words(answer)
    assert carrier.texts_to(lead.phone)[-1] == "We call you at nine."
    assert "The AI's draft" not in await owner.page(answer)


async def test_a_draft_is_out_of_date_once_the_lead_has_written_again(
    owner: Browser, a_lead: MakeLead, texted: Texted, carrier: RememberingCarrier
):
    lead = await a_lead()
    talk = await texted(lead, "Can you call me?")
    page = await owner.client.get((await owner.post(f"{talk}/draft")).headers["location"])
    form = form_at(page, f"/console{talk}/send")

    await texted(lead, "Or rather text me?")
    assert "The AI's draft is out of date: Dana has written since." in words(await owner.get(talk))
    refused = await owner.post(f"{talk}/send", **form)

    assert refused.status_code == 400
    assert "The lead has written since this was drafted." in words(refused)
    assert form["text"] in refused.text, "it can still be sent, as words of one's own"
    assert carrier.texts_to(lead.phone) == []


async def test_a_person_takes_over_and_gives_back(owner: Browser, a_lead: MakeLead, texted: Texted):
    talk = await texted(await a_lead(), "Hello?")

    taken = await owner.page(await owner.post(f"{talk}/take-over"))
    assert "A person has this conversation. The AI stays silent." in taken
    given = await owner.page(await owner.post(f"{talk}/give-back"))
    assert "A person has this conversation." not in given
    assert "Take over" in given


async def test_a_script_gets_the_conversation_at_once(owner: Browser, a_lead: MakeLead, texted: Texted):
    talk = await texted(await a_lead(), "Hello?")
    await owner.post(f"{talk}/take-over")  # learns the token of forms
    owner.client.headers["hx-request"] = "true"

    answer = await owner.post(f"{talk}/send", text="At once.")

    assert answer.status_code == 200
    assert "At once." in words(answer)


async def test_nothing_can_be_written_to_who_opted_out(owner: Browser, a_lead: MakeLead, texted: Texted):
    talk = await texted(await a_lead(), "STOP")

    answer = await owner.get(talk)

    assert "This number has opted out and must not be contacted. Nothing can be sent." in words(answer)
    assert f"{talk}/send" not in answer.text
    refused = await owner.post(f"{talk}/send", text="Please come back")
    assert refused.status_code == 400


async def test_viewers_read_and_strangers_find_nothing(
    viewer: Browser, stranger: Browser, a_lead: MakeLead, texted: Texted
):
    talk = await texted(await a_lead(), "Hello?")

    page = await viewer.get(talk)
    assert "Hello?" in words(page)
    assert f"{talk}/send" not in page.text
    assert (await viewer.post(f"{talk}/send", text="x")).status_code == 403
    assert (await viewer.post(f"{talk}/take-over")).status_code == 403
    assert (await stranger.get(talk)).status_code == 404
    assert (await stranger.post(f"{talk}/send", text="x")).status_code == 404


async def test_what_waits_is_counted_and_shown_at_a_glance(owner: Browser, a_lead: MakeLead, texted: Texted):
    await texted(await a_lead(first_name="Dana"), "Hello?")

    assert (await owner.get("/waiting")).json() == {"unread": 1, "needs_human": 0, "told": 0}
    page = words(await owner.get(""))
    assert "Replies today 1 1 unread" in page
    assert "Talking 1" in page or "Ready" in page
