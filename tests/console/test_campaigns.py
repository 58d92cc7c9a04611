"""Campaigns in the console: the lists, starting and stopping, the texts with their preview, deleting."""

import re
from datetime import timedelta

import pytest
from tests.console.conftest import Browser, words
from tests.console.reading import error_of, form_at, links_of
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.console.views.campaigns import PLACEHOLDERS, bar
from frontdesk.domain.campaigns.service import campaigns, sending, stopping
from frontdesk.domain.campaigns.service.concerned import PER_PAGE
from frontdesk.domain.campaigns.wording import FALLBACKS
from frontdesk.domain.leads.model import CampaignStatus, Dataset
from frontdesk.domain.leads.service import datasets
from frontdesk.domain.numbers.events import NumberOutOfService
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works
from frontdesk.platform.events import Event
from frontdesk.ports.carrier import Busy, Rejected

ACTS = ("start", "settings", "name", "pause", "resume", "end", "texts", "delete")


async def now_of(works: Works, org: Organization, dataset: Dataset) -> Dataset:
    async with works.begin(org.actor) as work:
        return await datasets.get(work, dataset.id)


@pytest.fixture
async def spring(a_dataset: MakeDataset, a_lead: MakeLead) -> Dataset:
    """A list with three leads, one of which has opted out."""
    dataset = await a_dataset("Spring")
    await a_lead(first_name="Dana", service_interest="a loft", dataset=dataset)
    await a_lead(first_name="Zoë", dataset=dataset)
    await a_lead(first_name="Olaf", stage="opted_out", dataset=dataset)
    return dataset


async def started(browser: Browser, dataset: Dataset, **typed: object) -> str:
    """Start as the form stands but for `typed`; the words of the page it leads to."""
    there = f"/campaigns/{dataset.id}/start"
    form = form_at(await browser.get(there), f"/console{there}")
    return await browser.page(await browser.post(there, **form | typed))


def test_bars_are_as_long_as_what_they_count():
    drawn = bar("M1", [("sent", "good", 1), ("waiting", "plain", 3), ("failed", "bad", 0)], 8)
    assert [(part.start, part.width) for part in drawn.drawn] == [(0, 12.5), (12.5, 37.5)]
    assert drawn.told == "1 sent, 3 waiting"
    assert bar("M1", []).told == "nothing yet"


def test_every_placeholder_has_words():
    assert set(PLACEHOLDERS) == set(FALLBACKS)


async def test_without_lists_the_page_says_what_to_do(owner: Browser):
    answer = await owner.get("/campaigns")
    assert "No campaign yet" in words(answer)
    assert "/console/imports" in links_of(answer)


async def test_lists_are_shown_with_their_standing(owner: Browser, spring: Dataset, a_dataset: MakeDataset):
    await a_dataset("Autumn")
    answer = await owner.get("/campaigns")
    shown = words(answer)
    assert "Spring" in shown
    assert "Autumn" in shown
    assert "2 ready" in shown
    await started(owner, spring)
    running = words(await owner.get("/campaigns?status=active"))
    assert "Spring" in running
    assert "Autumn" not in running
    assert "None of these" in words(await owner.get("/campaigns?status=paused"))
    ordered = words(await owner.get("/campaigns?sort=name"))
    assert ordered.index("Autumn") < ordered.index("Spring")
    assert (await owner.get("/campaigns?status=nonsense&sort=x")).status_code == 200


async def test_before_the_start_it_says_who_gets_a_text_and_why_not(owner: Browser, spring: Dataset):
    shown = words(await owner.get(f"/campaigns/{spring.id}"))
    assert "2 leads can be texted, 1 will not be." in shown
    assert "1 The lead has opted out" in shown


async def test_a_list_without_leads_says_what_to_do(owner: Browser, a_dataset: MakeDataset):
    empty = await a_dataset("Empty")
    answer = await owner.get(f"/campaigns/{empty.id}")
    assert "Nobody is in this list" in words(answer)
    assert f"/console/imports?dataset={empty.id}" in links_of(answer)


