"""The import wizard: choose a file, map its columns, see what became of each row, take the rows along as CSV."""

import csv
import io
import re
from datetime import timedelta

import httpx
import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.console.reading import error_of, form_at, links_of
from tests.fixtures.business import MakeDataset, MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.console.views.wording import FIELD_WORDS
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.leads import import_store
from frontdesk.domain.leads.importing.column_names import Field
from frontdesk.domain.leads.model import ImportResult, LeadFilter
from frontdesk.domain.leads.service import datasets, imports, leads
from frontdesk.domain.leads.tasks import ImportDue
from frontdesk.jobs.imports import import_file
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Works

CSV = """First Name,Surname,Mobile,E-mail,Interested in
Dana,Fox,07700 900301,dana@example.com,Loft
Bo,Ash,07700 900302,bo@example.com,Kitchen
Bo,Again,07700900302,bo2@example.com,Kitchen
Cy,Short,12,cy@example.com,Loft
=cmd(),Evil,nothing,+evil@example.com,Bath
"""


async def upload(
    browser: Browser, text: str | bytes = CSV, name: str = "old_leads.csv", **fields: str
) -> httpx.Response:
    """Send a file as the wizard's first step does."""
    data = {**form_at(await browser.get("/imports"), "/console/imports"), **fields}
    await browser.post("/imports")  # so that the token of forms is known
    return await browser.client.post(
        "/console/imports", data=data, files={"file": (name, text)}, headers={"X-CSRF-Token": browser._token}
    )


async def mapped(browser: Browser, **fields: str) -> httpx.Response:
    """The answer to the wizard's second step, as suggested but for `fields`."""
    there = (await upload(browser)).headers["location"].removeprefix("/console")
    form = form_at(await browser.get(there), f"/console{there}")
    return await browser.post(there, **form | fields)


def as_csv(*rows: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


async def finish(browser: Browser, uploaded: httpx.Response) -> httpx.Response:
    """The page with the result of importing that upload as suggested."""
    there = uploaded.headers["location"].removeprefix("/console")
    answer = await browser.post(there, **form_at(await browser.get(there), f"/console{there}"))
    assert answer.status_code == 303, words(answer)
    return await browser.client.get(answer.headers["location"])


async def done(browser: Browser, **fields: str) -> httpx.Response:
    """The page with the result of an import."""
    answer = await mapped(browser, **fields)
    assert answer.status_code == 303, words(answer)
    return await browser.client.get(answer.headers["location"])


def test_every_field_has_words():
    assert set(FIELD_WORDS) == set(Field)


async def test_a_file_is_chosen_and_its_columns_are_guessed(owner: Browser):
    answer = await owner.get("/imports")
    assert "Step 1 of 3" in words(answer)
    answer = await upload(owner)
    assert answer.status_code == 303
    page = await owner.client.get(answer.headers["location"])
    shown = words(page)
    assert "5 rows, 5 columns" in shown
    assert "07700 900301" in shown
    form = form_at(page, answer.headers["location"])
    assert [form[f"column-{place}"] for place in range(5)] == [
        "first_name", "last_name", "phone_number", "email", "service_interest",
    ]  # fmt: skip
    assert (form["into"], form["name"]) == ("new", "Old leads")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("leads.xlsx", b"PK\x03\x04", "Only CSV files are taken"),
        ("leads.csv", b"", "The file is empty."),
        ("leads.csv", b"PK\x03\x04\x14\x00\x06\x00\x08\x00", ""),
    ],
)
async def test_what_is_no_csv_is_refused_at_the_field(owner: Browser, name: str, text: bytes, said: str):
    answer = await upload(owner, text, name)
    assert answer.status_code in (400, 413)
    assert said.lower() in error_of(answer, "file").lower() or not said


async def test_no_file_is_refused_at_the_field(owner: Browser):
    answer = await owner.post("/imports")
    assert answer.status_code == 400
    assert error_of(answer, "file") == "Choose a file first."


