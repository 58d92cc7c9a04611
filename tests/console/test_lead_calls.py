"""Calling a lead from its page."""

from tests.console.conftest import Browser, BrowserFor, words
from tests.console.reading import links_of
from tests.fixtures.business import MakeLead, RememberingCarrier
from tests.fixtures.calls import MakeCall
from tests.fixtures.organizations import Organization

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls import store
from frontdesk.domain.calls.model import CallFilter, CallSettings, CallWish, OutgoingWord
from frontdesk.domain.calls.service import reading
from frontdesk.domain.contactability import service as contactability
from frontdesk.kernel.access import Role
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.ports.carrier import Uncertain


async def test_the_assistant_is_had_to_call(
    owner: Browser, a_lead: MakeLead, context: Context, org: Organization, carrier: RememberingCarrier
) -> None:
    lead = await a_lead(service_interest="new kitchen")
    here = f"/leads/{lead.id}"
    assert f"/console{here}/call" in links_of(await owner.get(here))
    assert "Call with AI" in words(await owner.get(f"{here}/call"))
    page = await owner.page(await owner.post(f"{here}/call", by="ai", purpose="the new kitchen"))
    assert "The assistant calls now." in page
    async with context.works.read(org.actor) as work:
        (line,) = (await reading.page(work, CallFilter(lead_id=lead.id))).items
    await calls.place(context, org.id, line.call.id)
    assert [call.to for call in carrier.rung] == [lead.phone]
    timeline = words(await owner.get(f"{here}?kind=call"))
    assert "The AI called the lead" in timeline
    assert "About the new kitchen." in timeline
    again = await owner.post(f"{here}/call", by="ai", purpose="")
    assert (again.status_code, "being called at this moment" in words(again)) == (400, True)


async def test_a_call_is_called_off_from_its_page(
    owner: Browser, viewer: Browser, a_lead: MakeLead, context: Context, org: Organization,
    carrier: RememberingCarrier,
) -> None:  # fmt: skip
    call = await calls.place_call(context, org.actor, CallWish(lead_id=(await a_lead()).id))
    here = f"/calls/{call.id}"
    assert "Call it off" in words(await owner.get(here))
    assert "Call it off" not in words(await viewer.get(here))
    assert (await viewer.post(f"{here}/hang-up")).status_code == 403
    await calls.place(context, org.id, call.id)
    carrier.fail_with = [Uncertain("gone")]
    assert "it is put down at once" in await owner.page(await owner.post(f"{here}/hang-up"))
    assert "It is being called off" in words(await owner.get(here))
    assert (await owner.post(f"{here}/hang-up")).status_code == 303
    assert "It was called off" in words(await owner.get(here))


async def test_who_was_called_is_not_the_caller(
    owner: Browser, a_lead: MakeLead, context: Context, org: Organization
) -> None:
    lead = await a_lead()
    call = await calls.place_call(context, org.actor, CallWish(lead_id=lead.id))
    await calls.place(context, org.id, call.id)
    told = OutgoingWord(carrier="sandbox", provider_call_id=f"CA{call.id.hex}", org_id=org.id, call_id=call.id)
    for word in ("in-progress", "completed"):
        await calls.record_outgoing_status(context, told, word)
    shown = words(await owner.get(f"/calls/{call.id}"))
    assert "They hung up" in shown
    assert "The caller hung up" not in shown
    assert "they hung up" in words(await owner.get(f"/leads/{lead.id}?kind=call"))


async def test_a_talk_is_ended_from_its_page_once_that_is_meant(owner: Browser, a_call: MakeCall) -> None:
    here = f"/calls/{(await a_call('Hello?')).call.id}"
    assert "End the call" in words(await owner.get(here))
    assert "The call is ended." in await owner.page(await owner.post(f"{here}/hang-up"))
    shown = words(await owner.get(here))
    assert "A colleague ended it" in shown
    assert "End the call" not in shown


async def test_a_colleague_is_put_through(owner: Browser, a_lead: MakeLead, works: Works, org: Organization) -> None:
    here = f"/leads/{(await a_lead()).id}/call"
    assert "No telephone of your team is named yet." in words(await owner.get(here))
    async with works.begin(org.actor) as work:
        await store.save_settings(work, CallSettings(ring_numbers=["+447700900888"]))
    assert "Choose the telephone" in words(await owner.post(here, by="me", phone=""))
    assert "Your telephone rings in a moment" in await owner.page(
        await owner.post(here, by="me", phone="+447700900888")
    )


async def test_who_must_not_be_called_is_not(
    owner: Browser, browser_for: BrowserFor, a_lead: MakeLead, works: Works, org: Organization
) -> None:
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        await contactability.suppress(work, lead.phone, "keyword", "STOP")  # pyright: ignore[reportArgumentType]
    refused = await owner.post(f"/leads/{lead.id}/call", by="ai", purpose="")
    assert "Not called. This number has opted out" in words(refused)
    assert f"/console/leads/{lead.id}/call" not in links_of(await owner.get(f"/leads/{lead.id}"))
    viewer = await browser_for(org, Role.VIEWER)
    assert (await viewer.get(f"/leads/{lead.id}/call")).status_code == 403