async def test_it_is_started_with_its_settings(owner: Browser, spring: Dataset, works: Works, org: Organization):
    shown = await started(
        owner, spring, m2_delay_hours="24,5", rate_per_minute="30", own_hours="on", hours_start="9", hours_end="17",
        days=["mon", "tue"],
    )  # fmt: skip
    assert "Started: 2 leads will be texted." in shown
    assert "Running" in shown
    async with works.begin(org.actor) as work:
        campaign = await campaigns.get_campaign(work, spring.id)
    assert (campaign.m2_delay_hours, campaign.rate_per_minute) == (24.5, 30)
    assert (campaign.hours_start, campaign.hours_end, campaign.days) == (9, 17, ["mon", "tue"])


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("m1_delay_hours", {"m1_delay_hours": "soon"}),
        ("m2_delay_hours", {"m2_delay_hours": "-1"}),
        ("m3_delay_hours", {"m3_delay_hours": "99999999"}),
        ("m3_delay_hours", {"m3_delay_hours": "nan"}),
        ("rate_per_minute", {"rate_per_minute": "0"}),
        ("stale_after_hours", {"stale_after_hours": "0"}),
        ("stale_after_hours", {"stale_after_hours": "late"}),
        ("rate_per_minute", {"rate_per_minute": "inf"}),
        ("ai_response_delay_seconds", {"ai_response_delay_seconds": ""}),
        ("hours_start", {"own_hours": "on", "hours_start": "18", "hours_end": "9"}),
        ("hours_start", {"own_hours": "on", "hours_start": "x"}),
    ],
)
@pytest.mark.parametrize("where", ["start", "settings"])
async def test_settings_that_cannot_be_are_refused_at_the_field(
    owner: Browser, spring: Dataset, works: Works, org: Organization, where: str, field: str, typed: dict[str, str]
):
    there = f"/campaigns/{spring.id}/{where}"
    form = form_at(await owner.get(there), f"/console{there}")
    answer = await owner.post(there, **form | typed)
    assert answer.status_code == 400
    assert error_of(answer, field)
    assert form_at(answer, f"/console{there}")[field] == typed.get(field, form.get(field)) or field == "hours_start"
    assert (await now_of(works, org, spring)).campaign_status is CampaignStatus.DRAFT


async def test_own_hours_need_a_day(owner: Browser, spring: Dataset):
    there = f"/campaigns/{spring.id}/start"
    form = form_at(await owner.get(there), f"/console{there}")
    answer = await owner.post(there, **form | {"own_hours": "on", "days": []})
    assert "Choose one day at least." in words(answer)


async def test_without_a_number_it_says_so(owner: Browser, spring: Dataset, works: Works, org: Organization):
    async with works.begin(org.actor) as work:
        await work.execute("update organizations set number = null where org_id = $1", org.id)
    there = f"/campaigns/{spring.id}/start"
    form = form_at(await owner.get(there), f"/console{there}")
    answer = await owner.post(there, **form | {"m2_delay_hours": "1"})
    assert answer.status_code == 400
    assert "There is no number to send from yet." in words(answer)
    async with works.begin(org.actor) as work:
        assert (await campaigns.get_campaign(work, spring.id)).m2_delay_hours == 48


async def test_progress_in_figures(
    owner: Browser, spring: Dataset, context: Context, carrier: RememberingCarrier, works: Works, org: Organization
):
    await started(owner, spring, rate_per_minute="600")
    await sending.run_due(context)
    assert len(carrier.taken) == 2
    answer = await owner.get(f"/campaigns/{spring.id}")
    shown = words(answer)
    assert "Leads 3" in shown
    assert "2 sent" in shown
    assert "2 waiting" in shown  # M2
    assert "estimate: all sent by" in shown
    assert 'aria-label="M1: 2 sent"' in answer.text
    assert 'hx-trigger="live, every 4s"' in answer.text


