"""Leads in the console: the list with its filters, and what can be done on the page of one."""

import csv
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.console.reading import error_of, form_at, forms_of, links_of
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.console.views.leads import PER_PAGE
from frontdesk.domain.bulk import service as bulk
from frontdesk.domain.campaigns.model import SettingsChange
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.campaigns.service import sending as due
from frontdesk.domain.conversations.service import inbound, threads
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import datasets, leads
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works


async def now_of(works: Works, org: Organization, lead: Lead) -> Lead:
    async with works.begin(org.actor) as work:
        return await leads.get(work, lead.id)


# --- the list ---------------------------------------------------------------------------------------------------------


async def test_without_leads_the_list_says_what_to_do(owner: Browser):
    answer = await owner.get("/leads")
    assert answer.status_code == 200
    assert "No leads yet" in words(answer)
    assert "/console/imports" in links_of(answer)


async def test_the_list_shows_who_there_is(owner: Browser, a_lead: MakeLead):
    dana = await a_lead(first_name="Dana", last_name="Fox", latest_reply="Yes please")
    answer = await owner.get("/leads")
    assert "<title>Leads" in answer.text
    assert "Dana Fox" in words(answer)
    assert "Yes please" in words(answer)
    assert "+44 7700 900101" in words(answer)
    assert f"/console/leads/{dana.id}" in links_of(answer)
    assert "1 lead " in words(answer)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=zo", "Zoe"),
        ("?q=900102", "Zoe"),
        ("?status=HOT", "Zoe"),
        ("?sentiment=POSITIVE", "Zoe"),
        ("?ai=off", "Zoe"),
        ("?show=archived", "Olaf"),
        ("?ai=on", "Dana"),
    ],
)
async def test_filters(owner: Browser, a_lead: MakeLead, query: str, found: str):
    await a_lead(first_name="Dana")
    await a_lead(first_name="Zoe", stage="replied", temperature="hot", sentiment="POSITIVE", manual_mode=True)
    await a_lead(first_name="Olaf", archived=True)
    shown = words(await owner.get(f"/leads{query}"))
    assert {name for name in ("Dana", "Zoe", "Olaf") if name in shown} == {found}


async def test_the_leads_of_one_list(owner: Browser, a_lead: MakeLead, a_dataset: MakeDataset):
    spring = await a_dataset("Spring")
    await a_lead(first_name="Dana", dataset=spring)
    await a_lead(first_name="Zoe")
    answer = await owner.get(f"/leads?dataset={spring.id}")
    assert "Dana" in words(answer)
    assert "Zoe" not in words(answer)
    assert form_at(answer, "/console/leads")["dataset"] == str(spring.id)


async def test_archived_leads_are_left_out_until_asked_for(owner: Browser, a_lead: MakeLead):
    await a_lead(first_name="Olaf", archived=True)
    assert "Olaf" not in words(await owner.get("/leads"))
    assert "Olaf" in words(await owner.get("/leads?show=all"))


async def test_nobody_found_says_how_to_go_on(owner: Browser, a_lead: MakeLead):
    await a_lead()
    answer = await owner.get("/leads?q=nobody&status=HOT")
    assert "Nobody like that" in words(answer)
    assert "/console/leads?q=nobody&status=HOT&show=all" in links_of(answer)


async def test_sorting_turns_round(owner: Browser, a_lead: MakeLead):
    for name in ("Bea", "Ann", "Cid"):
        await a_lead(first_name=name)
    up = await owner.get("/leads?sort=name&way=up")
    assert [name for name in words(up).split() if name in ("Ann", "Bea", "Cid")] == ["Ann", "Bea", "Cid"]
    assert 'aria-sort="ascending"' in up.text
    assert "/console/leads?sort=name&way=down" in links_of(up)


async def test_pages_keep_the_filters(owner: Browser, a_lead: MakeLead):
    for number in range(PER_PAGE + 1):
        await a_lead(first_name="Dana", phone=f"+4477009{number:05}")
    first = await owner.get("/leads?q=dana")
    assert "1–50 of 51" in words(first)
    assert "/console/leads?q=dana&page=2" in links_of(first)
    assert "51–51 of 51" in words(await owner.get("/leads?q=dana&page=2"))


