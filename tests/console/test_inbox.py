"""The inbox and the overview: what is listed, what is said, who answers."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import pytest
from tests.console.conftest import Browser, words
from tests.console.reading import form_at, links_of
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.domain.conversations.service import inbound, threads
from frontdesk.domain.leads.model import Lead
from frontdesk.platform.context import Context

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
    assert "unread" not in words(read)
    assert "No conversation like that" in words(await owner.get("/inbox?only=unread"))
    assert "No conversation like that" in words(await owner.get("/inbox?search=somebody+else"))
    assert "Dana Okafor" in words(await owner.get("/inbox?search=okafor"))


async def test_a_person_answers(owner: Browser, a_lead: MakeLead, texted: Texted, carrier: RememberingCarrier):
    lead = await a_lead()
    talk = await texted(lead, "Hello?")

    answer = await owner.post(f"{talk}/send", text="  Hello Dana,\r\nOlive here.  ")

    assert urlsplit(answer.headers["location"]).path == f"/console{talk}"
    assert "Olive here." in await owner.page(answer)
    assert carrier.texts_to(lead.phone)[-1] == "Hello Dana,\nOlive here."


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
    yourself = await owner.get(f"{talk}?own=1")
    assert "draft" not in form_at(yourself, f"/console{talk}/send")
    answer = await owner.post(f"{talk}/send", **{**form, "text": "We call you at nine."})

    assert answer.status_code == 303, words(answer)
    assert carrier.texts_to(lead.phone)[-1] == "We call you at nine."
    assert "The AI's draft" not in await owner.page(answer)


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

    assert "This lead has opted out, so nothing can be sent." in words(answer)
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

    assert (await owner.get("/waiting")).json() == {"unread": 1, "needs_human": 0}
    page = words(await owner.get(""))
    assert "Replies today 1 1 unread" in page
    assert "Talking 1" in page or "Ready" in page
