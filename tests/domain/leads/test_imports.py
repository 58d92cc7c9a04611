"""Importing files: what becomes a lead, what does not and why, and that nothing comes in twice."""

from collections.abc import AsyncIterator

import pytest
from tests.fixtures.business import MakeDataset
from tests.fixtures.organizations import Organization

from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.leads.errors import DatasetNotFound, UploadNotFound
from frontdesk.domain.leads.model import Dataset, ImportResult, LeadFilter, Upload
from frontdesk.domain.leads.service import datasets, imports, leads
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.context import Context

CSV = """First Name,Last Name,Mobile Phone,Email,Enquiry Date,Comments
Ann,Lee,07700 900101,ann@example.com,03/02/2025,Wants a quote
Bob,,+44 7700 900102,,,
,,not a number,x@example.com,,
Ann,Twice,07700900101,,,
Cy,Long,7700900103,,31/01/2025,"Two
lines"
"""

MAPPING = {
    "first_name": "First Name", "last_name": "Last Name", "phone_number": "Mobile Phone", "email": "Email",
    "inquiry_date": "Enquiry Date", "notes": "Comments",
}  # fmt: skip


async def chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 100):
        yield data[start : start + 100]


async def uploaded(context: Context, org: Organization, text: str | bytes = CSV, name: str = "old leads.csv") -> Upload:
    data = text.encode() if isinstance(text, str) else text
    return await imports.upload(context, org.actor, name, chunks(data))


async def imported(context: Context, org: Organization, dataset: Dataset, text: str = CSV) -> ImportResult:
    upload = await uploaded(context, org, text)
    return (await campaigns.import_leads(context, org.actor, upload.id, dataset.id, MAPPING)).result


@pytest.fixture
async def dataset(a_dataset: MakeDataset) -> Dataset:
    return await a_dataset()


async def test_an_upload_shows_what_is_in_the_file(context, org):
    upload = await uploaded(context, org)
    assert (upload.rows_detected, upload.filename, upload.size) == (5, "old leads.csv", len(CSV))
    assert {column.name: column.suggested_mapping for column in upload.columns} == {
        "First Name": "first_name", "Last Name": "last_name", "Mobile Phone": "phone_number", "Email": "email",
        "Enquiry Date": "inquiry_date", "Comments": "notes",
    }  # fmt: skip
    assert upload.columns[0].sample_values == ["Ann", "Bob", "Ann"]


async def test_every_row_becomes_a_lead_or_has_its_reason(context, org, dataset):
    result = await imported(context, org, dataset)
    assert (result.total_rows, result.successful, result.failed, result.duplicates) == (5, 3, 1, 1)
    by_row = {note.row: note for note in result.notes}
    assert by_row[4].kind == "refused"
    assert (by_row[5].kind, "row 2" in by_row[5].reason) == ("duplicate", True)
    assert by_row[6].kind == "repaired"
    async with context.works.begin(org.actor) as work:
        found = {lead.first_name: lead for lead in (await leads.page(work, LeadFilter(dataset_id=dataset.id))).items}
    assert {lead.phone for lead in found.values()} == {"+447700900101", "+447700900102", "+447700900103"}
    assert (found["Ann"].email, str(found["Ann"].inquiry_date)) == ("ann@example.com", "2025-02-03")
    assert found["Cy"].notes == "Two\nlines"


async def test_the_same_file_twice_adds_nothing(context, org, dataset):
    await imported(context, org, dataset)
    again = await imported(context, org, dataset)
    assert (again.successful, again.failed, again.duplicates) == (0, 1, 4)
    async with context.works.begin(org.actor) as work:
        assert (await datasets.get(work, dataset.id)).total_leads == 3


async def test_a_known_number_joins_another_dataset_as_the_lead_it_is(context, org, dataset, a_dataset):
    await imported(context, org, dataset)
    other = await a_dataset("More")
    result = await imported(context, org, other, CSV.replace("Ann,Lee", "Anne,Lea"))
    assert (result.successful, result.duplicates) == (3, 1)
    async with context.works.begin(org.actor) as work:
        assert (await leads.page(work, LeadFilter())).total == 3
        assert (await leads.page(work, LeadFilter(search="Anne"))).total == 0


async def test_other_organisations_do_not_matter(context, org, other_org, dataset):
    await imported(context, org, dataset)
    async with context.works.begin(other_org.actor) as work:
        theirs = await datasets.create(work, "Theirs")
    assert (await imported(context, other_org, theirs)).successful == 3


async def test_foreign_uploads_and_datasets_are_not_found(context, org, other_org, dataset):
    upload = await uploaded(context, org)
    async with context.works.begin(other_org.actor) as work:
        theirs = await datasets.create(work, "Theirs")
    with pytest.raises(UploadNotFound):
        await imports.run(context, other_org.actor, upload.id, theirs.id, MAPPING)
    with pytest.raises(DatasetNotFound):
        await imports.run(context, other_org.actor, upload.id, dataset.id, MAPPING)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("leads.csv", b""),
        ("leads.csv", b"PK\x03\x04 a spreadsheet"),
        ("leads.xlsx", b"First Name,Phone\nAnn,07700900101\n"),
        ("leads.csv", b"Ann,07700900101\nBob,07700900102\n"),
        ("leads.csv", bytes(range(256)) * 4),
    ],
)
async def test_what_is_no_csv_is_refused_with_a_reason_and_nothing_is_kept(context, org, name, data):
    with pytest.raises(Invalid) as refused:
        await uploaded(context, org, data, name)
    assert len(str(refused.value)) > 10
    assert context.files.files == {}


@pytest.mark.parametrize(
    "mapping", [{"first_name": "First Name"}, {"first_name": "First Name", "phone_number": "Telephone"}, {}]
)
async def test_a_mapping_that_does_not_fit_is_refused(context, org, dataset, mapping):
    upload = await uploaded(context, org)
    with pytest.raises(Invalid):
        await imports.run(context, org.actor, upload.id, dataset.id, mapping)


async def test_leads_imported_into_a_running_campaign_are_scheduled(context, org, dataset, carrier):
    from frontdesk.domain.campaigns.service import sending

    async with context.works.begin(org.actor) as work:
        await campaigns.start(work, dataset.id, campaigns.SettingsChange(rate_per_minute=6000))
    await imported(context, org, dataset)
    assert await sending.run_due(context) == 3


async def test_deleting_the_dataset_removes_only_leads_that_were_never_contacted(context, org, dataset, carrier):
    from frontdesk.domain.conversations.service import sending

    await imported(context, org, dataset)
    async with context.works.begin(org.actor) as work:
        one = (await leads.page(work, LeadFilter(search="ann"))).items[0]
    await sending.send_by_hand(context, org.actor, one.id, "Hello Ann")
    async with context.works.begin(org.actor) as work:
        await datasets.delete(work, dataset.id)
        assert [lead.id for lead in (await leads.page(work, LeadFilter())).items] == [one.id]