async def test_a_page_beyond_the_end_shows_the_first(owner: Browser, a_lead: MakeLead):
    await a_lead(first_name="Dana")
    assert "Dana" in words(await owner.get("/leads?page=999999999999999999999"))
    assert "Dana" in words(await owner.get("/leads?page=7"))


async def test_an_address_with_nonsense_is_a_list_all_the_same(owner: Browser, a_lead: MakeLead):
    await a_lead(first_name="Dana")
    answer = await owner.get("/leads?status=NOPE&dataset=x&sentiment=%00&page=-1&sort=;drop&show=1&ai=maybe")
    assert answer.status_code == 200
    assert "Dana" in words(answer)


async def test_search_as_you_type_pushes_a_short_address(owner: Browser, a_lead: MakeLead):
    await a_lead()
    answer = await owner.get("/leads?q=dana&status=&dataset=&sentiment=&ai=&show=", headers={"HX-Request": "true"})
    assert answer.headers["HX-Push-Url"] == "/console/leads?q=dana"


async def test_names_are_never_markup(owner: Browser, a_lead: MakeLead):
    lead = await a_lead(first_name="<script>alert(1)</script>", latest_reply='"><img src=x>', notes="<b>")
    for path in ("/leads", f"/leads/{lead.id}", f"/leads/{lead.id}/edit"):
        text = (await owner.get(path)).text
        assert "<script>alert" not in text
        assert "<img src=x" not in text


# --- one lead ---------------------------------------------------------------------------------------------------------


async def test_the_page_of_a_lead(owner: Browser, a_lead: MakeLead, a_dataset: MakeDataset):
    lead = await a_lead(
        first_name="Dana", last_name="Fox", email="dana@example.com", postcode="SW1A 1AA",
        service_interest="Loft", notes="Two\nlines", dataset=await a_dataset("Spring"),
    )  # fmt: skip
    answer = await owner.get(f"/leads/{lead.id}")
    shown = words(answer)
    assert answer.status_code == 200
    for expected in ("Dana Fox", "dana@example.com", "SW1A 1AA", "Loft", "Two lines", "Spring", "Ready"):
        assert expected in shown
    assert "Nothing has been said yet." in shown


@pytest.mark.parametrize("path", ["", "/edit", "/suppress"])
@pytest.mark.parametrize("wrong", ["nope", "00000000-0000-0000-0000-000000000000"])
async def test_a_lead_that_is_not_there_is_a_page_that_is_not_there(owner: Browser, path: str, wrong: str):
    assert (await owner.get(f"/leads/{wrong}{path}")).status_code == 404


async def test_nobody_elses_lead_can_be_seen_or_changed(
    owner: Browser, a_lead: MakeLead, other_org: Organization, works: Works
):
    theirs = await a_lead(of=other_org, first_name="Hers")
    assert (await owner.get(f"/leads/{theirs.id}")).status_code == 404
    for act in ("edit", "status", "archive", "restore", "take-over", "suppress", "messages", "booking/cancel"):
        answer = await owner.post(f"/leads/{theirs.id}/{act}", status="HOT", text="Hello", first_name="Mine")
        assert answer.status_code == 404, act
    assert await now_of(works, other_org, theirs) == theirs


async def test_details_are_edited(owner: Browser, a_lead: MakeLead, works: Works, org: Organization):
    lead = await a_lead(first_name="Dana", last_name="Fox")
    there = f"/leads/{lead.id}/edit"
    form = form_at(await owner.get(there), f"/console{there}")
    assert form["first_name"] == "Dana"
    done = await owner.post(
        there, **form | {"last_name": "", "email": "d@example.com", "sentiment": "POSITIVE", "notes": "a\r\nb"}
    )
    assert "Saved." in await owner.page(done)
    changed = await now_of(works, org, lead)
    assert (changed.last_name, changed.email, changed.notes) == (None, "d@example.com", "a\nb")
    assert changed.sentiment == "POSITIVE"


async def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(owner: Browser, a_lead: MakeLead):
    lead = await a_lead()
    there = f"/leads/{lead.id}/edit"
    form = form_at(await owner.get(there), f"/console{there}")
    answer = await owner.post(there, **form | {"email": "not an address", "notes": "kept"})
    assert answer.status_code == 400
    assert "e-mail address" in error_of(answer, "email")
    assert form_at(answer, f"/console{there}")["notes"] == "kept"
    answer = await owner.post(there, **form | {"postcode": "x" * 30})
    assert "20 characters at most" in error_of(answer, "postcode")
    answer = await owner.post(there, **form | {"assigned_to": str(new_id())})
    assert error_of(answer, "assigned_to")