async def test_a_campaign_that_waits_for_the_carrier_says_so(
    owner: Browser, spring: Dataset, context: Context, carrier: RememberingCarrier
):
    carrier.fail_with = [Busy(60)] * 2
    await started(owner, spring, rate_per_minute="600")
    await sending.run_due(context)
    shown = words(await owner.get(f"/campaigns/{spring.id}"))
    assert "The carrier is busy or cannot be reached. 2 texts wait and are tried again" in shown
    assert "Waiting for the carrier" in shown


async def test_texts_that_failed_are_told_by_reason_and_lead_to_their_leads(
    owner: Browser, spring: Dataset, context: Context, carrier: RememberingCarrier
):
    carrier.fail_with = [Rejected("21614", "not a mobile")]
    await started(owner, spring, rate_per_minute="600")
    await sending.run_due(context)
    answer = await owner.get(f"/campaigns/{spring.id}")
    shown = words(answer)
    assert "Not delivered 1 text 1 The recipient's number is not a mobile. code 21614 The lead is marked" in shown
    link = next(link for link in links_of(answer) if "why=failed" in link)
    there = words(await owner.get(link.removeprefix("/console")))
    assert "1 text What to do: The lead is marked invalid." in there
    assert "Dana" in there or "Zoë" in there
    assert "M1" in there
    assert "Olaf" not in there


async def test_each_reason_leads_to_its_leads_before_the_start_and_after(
    owner: Browser, spring: Dataset, context: Context, works: Works, org: Organization, a_lead: MakeLead
):
    for place in range(PER_PAGE + 1):
        await a_lead(first_name=f"Away {place}", archived=True, dataset=spring)

    async def leads_behind(kind: str, page: int = 1) -> str:
        link = next(link for link in links_of(await owner.get(f"/campaigns/{spring.id}")) if kind in link)
        return words(await owner.get(f"{link.removeprefix('/console')}&page={page}"))

    there = await leads_behind("why=unfit&reason=opted_out")
    assert "The lead has opted out 1 lead" in there
    assert "Olaf" in there
    assert "Dana" not in there
    assert "The lead is archived 51 leads" in await leads_behind("why=unfit&reason=archived")
    assert "51–51 of 51" in await leads_behind("why=unfit&reason=archived", 2)

    await started(owner, spring, rate_per_minute="600")
    await sending.run_due(context)
    there = await leads_behind("why=left-out&reason=archived")
    assert "The lead is archived 51 leads" in there
    assert "1–50 of 51" in there
    assert "51–51 of 51" in await leads_behind("why=left-out&reason=archived", 2)


@pytest.mark.parametrize("query", ["", "?why=nonsense", "?why=left-out&reason=x&page=-3", "?why=failed", "?why=unfit"])
async def test_leads_behind_no_reason_are_none(owner: Browser, spring: Dataset, query: str):
    assert (await owner.get(f"/campaigns/{spring.id}/leads{query}")).status_code in (200, 404)


async def test_the_history_tells_who_did_what_and_why(
    owner: Browser, spring: Dataset, works: Works, org: Organization, clock: FrozenClock
):
    await started(owner, spring)
    await owner.post(f"/campaigns/{spring.id}/pause")
    await owner.post(f"/campaigns/{spring.id}/resume")
    refusal = Event(
        new_id(), org.id, NumberOutOfService.TYPE, "number", new_id(), "system", None,
        {"code": "30002", "stops": True}, 1, clock.now(), 1, 1,
    )  # fmt: skip
    clock.move(timedelta(minutes=1))
    async with works.begin(system_actor(org.id)) as work:
        await stopping.heed(work, refusal)
    clock.move(timedelta(minutes=1))
    await owner.post(f"/campaigns/{spring.id}/end")
    shown = words(await owner.get(f"/campaigns/{spring.id}"))
    history = shown[shown.index("History") :]
    for part in ("Ended by", "Resumed by", "Started by", "2 leads to be texted."):
        assert part in history
    by_itself = "Paused by Frontdesk The carrier takes no texts: The carrier account is suspended."
    assert history.index("Ended by") < history.index(by_itself) < history.index("Started by")


