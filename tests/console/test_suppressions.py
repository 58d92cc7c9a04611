"""Do not contact in the console: who is on the list and why, adding, lifting with a reason, and the file."""

import csv
import io

import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.console.reading import links_of
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization

from frontdesk.console.pages import suppressions as page
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations.service import inbound
from frontdesk.kernel.access import Role
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works


async def test_with_nobody_on_the_list_it_says_how_one_comes_there(owner: Browser):
    shown = words(await owner.get("/suppressions"))
    assert "Nobody has asked to be left alone" in shown
    assert "Add a number" in shown
    assert "/console/suppressions" in links_of(await owner.get("/leads"))


async def test_who_said_stop_is_shown_with_the_words(
    owner: Browser, context: Context, org: Organization, a_lead: MakeLead, carrier: RememberingCarrier
):
    lead = await a_lead(first_name="Dana", last_name="Fox")
    await inbound.receive(context, org.number, lead.phone or "", "Take me off your list!", "sandbox", "IN1")
    answer = await owner.get("/suppressions")
    for told in ("1 number", "+44 7700 900101", "Dana Fox", "Said so in a text", "Take me off your list!"):
        assert told in words(answer)
    assert f"/console/leads/{lead.id}" in links_of(answer)


async def test_a_number_is_added_and_lifted_with_a_reason(owner: Browser, works: Works, org: Organization):
    fields = {"phone_number": "07700 900777", "evidence": "Rang us"}
    assert "+447700900777 will not be contacted." in await owner.page(await owner.post("/suppressions", **fields))
    assert "was on the list already" in await owner.page(await owner.post("/suppressions", **fields))
    assert "Rang us" in words(await owner.get("/suppressions/447700900777/lift"))
    refused = await owner.post("/suppressions/447700900777/lift", reason=" ")
    assert refused.status_code == 400
    assert "Say why" in words(refused)
    after = await owner.page(await owner.post("/suppressions/447700900777/lift", reason="Asked us by mail"))
    assert "+447700900777 may be contacted again." in after
    async with works.begin(org.actor) as work:
        rows = await work.fetch("select action, actor_id, details from audit_log order by id")
    assert [(row["action"], row["actor_id"]) for row in rows] == [
        ("suppression.added", org.owner_id), ("suppression.lifted", org.owner_id),
    ]  # fmt: skip
    assert rows[1]["details"] == {"phone": "+447700900777", "reason": "Asked us by mail"}
    assert (await owner.get("/suppressions/447700900777/lift")).status_code == 404


async def test_what_is_no_number_keeps_what_was_typed(owner: Browser):
    answer = await owner.post("/suppressions", phone_number="12", evidence="Rang us")
    assert answer.status_code == 400
    assert "too short" in words(answer)
    assert 'value="Rang us"' in answer.text


@pytest.mark.parametrize(
    ("q", "found"),
    [("07700 900123", {"123"}), ("+44 7700 900124", {"124"}), ("dana", {"123"}), ("the roof", {"124"}), ("%", set())],
)
async def test_the_list_is_searched(
    owner: Browser, works: Works, org: Organization, a_lead: MakeLead, q: str, found: set[str]
):
    await a_lead(first_name="Dana", phone="+447700900123")
    async with works.begin(org.actor) as work:
        await contactability.suppress(work, "+447700900123", "keyword", "STOP")
        await contactability.suppress(work, "+447700900124", "by_hand", "rang about the roof")
    shown = words(await owner.get("/suppressions", params={"q": q}))
    assert {end for end in ("123", "124") if f"900{end}" in shown.replace(" ", "").replace(q, "")} == found
    assert ("No such number" in shown) is not found


async def test_the_list_has_pages(owner: Browser, works: Works, org: Organization, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page, "PER_PAGE", 2)
    async with works.begin(org.actor) as work:
        for place in range(3):
            await contactability.suppress(work, f"+44770090012{place}", "by_hand", "")
    first, second = await owner.get("/suppressions"), await owner.get("/suppressions?page=2")
    assert "1–2 of 3" in words(first)
    assert "/console/suppressions?page=2" in links_of(first)
    assert "3–3 of 3" in words(second)
    assert "1–2 of 3" in words(await owner.get("/suppressions?page=99"))


async def test_the_file_has_them_all_and_no_formulas(owner: Browser, works: Works, org: Organization, a_lead: MakeLead):
    await a_lead(first_name="Dana", last_name="Fox", phone="+447700900123")
    async with works.begin(org.actor) as work:
        await contactability.suppress(work, "+447700900123", "keyword", "STOP")
        await contactability.suppress(work, "+447700900124", "by_hand", "=cmd()")
    answer = await owner.get("/suppressions/numbers.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert head[0] == "Number"
    assert [row[:3] for row in rows] == [
        ["+447700900123", "Dana Fox", "Texted STOP"], ["+447700900124", "", "Added by hand"],
    ]  # fmt: skip
    assert not rows[1][3].startswith("=")


async def test_only_who_may_can_change_the_list(
    browser_for: BrowserFor, viewer: Browser, works: Works, org: Organization
):
    async with works.begin(org.actor) as work:
        await contactability.suppress(work, "+447700900123", "by_hand", "")
    shown = await viewer.get("/suppressions")
    assert "900123" in words(shown)
    assert "Add a number" not in words(shown)
    assert "/console/suppressions/447700900123/lift" not in links_of(shown)
    assert (await viewer.post("/suppressions", phone_number="07700900777")).status_code == 403
    agent = await browser_for(org, Role.AGENT)
    assert "Add a number" in words(await agent.get("/suppressions"))
    assert (await agent.get("/suppressions/447700900123/lift")).status_code == 403
    assert (await agent.post("/suppressions/447700900123/lift", reason="x")).status_code == 403


async def test_the_list_of_another_organisation_is_not_shown(
    owner: Browser, works: Works, other_org: Organization, a_dataset: MakeDataset
):
    async with works.begin(other_org.actor) as work:
        await contactability.suppress(work, "+447700900123", "by_hand", "")
    assert "900123" not in words(await owner.get("/suppressions"))
    assert (await owner.get("/suppressions/447700900123/lift")).status_code == 404