async def test_a_status_is_changed(owner: Browser, a_lead: MakeLead, works: Works, org: Organization):
    lead = await a_lead()
    done = await owner.post(f"/leads/{lead.id}/status", status="LOST")
    assert "The status is changed." in await owner.page(done)
    assert (await now_of(works, org, lead)).contact_status == "LOST"


@pytest.mark.parametrize("status", ["OPTED_OUT", "NONSENSE", ""])
async def test_a_status_that_cannot_be_is_refused_at_the_field(owner: Browser, a_lead: MakeLead, status: str):
    lead = await a_lead()
    answer = await owner.post(f"/leads/{lead.id}/status", status=status)
    assert answer.status_code == 400
    assert error_of(answer, "status")


async def test_archiving_can_be_undone(owner: Browser, a_lead: MakeLead, works: Works, org: Organization):
    lead = await a_lead(first_name="Dana")
    done = await owner.post(f"/leads/{lead.id}/archive")
    shown = await owner.client.get(done.headers["location"])
    assert "Dana is archived." in words(shown)
    assert form_at(shown, f"/console/leads/{lead.id}/restore") == {}
    assert (await now_of(works, org, lead)).archived
    await owner.post(f"/leads/{lead.id}/archive")  # twice is once
    assert (await now_of(works, org, lead)).archived
    await owner.post(f"/leads/{lead.id}/restore")
    assert not (await now_of(works, org, lead)).archived


async def test_the_ai_is_paused_and_let_work_again(owner: Browser, a_lead: MakeLead, works: Works, org: Organization):
    lead = await a_lead()
    assert "The AI is paused for this lead." in await owner.page(await owner.post(f"/leads/{lead.id}/take-over"))
    assert (await now_of(works, org, lead)).manual_mode
    assert "Left to people." in words(await owner.get(f"/leads/{lead.id}"))
    await owner.post(f"/leads/{lead.id}/give-back")
    assert not (await now_of(works, org, lead)).manual_mode


async def test_never_contact_again_asks_first_and_holds(
    owner: Browser, a_lead: MakeLead, works: Works, org: Organization, carrier: RememberingCarrier
):
    lead = await a_lead(first_name="Dana")
    asked = await owner.get(f"/leads/{lead.id}/suppress")
    assert "Never contact Dana again?" in words(asked)
    assert (await now_of(works, org, lead)).stage == "new"
    done = await owner.post(f"/leads/{lead.id}/suppress", **form_at(asked, f"/console/leads/{lead.id}/suppress"))
    assert "Dana will not be contacted again." in await owner.page(done)
    assert (await now_of(works, org, lead)).stage == "opted_out"
    answer = await owner.post(f"/leads/{lead.id}/messages", text="Hello")
    assert answer.status_code == 400
    assert "opted out" in words(answer)
    assert carrier.taken == []


async def test_only_an_admin_allows_a_number_again(
    owner: Browser, browser_for: BrowserFor, a_lead: MakeLead, works: Works, org: Organization
):
    lead = await a_lead()
    await owner.post(f"/leads/{lead.id}/suppress")
    agent = await browser_for(org, Role.AGENT)
    to_lift = f"/suppressions/{str(lead.phone)[1:]}/lift"
    asks = f"/console{to_lift}?lead={lead.id}"
    assert asks in links_of(await owner.get(f"/leads/{lead.id}"))
    assert asks not in links_of(await agent.get(f"/leads/{lead.id}"))
    form = form_at(await owner.client.get(asks), f"/console{to_lift}")
    refused = await owner.post(to_lift, **form)
    assert "Say why" in error_of(refused, "reason")
    assert form_at(refused, f"/console{to_lift}")["lead"] == str(lead.id)
    lifted = await owner.post(to_lift, **form | {"reason": "Rang us on Friday"})
    assert lifted.headers["location"] == f"/console/leads/{lead.id}"
    assert "may be contacted again" in await owner.page(lifted)
    assert (await now_of(works, org, lead)).stage == "new"