async def test_an_import_tells_what_became_of_every_row(owner: Browser, works: Works, org: Organization):
    page = await done(owner)
    shown = words(page)
    assert "2 leads imported" in shown
    assert "Into “Old leads”" in shown
    assert "Rows in the file 5" in shown
    assert "Duplicates 1" in shown
    assert "Refused 2" in shown
    assert "2 leads of this list can be texted now" in shown
    assert "too short" in shown
    async with works.begin(org.actor) as work:
        found = await leads.page(work, LeadFilter())
        (dataset,) = await datasets.list_all(work)
    assert {lead.name for lead in found.items} == {"Dana Fox", "Bo Ash"}
    assert f"/console/campaigns/{dataset.id}/start" in links_of(page)


async def test_rows_are_shown_by_what_happened_to_them(owner: Browser):
    page = await done(owner)
    here = str(page.url.path)
    duplicates = words(await owner.client.get(f"{here}?kind=duplicate"))
    assert "Again" in duplicates
    assert "Short" not in duplicates
    assert (await owner.client.get(f"{here}?kind=nonsense&page=-3")).status_code == 200
    assert (await owner.client.get(f"{here}?kind=refused&page=99999")).status_code == 200


async def test_refused_rows_come_as_a_csv_that_is_safe_to_open(owner: Browser):
    page = await done(owner)
    answer = await owner.client.get(f"{page.url.path}/rows.csv?kind=refused")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["Line"] for row in rows] == ["5", "6"]
    assert rows[0]["Surname"] == "Short"
    assert "too short" in rows[0]["Reason"]
    assert rows[1]["First Name"] == "'=cmd()"
    assert rows[1]["E-mail"] == "'+evil@example.com"
    everything = (await owner.client.get(f"{page.url.path}/rows.csv")).text
    assert "duplicate" in everything
    assert "refused" in everything


async def test_a_wide_row_comes_back_as_it_was_sent_and_can_be_brought_in_again(owner: Browser):
    names = [f"Field {place}" for place in range(1, 181)]
    names[0], names[139], names[179] = "First name", "Mobile", '=HYPERLINK("http://example.com")'
    cells = [f"{place}: {'x' * 150}" for place in range(1, 181)]
    cells[0], cells[1], cells[139], cells[179] = "Dana", "long " * 1_000, "07700 9003", "=1+1"
    page = await finish(owner, await upload(owner, as_csv(names, cells)))
    assert "Refused 1" in words(page)
    assert "long long" in words(page)
    answer = await owner.client.get(f"{page.url.path}/rows.csv?kind=refused")
    header, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[:3] == ["Line", "What happened", "Reason"]
    assert header[3:] == [*names[:-1], "'" + names[-1]]
    assert row[:3] == ["2", "refused", "There is no such phone number in the organisation's country."]
    assert row[3:] == [*cells[:-1], "'=1+1"]

    row[header.index("Mobile")] = "07700 900301"
    again = await upload(owner, as_csv(header, row), "mended.csv")
    assert names[-1] in words(await owner.client.get(again.headers["location"]))
    assert "1 lead imported" in words(await finish(owner, again))


async def test_the_same_file_again_adds_nobody(owner: Browser, works: Works, org: Organization):
    await done(owner)
    async with works.begin(org.actor) as work:
        (dataset,) = await datasets.list_all(work)
    page = await done(owner, into="existing", dataset=str(dataset.id))
    assert "0 leads imported" in words(page)
    assert "Duplicates 3" in words(page)


async def test_a_known_number_joins_another_list(owner: Browser, a_lead: MakeLead, works: Works, org: Organization):
    lead = await a_lead(first_name="Dana", phone="+447700900301")
    await done(owner)
    async with works.begin(org.actor) as work:
        assert len((await leads.detail(work, lead.id)).dataset_ids) == 1


async def test_without_a_phone_number_nothing_is_imported(owner: Browser, works: Works, org: Organization):
    answer = await mapped(owner, **{"column-2": ""})
    assert answer.status_code == 400
    assert "Say which column has the phone number" in words(answer)
    async with works.begin(org.actor) as work:
        assert await datasets.list_all(work) == []


