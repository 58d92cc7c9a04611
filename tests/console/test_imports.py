"""The import wizard: choose a file, map its columns, see what became of each row, take the rows along as CSV."""

import csv
import io

import httpx
import pytest
from tests.console.conftest import Browser, BrowserFor, words
from tests.console.reading import error_of, form_at, links_of
from tests.fixtures.business import MakeDataset, MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.console.views.wording import FIELD_WORDS
from frontdesk.domain.leads.importing.column_names import Field
from frontdesk.domain.leads.model import LeadFilter
from frontdesk.domain.leads.service import datasets, leads
from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
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