async def test_writing_to_a_lead(owner: Browser, a_lead: MakeLead, carrier: RememberingCarrier):
    lead = await a_lead()
    shown = await owner.page(await owner.post(f"/leads/{lead.id}/messages", text="Hello <Dana>"))
    assert carrier.texts_to(lead.phone) == ["Hello <Dana>"]
    assert "Hello <Dana>" in shown
    assert "Sent" in shown
    assert "By hand: may go out" in shown


async def test_a_text_that_may_not_go_out_stays_typed_with_the_reason(
    owner: Browser, a_lead: MakeLead, clock: FrozenClock, carrier: RememberingCarrier
):
    lead = await a_lead()
    clock.set(clock.now().replace(hour=23))
    answer = await owner.post(f"/leads/{lead.id}/messages", text="Are you awake?")
    assert answer.status_code == 400
    assert "08:00 to 21:00" in error_of(answer, "text")
    assert form_at(answer, f"/console/leads/{lead.id}/messages")["text"] == "Are you awake?"
    assert carrier.taken == []


async def test_an_empty_text_is_refused(owner: Browser, a_lead: MakeLead):
    lead = await a_lead()
    assert "1 to 1600 characters" in error_of(await owner.post(f"/leads/{lead.id}/messages", text=" "), "text")


async def test_a_call_is_booked_and_cancelled(owner: Browser, a_lead: MakeLead, works: Works, org: Organization):
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        slot = (await scheduling.free_slots(work))[0]
    page = await owner.get(f"/leads/{lead.id}")
    assert f'value="{slot.start.isoformat()}"' in page.text
    shown = await owner.page(await owner.post(f"/leads/{lead.id}/booking", start=slot.start.isoformat()))
    assert "The call is booked." in shown
    assert "Call booked" in shown
    assert (await now_of(works, org, lead)).call_booked
    assert "The call is cancelled." in await owner.page(await owner.post(f"/leads/{lead.id}/booking/cancel"))
    assert not (await now_of(works, org, lead)).call_booked
    assert "no call to cancel" in await owner.page(await owner.post(f"/leads/{lead.id}/booking/cancel"))


@pytest.mark.parametrize("start", ["", "nonsense", "2026-03-10T03:00:00+00:00", "2026-03-11T11:00:00"])
async def test_a_time_that_is_not_free_is_refused_at_the_field(owner: Browser, a_lead: MakeLead, start: str):
    lead = await a_lead()
    answer = await owner.post(f"/leads/{lead.id}/booking", start=start)
    assert answer.status_code == 400
    assert error_of(answer, "start")


async def test_the_thread_and_the_gate_are_shown(
    owner: Browser,
    a_lead: MakeLead,
    a_dataset: MakeDataset,
    context: Context,
    works: Works,
    org: Organization,
    clock: FrozenClock,
):
    spring = await a_dataset("Spring")
    lead = await a_lead(dataset=spring)
    clock.set(clock.now().replace(hour=23))
    async with works.begin(org.actor) as work:
        await campaigns.start(work, spring.id)
    await due.run_due(context)
    night = words(await owner.get(f"/leads/{lead.id}"))
    assert "M1: put off" in night
    assert "It is night for the lead. Next try Wed 11 Mar, 08:00." in night
    clock.move(timedelta(hours=10))
    await due.run_due(context)
    answer = await owner.get(f"/leads/{lead.id}")
    shown = words(answer)
    assert "M1: may go out" in shown
    assert "Are you still looking into it?" in shown
    async with works.begin(org.actor) as work:
        thread = await threads.thread_of_lead(work, lead.id)
    assert thread is not None
    assert f"/console/inbox/{thread.conversation.id}" in links_of(answer)


async def test_who_may_only_look_sees_no_buttons_and_can_press_none(
    viewer: Browser, a_lead: MakeLead, works: Works, org: Organization
):
    lead = await a_lead()
    answer = await viewer.get(f"/leads/{lead.id}")
    assert answer.status_code == 200
    for button in ("Edit", "Archive", "Pause the AI", "Never contact again", "Send", "Change status"):
        assert button not in words(answer)
    for act in ("edit", "status", "archive", "restore", "take-over", "suppress", "messages", "booking"):
        answer = await viewer.post(
            f"/leads/{lead.id}/{act}", status="HOT", text="x", first_name="y", start="2026-03-11T11:00:00+00:00"
        )
        assert answer.status_code == 403, act
    assert (await viewer.get(f"/leads/{lead.id}/edit")).status_code == 403
    assert await now_of(works, org, lead) == lead