async def test_two_columns_cannot_be_the_same(owner: Browser):
    answer = await mapped(owner, **{"column-4": "email"})
    assert answer.status_code == 400
    assert error_of(answer, "column-4") == "“E-mail” is the e-mail already."


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 201}),
        ("dataset", {"into": "existing", "dataset": ""}),
        ("dataset", {"into": "existing", "dataset": "00000000-0000-0000-0000-000000000000"}),
    ],
)
async def test_where_to_must_be_said(
    owner: Browser, a_dataset: MakeDataset, works: Works, org: Organization, field: str, typed: dict[str, str]
):
    await a_dataset("There")
    answer = await mapped(owner, **typed)
    assert answer.status_code == 400
    assert error_of(answer, field)
    async with works.begin(org.actor) as work:
        assert len(await datasets.list_all(work)) == 1


async def test_columns_that_do_not_exist_are_left_out(owner: Browser):
    assert "2 leads imported" in words(await done(owner, **{"column-99": "notes", "column-4": "nonsense"}))


async def test_from_a_list_the_file_goes_into_that_list(owner: Browser, a_dataset: MakeDataset):
    spring = await a_dataset("Spring")
    page = await owner.get(f"/imports?dataset={spring.id}")
    assert "for “Spring”" in words(page)
    form = form_at(page, "/console/imports")
    assert form == {"dataset": str(spring.id)}
    answer = await upload(owner, dataset=form["dataset"])
    there = answer.headers["location"]
    second = form_at(await owner.client.get(there), there)
    assert (second["into"], second["dataset"]) == ("existing", str(spring.id))


async def test_uploads_and_imports_of_others_are_not_there(owner: Browser, stranger: Browser):
    there = (await upload(stranger)).headers["location"].removeprefix("/console")
    assert (await owner.get(there)).status_code == 404
    assert (await owner.post(there, **{"column-0": "phone_number", "into": "new", "name": "x"})).status_code == 404
    finished = str((await done(stranger)).url.path).removeprefix("/console")
    for path in (
        finished,
        f"{finished}/rows.csv",
        "/imports/nope",
        f"/imports/done/{new_id()}",
        "/imports/done/x/rows.csv",
    ):
        assert (await owner.get(path)).status_code == 404, path


async def test_who_may_not_import_cannot(viewer: Browser, browser_for: BrowserFor, org: Organization):
    assert (await viewer.get("/imports")).status_code == 403
    answer = await viewer.post("/imports")
    assert answer.status_code in (400, 403)


async def test_an_agent_imports_into_lists_there_are(
    browser_for: BrowserFor, a_dataset: MakeDataset, org: Organization
):
    spring = await a_dataset("Spring")
    agent = await browser_for(org, Role.AGENT)
    there = (await upload(agent)).headers["location"].removeprefix("/console")
    page = await agent.get(there)
    assert "A new list" not in words(page)
    form = form_at(page, f"/console{there}")
    assert form["into"] == "existing"
    answer = await agent.post(there, **form | {"dataset": str(spring.id)})
    assert "2 leads imported" in await agent.page(answer)
    refused = await agent.post(there, **form | {"into": "new", "name": "Mine"})
    assert refused.status_code == 403


# --- long files -------------------------------------------------------------------------------------------------------


async def begun(owner: Browser, monkeypatch: pytest.MonkeyPatch, works: Works, org: Organization) -> ImportResult:
    """An import that is left to a worker."""
    monkeypatch.setattr("frontdesk.console.pages.imports.DONE_AT_ONCE", 2)
    assert (await mapped(owner)).status_code == 303
    async with works.begin(org.actor) as work:
        (dataset,) = await datasets.list_all(work)
        (found,) = await imports.list_imports(work, dataset.id)
    return found