async def test_the_page_of_a_long_list_does_not_wait_for_what_looks_at_all_leads(
    owner: Browser, spring: Dataset, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("frontdesk.console.pages.campaigns.LONG_LIST", 2)
    for page in ("", "/start"):
        answer = await owner.get(f"/campaigns/{spring.id}{page}")
        assert f'hx-get="/console/campaigns/{spring.id}/preflight"' in answer.text
        assert "can be texted" not in words(answer)
    for part, says in (("preflight", "2 leads can be texted, 1 will not be."), ("cost", "at most, if nobody replies")):
        to_a_script = await owner.get(f"/campaigns/{spring.id}/{part}", headers={"hx-request": "true"})
        to_a_person = await owner.get(f"/campaigns/{spring.id}/{part}")
        assert says in words(to_a_script)
        assert says in words(to_a_person)
        assert ("<h1>" in to_a_script.text, "<h1>" in to_a_person.text) == (False, True)


async def test_pause_resume_and_end(owner: Browser, spring: Dataset, works: Works, org: Organization):
    await started(owner, spring)
    assert "Paused. Nothing more goes out" in await owner.page(await owner.post(f"/campaigns/{spring.id}/pause"))
    assert (await now_of(works, org, spring)).campaign_status is CampaignStatus.PAUSED
    assert "It goes on." in await owner.page(await owner.post(f"/campaigns/{spring.id}/resume"))
    page = await owner.get(f"/campaigns/{spring.id}")
    done = await owner.post(f"/campaigns/{spring.id}/end", **form_at(page, f"/console/campaigns/{spring.id}/end"))
    if done.status_code == 200:  # without JavaScript a page asks first
        done = await owner.post(f"/campaigns/{spring.id}/end", **form_at(done, f"/console/campaigns/{spring.id}/end"))
    shown = await owner.page(done)
    assert "Ended." in shown
    assert "Ended: nothing more is sent" in shown
    assert "never sent" in shown
    assert (await now_of(works, org, spring)).campaign_status is CampaignStatus.COMPLETED
    refused = await owner.page(await owner.post(f"/campaigns/{spring.id}/pause"))
    assert "completed cannot become paused" in refused


async def test_texts_are_changed_and_put_back(owner: Browser, spring: Dataset, works: Works, org: Organization):
    there = f"/campaigns/{spring.id}/texts"
    form = form_at(await owner.get(there), f"/console{there}")
    assert "{first_name}" in form["m1"]
    assert "Saved." in await owner.page(await owner.post(there, **form | {"m1": "Hi {first_name}!\r\nStill keen?"}))
    async with works.begin(org.actor) as work:
        assert (await campaigns.get_campaign(work, spring.id)).m1_template == "Hi {first_name}!\nStill keen?"
    assert "Hi Dana! Still keen?" in words(await owner.get(there))
    await owner.post(there, m1="", m2="", m3="")
    async with works.begin(org.actor) as work:
        assert (await campaigns.get_campaign(work, spring.id)).m1_template is None


async def test_a_text_left_as_it_came_stays_the_products_own(
    owner: Browser, spring: Dataset, works: Works, org: Organization
):
    there = f"/campaigns/{spring.id}/texts"
    form = form_at(await owner.get(there), f"/console{there}")
    await owner.post(there, **form | {"m1": "Only this one"})
    async with works.begin(org.actor) as work:
        campaign = await campaigns.get_campaign(work, spring.id)
    assert (campaign.m1_template, campaign.m2_template, campaign.m3_template) == ("Only this one", None, None)


@pytest.mark.parametrize(
    ("text", "said"), [("Hi {firstname}", "no field {firstname}"), ("x" * 1601, "1,600 characters at most")]
)
async def test_a_text_that_cannot_be_is_refused_at_the_field(
    owner: Browser, spring: Dataset, works: Works, org: Organization, text: str, said: str
):
    there = f"/campaigns/{spring.id}/texts"
    answer = await owner.post(there, m1=text, m2="", m3="Bye")
    assert answer.status_code == 400
    assert said in error_of(answer, "m1")
    assert form_at(answer, f"/console{there}")["m1"] == text
    assert form_at(answer, f"/console{there}")["m3"] == "Bye"
    async with works.begin(org.actor) as work:
        assert (await campaigns.get_campaign(work, spring.id)).m3_template is None


async def test_texts_are_shown_as_leads_will_read_them_before_they_are_saved(
    owner: Browser, spring: Dataset, works: Works, org: Organization
):
    there = f"/campaigns/{spring.id}/texts"
    page = await owner.get(there)
    chosen = dict(re.findall(r'<option value="([0-9a-f-]{36})"[^>]*>([^<]+)<', page.text))
    assert set(chosen.values()) == {"Dana", "Zoë (no interest)", "Olaf (no interest)"}
    zoe = next(lead for lead, told in chosen.items() if told.startswith("Zoë"))
    typed = {"m1": "Hi {first_name|you}: {service_interest}? ✓", "m2": "x" * 161, "m3": ""}
    shown = words(await owner.post(f"{there}/preview", **typed))
    assert "Hi Dana: a loft? ✓" in shown
    assert "161 characters, 2 segments of GSM-7" in shown
    assert "18 characters, 1 segment of UCS-2" in shown
    assert "“✓” is not in the alphabet of plain texts" in shown
    assert "It does not say how to stop these texts." in shown
    assert "Hi Zoë: your enquiry? ✓" in words(await owner.post(f"{there}/preview", lead=zoe, **typed))
    async with works.begin(org.actor) as work:
        assert (await campaigns.get_campaign(work, spring.id)).m1_template is None
    wrong = await owner.post(f"{there}/preview", m1="Hi {frist_name}, text STOP", m2="", m3="")
    assert wrong.status_code == 200
    assert "There is no field {frist_name}. Did you mean {first_name}?" in words(wrong)
    assert "how to stop" not in words(wrong)


async def test_without_a_model_nothing_is_offered_and_the_page_says_so(owner: Browser, spring: Dataset):
    page = await owner.get(f"/campaigns/{spring.id}/texts")
    assert "the offline brain does not personalise" in words(page)
    assert "personalise" not in form_at(page, f"/console/campaigns/{spring.id}/texts")
    asked = await owner.post(f"/campaigns/{spring.id}/texts/personalised", m1="", m2="", m3="", step="1")
    assert "No model is connected." in words(asked)


async def test_what_it_costs_is_told_before_the_start(owner: Browser, spring: Dataset):
    there = f"/campaigns/{spring.id}"
    assert f'hx-get="/console{there}/cost"' in (await owner.get(f"{there}/start")).text
    shown = words(await owner.get(f"{there}/cost"))
    assert "M1 2 3 50% 1 segment, 50% 2" in shown
    assert "£0.40 at most" in shown
    assert "because of “ë” in 1." in shown
    assert "At £0.04 a segment" in shown
    counted = words(await owner.post(f"{there}/texts/cost", m1="Hi {first_name} ✓", m2="x" * 200, m3=""))
    assert "M1: 2 go with 70 characters a segment, because of “✓” in 2, “ë” in 1." in counted
    assert "M2 2 4 100% 2 segments" in counted
    await owner.post("/settings/price", price="0.0353", currency="USD")
    assert "$0.36 at most" in words(await owner.get(f"{there}/cost"))
    refused = await owner.post("/settings/price", price="much", currency="USD")
    assert refused.status_code == 400
    assert "A price is a number from 0 to 100" in error_of(refused, "price")


async def test_follow_ups_that_come_too_late_can_be_dropped(
    owner: Browser, spring: Dataset, works: Works, org: Organization
):
    there = f"/campaigns/{spring.id}/settings"
    form = form_at(await owner.get(there), f"/console{there}")
    assert form["stale_after_hours"] == ""
    assert "Saved." in await owner.page(await owner.post(there, **form | {"stale_after_hours": "6,5"}))
    async with works.begin(org.actor) as work:
        assert (await campaigns.get_campaign(work, spring.id)).stale_after_hours == 6.5
    form = form_at(await owner.get(there), f"/console{there}")
    await owner.post(there, **form | {"stale_after_hours": ""})
    async with works.begin(org.actor) as work:
        assert (await campaigns.get_campaign(work, spring.id)).stale_after_hours is None


async def test_it_is_renamed(owner: Browser, spring: Dataset, works: Works, org: Organization):
    await owner.post(f"/campaigns/{spring.id}/name", name="Summer", description="Of last year")
    changed = await now_of(works, org, spring)
    assert (changed.name, changed.description) == ("Summer", "Of last year")
    answer = await owner.post(f"/campaigns/{spring.id}/name", name=" ", description="")
    assert answer.status_code == 400
    assert "1 to 200 characters" in error_of(answer, "name")


async def test_deleting_wants_the_name_typed(owner: Browser, spring: Dataset, works: Works, org: Organization):
    there = f"/campaigns/{spring.id}/delete"
    answer = await owner.post(there, name="Sprung")
    assert answer.status_code == 400
    assert error_of(answer, "name") == "This is not the name of the list."
    assert (await now_of(works, org, spring)).name == "Spring"
    assert "“Spring” is deleted." in await owner.page(await owner.post(there, name=" Spring "))
    assert (await owner.get(f"/campaigns/{spring.id}")).status_code == 404


async def test_imports_of_a_list(owner: Browser, spring: Dataset):
    answer = await owner.get(f"/campaigns/{spring.id}/imports")
    assert "No file yet" in words(answer)
    assert f"/console/imports?dataset={spring.id}" in links_of(answer)


@pytest.mark.parametrize("wrong", ["nope", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("path", ["", "/start", "/settings", "/texts", "/imports", "/delete"])
async def test_a_list_that_is_not_there_is_a_page_that_is_not_there(owner: Browser, wrong: str, path: str):
    assert (await owner.get(f"/campaigns/{wrong}{path}")).status_code == 404


async def test_nobody_elses_list_can_be_seen_or_changed(
    owner: Browser, a_dataset: MakeDataset, other_org: Organization, works: Works
):
    theirs = await a_dataset("Hers", of=other_org)
    assert "Hers" not in words(await owner.get("/campaigns"))
    valid = {
        "m1_delay_hours": "0", "m2_delay_hours": "1", "m3_delay_hours": "1", "rate_per_minute": "1",
        "ai_response_delay_seconds": "1", "name": "Hers", "m1": "", "m2": "", "m3": "",
    }  # fmt: skip
    for act in (*ACTS, "texts/preview", "texts/cost"):
        assert (await owner.post(f"/campaigns/{theirs.id}/{act}", **valid)).status_code == 404, act
    assert await now_of(works, other_org, theirs) == theirs


async def test_who_may_only_look_changes_nothing(viewer: Browser, spring: Dataset, works: Works, org: Organization):
    for path in ("", "/settings", "/texts", "/imports"):
        answer = await viewer.get(f"/campaigns/{spring.id}{path}")
        assert answer.status_code == 200, path
        for button in ("Set up and start", "Save the texts", "Delete …", "Add from a file"):
            assert button not in words(answer)
    before = await now_of(works, org, spring)
    valid = {
        "m1_delay_hours": "0", "m2_delay_hours": "1", "m3_delay_hours": "1", "rate_per_minute": "1",
        "ai_response_delay_seconds": "1", "name": "Spring", "m1": "", "m2": "", "m3": "",
    }  # fmt: skip
    for act in ACTS:
        answer = await viewer.post(f"/campaigns/{spring.id}/{act}", **valid)
        assert answer.status_code in (400, 403), act
    assert (await viewer.get(f"/campaigns/{spring.id}/delete")).status_code == 403
    assert await now_of(works, org, spring) == before


async def test_an_id_that_is_nothing_has_no_texts(owner: Browser):
    assert (await owner.post(f"/campaigns/{new_id()}/texts", m1="", m2="", m3="")).status_code == 404