async def test_a_form_without_our_token_changes_nothing(
    owner: Browser, a_lead: MakeLead, works: Works, org: Organization
):
    lead = await a_lead()
    assert (await owner.post(f"/leads/{lead.id}/archive", "wrong")).status_code == 403
    assert await now_of(works, org, lead) == lead


# --- its history ------------------------------------------------------------------------------------------------------


async def test_a_change_is_told_with_who_and_undone(owner: Browser, org: Organization, works: Works, a_lead: MakeLead):
    lead = await a_lead(first_name="Dana", email="old@example.com")
    form = form_at(await owner.get(f"/leads/{lead.id}/edit"), f"/console/leads/{lead.id}/edit")
    saved = await owner.client.get(
        (await owner.post(f"/leads/{lead.id}/edit", **{**form, "email": "new@example.com"})).headers["location"]
    )
    assert "Changed by Olive E-mail: old@example.com → new@example.com" in words(saved)
    undo = next(to for to in forms_of(saved) if to.endswith("/undo")).removeprefix("/console")

    assert "Undone." in await owner.page(await owner.post(undo))
    assert (await now_of(works, org, lead)).email == "old@example.com"
    assert "cannot be undone any more" in await owner.page(await owner.post(undo))


async def test_what_was_changed_since_is_not_undone(owner: Browser, org: Organization, works: Works, a_lead: MakeLead):
    lead = await a_lead()
    await owner.post(f"/leads/{lead.id}/assign", assigned_to=str(org.owner_id))
    page = await owner.get(f"/leads/{lead.id}?kind=change")
    undo = next(to for to in forms_of(page) if to.endswith("/undo")).removeprefix("/console")
    await owner.post(f"/leads/{lead.id}/assign", assigned_to="")
    await owner.post(undo)
    assert (await now_of(works, org, lead)).assigned_to is None


async def test_an_opt_out_has_no_undo(owner: Browser, a_lead: MakeLead):
    lead = await a_lead()
    await owner.post(f"/leads/{lead.id}/suppress")
    page = await owner.get(f"/leads/{lead.id}")
    assert "Opted out" in words(page)
    assert "by hand" in words(page)
    assert not [to for to in forms_of(page) if to.endswith("/undo")]


async def test_the_timeline_tells_everything_in_pages(
    owner: Browser, viewer: Browser, stranger: Browser, org: Organization, works: Works, a_lead: MakeLead,
    a_dataset: MakeDataset, context: Context,
):  # fmt: skip
    lead = await a_lead(dataset=await a_dataset("Spring"))
    for number in range(45):
        await inbound.receive(context, org.number, str(lead.phone), f"text {number:02}", "sandbox", f"SM{number}")
    async with works.begin(org.actor) as work:
        slot = (await scheduling.free_slots(work))[0]
        await scheduling.book(work, lead.id, slot.start)
    await owner.post(f"/leads/{lead.id}/messages", text="Coming, <b>Dana</b>")

    texts = await owner.get(f"/leads/{lead.id}?kind=text")
    seen = re.findall(r'class="quote prewrap">([^<]*)<', texts.text)
    older = next(link for link in links_of(texts) if "before=" in link).removeprefix("/console").partition("#")[0]
    seen += re.findall(r'class="quote prewrap">([^<]*)<', (await owner.get(older)).text)
    assert len(seen) == len(set(seen)) == 46
    assert "decided 11:00:00 handed over 11:00:00 sent 11:00:00" in words(texts)
    assert "By hand: may go out" in words(await owner.get(f"/leads/{lead.id}?kind=gate"))
    assert "A call was booked: Tue 10 Mar, 12:00" in words(await owner.get(f"/leads/{lead.id}?kind=call"))
    assert "Put into Spring" in words(await viewer.get(f"/leads/{lead.id}?kind=import"))
    assert (await stranger.get(f"/leads/{lead.id}?kind=text")).status_code == 404
    assert (await owner.get(f"/leads/{lead.id}?kind=x&before=1")).status_code == 200


# --- many at once -----------------------------------------------------------------------------------------------------