async def test_a_long_file_is_left_to_a_worker_and_followed(
    owner: Browser, monkeypatch: pytest.MonkeyPatch, works: Works, org: Organization, context: Context
):
    waiting = await begun(owner, monkeypatch, works, org)
    here = f"/imports/done/{waiting.id}"
    assert "Waiting for its turn 0 %" in words(await owner.get(here))
    async with works.begin(org.actor) as work:
        await import_store.show_life(work, waiting.id, 3)
    page = await owner.get(here)
    assert "3 of 5 rows 60 %" in words(page)
    assert 'hx-trigger="every 1s"' in page.text
    assert "Under way" in words(await owner.get(f"/campaigns/{waiting.dataset_id}/imports"))
    await import_file(context, ImportDue(org.id, waiting.id))
    polled = await owner.get(here, headers={"HX-Request": "true", "HX-Target": "import"})
    assert polled.headers["hx-refresh"] == "true"
    assert "2 leads imported" in words(await owner.get(here))


async def test_an_import_that_was_interrupted_can_be_run_again(
    owner: Browser,
    monkeypatch: pytest.MonkeyPatch,
    works: Works,
    org: Organization,
    context: Context,
    clock: FrozenClock,
    viewer: Browser,
):
    found = await begun(owner, monkeypatch, works, org)
    here = f"/imports/done/{found.id}"
    async with works.begin(org.actor) as work:
        await import_store.show_life(work, found.id, 3)
    clock.move(timedelta(minutes=1))
    page = await owner.get(here)
    assert "The program stopped in the middle of it. Nothing of the file is in the list." in words(page)
    assert "every 1s" not in page.text
    assert (await viewer.post(f"{here}/again")).status_code == 403
    assert "Waiting for its turn" in await owner.page(await owner.post(f"{here}/again"))
    await import_file(context, ImportDue(org.id, found.id))
    assert "2 leads imported" in words(await owner.get(here))


# --- undoing ----------------------------------------------------------------------------------------------------------


async def test_an_import_is_undone_after_a_question(owner: Browser, works: Works, org: Organization, viewer: Browser):
    here = str((await done(owner)).url.path).removeprefix("/console")
    assert f"/console{here}/undo" in links_of(await owner.get(here))
    assert f"/console{here}/undo" not in links_of(await viewer.get(here))
    assert (await viewer.post(f"{here}/undo")).status_code == 403
    question = await owner.get(f"{here}/undo")
    assert "Take the 2 leads of this file out of “Old leads” again?" in words(question)
    shown = await owner.page(await owner.post(f"{here}/undo"))
    assert "Import undone" in shown
    assert "2 left the list. All of them were deleted" in shown
    its_list = next(
        link for link in links_of(await owner.get(here)) if re.fullmatch(r"/console/campaigns/[0-9a-f-]{36}", link)
    )
    assert "old_leads.csv Undone" in words(await owner.get(f"{its_list.removeprefix('/console')}/imports"))
    assert f"/console{here}/undo" not in links_of(await owner.get(here))
    async with works.begin(org.actor) as work:
        assert (await leads.page(work, LeadFilter())).total == 0


async def test_an_import_is_not_undone_while_its_campaign_runs(
    owner: Browser, works: Works, org: Organization, stranger: Browser
):
    here = str((await done(owner)).url.path).removeprefix("/console")
    assert (await stranger.post(f"{here}/undo")).status_code == 404
    async with works.begin(org.actor) as work:
        (dataset,) = await datasets.list_all(work)
        await campaigns.start(work, dataset.id)
    for ask in (owner.get, owner.post):
        assert "The campaign of this list is running. Pause it first" in await owner.page(await ask(f"{here}/undo"))
    async with works.begin(org.actor) as work:
        assert (await leads.page(work, LeadFilter())).total == 2


async def test_what_was_noticed_about_a_file_is_told_before_and_after(owner: Browser):
    data = "Name,Name,Phone\nZoë,Ash,07700 900301\n".encode("cp1252")
    there = (await upload(owner, data)).headers["location"]
    page = await owner.client.get(there)
    assert "It was read as Windows-1252" in words(page)
    answer = await owner.post(there.removeprefix("/console"), **form_at(page, there))
    assert "It was read as Windows-1252" in words(await owner.client.get(answer.headers["location"]))


async def test_older_imports_show_the_columns_of_their_files_too(owner: Browser):
    first = str((await done(owner)).url.path).removeprefix("/console")
    await done(owner)
    assert "Interested in" in words(await owner.get(first))