async def test_many_are_changed_together_and_back(
    owner: Browser, viewer: Browser, stranger: Browser, org: Organization, works: Works, a_lead: MakeLead
):
    first, second, third = [await a_lead() for _ in range(3)]
    ticked = [str(first.id), str(second.id), str(new_id()), "junk"]
    assert (await viewer.post("/leads/many", act="archive", lead=ticked)).status_code == 403
    assert "They were so already." in await stranger.page(
        await stranger.post("/leads/many", act="archive", lead=ticked)
    )

    done = await owner.post("/leads/many", act="archive", lead=ticked, back="/console/leads?show=all")
    page = await owner.client.get(done.headers["location"])
    assert "2 leads are archived." in words(page)
    assert [(await now_of(works, org, lead)).archived for lead in (first, second, third)] == [True, True, False]
    undo = next(to for to in forms_of(page) if to.endswith("/undo")).removeprefix("/console")
    assert "Undone for 2 leads." in await owner.page(await owner.post(undo))
    assert [(await now_of(works, org, lead)).archived for lead in (first, second)] == [False, False]
    assert "Tick the leads first." in await owner.page(await owner.post("/leads/many", act="archive"))
    assert "Choose what to do" in await owner.page(await owner.post("/leads/many", act="x", lead=ticked))


async def test_many_are_assigned_and_found_by_it(owner: Browser, org: Organization, a_lead: MakeLead):
    dana, _zoe = await a_lead(first_name="Dana"), await a_lead(first_name="Zoe")
    await owner.post("/leads/many", act="assign", assigned_to=str(org.owner_id), lead=[str(dana.id)])
    shown = words(await owner.get(f"/leads?who={org.owner_id}"))
    assert "Dana" in shown
    assert "Zoe" not in shown


async def test_all_that_match_are_changed_after_a_question_with_their_number(
    owner: Browser, viewer: Browser, org: Organization, works: Works, a_lead: MakeLead, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bulk, "TOGETHER", 20)
    hot = [await a_lead(stage="replied", temperature="hot") for _ in range(PER_PAGE + 5)]
    other = await a_lead()
    shown = words(await owner.get("/leads?status=HOT"))
    assert "All 55 that match" in shown
    asked_for = {"act": "archive", "everyone": "yes", "back": "/console/leads?status=HOT&page=2"}
    assert (await viewer.post("/leads/many", **asked_for)).status_code == 403
    asks = await owner.post("/leads/many", **asked_for)
    assert "All 55 leads will be archived. This can be undone. Go on?" in words(asks)
    assert not (await now_of(works, org, hot[0])).archived
    done = await owner.post("/leads/many", **form_at(asks, "/console/leads/many"))
    page = await owner.client.get(done.headers["location"])
    assert "55 leads are archived." in words(page)
    assert all([(await now_of(works, org, lead)).archived for lead in hot])
    assert not (await now_of(works, org, other)).archived
    undo = next(to for to in forms_of(page) if to.endswith("/undo")).removeprefix("/console")
    assert "Undone for 55 leads." in await owner.page(await owner.post(undo))
    assert not any([(await now_of(works, org, lead)).archived for lead in hot])


async def test_what_takes_long_is_left_to_a_worker_and_followed(
    owner: Browser, viewer: Browser, stranger: Browser, org: Organization, context: Context, a_lead: MakeLead,
    a_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "TOGETHER", 1)
    spring = await a_dataset("Spring")
    ticked = [str((await a_lead()).id) for _ in range(3)]
    begun = (await owner.post("/leads/many/add", lead=ticked, dataset=str(spring.id))).headers["location"]
    here = begun.partition("?")[0].removeprefix("/console")
    assert "Adding 3 leads to “Spring”: 0 of 3 done." in words(await owner.get("/leads"))
    page = await owner.get(here)
    assert "Waiting for its turn" in words(page)
    assert any(to.startswith(f"/console{here}/stop") for to in forms_of(page))
    assert (await viewer.get(here)).status_code == 403
    assert (await stranger.get(here)).status_code == 404

    await bulk.perform(context, org.id, UUID(here.rpartition("/")[2]))
    asked_again = await owner.get(here, headers={"hx-request": "true", "hx-target": "change"})
    assert asked_again.headers["hx-refresh"] == "true"
    page = await owner.get(here)
    assert "3 leads are added to “Spring”." in words(page)
    assert "done." not in words(await owner.get("/leads"))
    undo = next(to for to in forms_of(page) if "/undo" in to).removeprefix("/console")
    back = (await owner.post(undo)).headers["location"].partition("?")[0].removeprefix("/console")
    await bulk.perform(context, org.id, UUID(back.rpartition("/")[2]))
    assert "3 leads are taken out of “Spring” again." in words(await owner.get(back))
    assert "It was taken back" in words(await owner.get(here))


async def test_leads_are_added_to_a_list_old_or_new(
    owner: Browser, viewer: Browser, works: Works, org: Organization, a_lead: MakeLead, a_dataset: MakeDataset
):
    spring = await a_dataset("Spring")
    dana, zoe, _olaf = await a_lead(dataset=spring), await a_lead(), await a_lead(stage="replied")
    ticked = [str(dana.id), str(zoe.id)]
    assert "2 leads. They stay" in words(await owner.post("/leads/many", act="add", lead=ticked))
    assert (await viewer.post("/leads/many/add", lead=ticked, dataset=str(spring.id))).status_code == 403
    said = await owner.page(await owner.post("/leads/many/add", lead=ticked, dataset=str(spring.id)))
    assert "1 lead is added to “Spring”. 1 lead is in it already." in said
    assert "needs a name" in words(await owner.post("/leads/many/add", lead=ticked, dataset="", name=" "))
    everyone = {"everyone": "yes", "back": "/console/leads?status=READY", "dataset": "", "name": "Fresh"}
    assert "2 leads are added to “Fresh”." in await owner.page(await owner.post("/leads/many/add", **everyone))
    async with works.begin(org.actor) as work:
        assert {one.name: one.total_leads for one in await datasets.list_all(work)} == {"Spring": 2, "Fresh": 2}


async def test_who_joins_a_running_campaign_gets_its_first_text(
    owner: Browser, browser_for: BrowserFor, org: Organization, context: Context, carrier: RememberingCarrier,
    works: Works, a_lead: MakeLead, a_dataset: MakeDataset,
):  # fmt: skip
    spring = await a_dataset("Spring")
    await a_lead(dataset=spring)
    late = await a_lead(phone="+447700900555")
    async with works.begin(org.actor) as work:
        await campaigns.start(work, spring.id, SettingsChange(rate_per_minute=6000))
    agent = await browser_for(org, Role.AGENT)
    assert (await agent.post("/leads/many/add", lead=[str(late.id)], dataset=str(spring.id))).status_code == 403
    await owner.post("/leads/many/add", lead=[str(late.id)], dataset=str(spring.id))
    await due.run_due(context)
    assert late.phone in {text.to for text in carrier.taken}


async def test_many_are_barred_only_after_a_question(owner: Browser, org: Organization, works: Works, a_lead: MakeLead):
    lead = await a_lead()
    asks = await owner.post("/leads/many", act="suppress", lead=[str(lead.id)])
    assert "Never contact this lead again?" in words(asks)
    assert "This has no undo." in words(asks)
    assert (await now_of(works, org, lead)).stage == "new"
    said = await owner.page(await owner.post("/leads/many", **form_at(asks, "/console/leads/many")))
    assert "1 lead is never contacted again." in said
    assert (await now_of(works, org, lead)).stage == "opted_out"


async def test_the_list_is_taken_away_as_a_file(
    owner: Browser, stranger: Browser, browser_for: BrowserFor, org: Organization, a_lead: MakeLead
):
    await a_lead(first_name="=cmd|' /C calc'!A0", notes='line one\nline "two"')
    await a_lead(first_name="Zoë", stage="replied", temperature="hot")
    await a_lead(first_name="Olaf", archived=True)

    answer = await owner.get("/leads/export.csv?q=")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert "attachment" in answer.headers["content-disposition"]
    assert [row["First name"] for row in rows] == ["Zoë", "'=cmd|' /C calc'!A0"]
    assert rows[1]["Phone"].endswith("+447700900101")
    assert rows[1]["Notes"] == 'line one\nline "two"'
    hot = await owner.get("/leads/export.csv?status=HOT")
    assert len(hot.text.splitlines()) == 2
    assert len((await stranger.get("/leads/export.csv")).text.splitlines()) == 1
    agent = await browser_for(org, Role.AGENT)
    assert (await agent.get("/leads/export.csv")).status_code == 403
    assert "export.csv" not in (await agent.get("/leads")).text
