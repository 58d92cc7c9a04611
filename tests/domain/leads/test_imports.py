"""Importing files: what becomes a lead, what does not and why, and that nothing comes in twice."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.fixtures.business import MakeDataset
from tests.fixtures.calls import make_call
from tests.fixtures.organizations import Organization

from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.leads import import_store
from frontdesk.domain.leads.errors import DatasetNotFound, ImportNotFound, ImportNotUndone, UploadNotFound
from frontdesk.domain.leads.merge_store import MOST_KEPT, note
from frontdesk.domain.leads.model import Dataset, ImportResult, ImportState, LeadChange, LeadFilter, RowNote, Upload
from frontdesk.domain.leads.service import datasets, imports, leads, noted
from frontdesk.domain.leads.tasks import ImportDue
from frontdesk.jobs.imports import import_file
from frontdesk.kernel.access import PERMISSIONS_OF, Role
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.kernel.ids import new_id
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


async def noted_of(context: Context, org: Organization, result: ImportResult, *kinds: str) -> list[RowNote]:
    found = noted.every(context, org.actor, result.id, kinds or noted.KINDS)
    return [note async for some in found for note in some]


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


async def test_any_name_of_a_file_is_taken(context, org):
    assert (await uploaded(context, org, name="C:\\old\\a\0b\ud800\x1b.CSV")).filename == "ab.CSV"
    assert len((await uploaded(context, org, name="x" * 300 + ".csv")).filename) < 200


async def test_every_row_becomes_a_lead_or_has_its_reason(context, org, dataset):
    result = await imported(context, org, dataset)
    assert (result.total_rows, result.successful, result.failed, result.duplicates) == (5, 3, 1, 1)
    assert [note.row for note in result.refused] == [4]
    by_row = {note.row: note for note in await noted_of(context, org, result)}
    assert by_row[4].kind == "refused"
    assert (by_row[5].kind, "row 2" in by_row[5].reason) == ("duplicate", True)
    assert by_row[6].kind == "repaired"
    async with context.works.begin(org.actor) as work:
        listed = (await leads.page(work, LeadFilter(dataset_id=dataset.id))).items
        found = {lead.first_name: await leads.get(work, lead.id) for lead in listed}
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


async def test_a_lead_with_an_appointment_stays_when_its_dataset_goes(context, org, dataset):
    from tests.fixtures.calendars import at_sandbox

    from frontdesk.domain.scheduling import service as scheduling

    at = at_sandbox(context, org)
    await at.connect()
    result = await imported(context, org, dataset)
    async with context.works.begin(org.actor) as work:
        booked, called_off, *_ = (await leads.page(work, LeadFilter())).items
        first, second, *_ = await scheduling.free_slots(work)
    booking = await scheduling.book_lead(at.context, org.actor, booked.id, first.start)
    other = await scheduling.book_lead(at.context, org.actor, called_off.id, second.start)
    async with context.works.begin(org.actor) as work:
        await scheduling.cancel(work, other.id)
        await datasets.delete(work, dataset.id)
        assert {lead.id for lead in (await leads.page(work, LeadFilter())).items} == {booked.id, called_off.id}
        assert (await scheduling.get(work, booking.id)).entry == "placed"
        assert (await scheduling.get(work, other.id)).entry == "removing"
    assert result.successful > 2


async def test_an_import_tells_how_it_read_the_file(context, org, dataset):
    data = "Name,Name,Phone,Enquiry Date\nZoë,Ash,07700 900101,04/03/2025\nBo,Ash,07700 900102,25/03/2025\n".encode(
        "cp1252"
    )
    upload = await uploaded(context, org, data)
    mapping = {"first_name": "Name", "last_name": "Name (2)", "phone_number": "Phone", "inquiry_date": "Enquiry Date"}
    result = await imports.run(context, org.actor, upload.id, dataset.id, mapping)
    assert result.remarks[:2] == upload.remarks
    assert "Windows-1252" in upload.remarks[0]
    assert "“Name (2)”" in upload.remarks[1]
    assert "“04/03/2025” in “Enquiry Date” is read as 4 March" in result.remarks[2]
    assert result.columns == ["Name", "Name (2)", "Phone", "Enquiry Date"]
    assert result.state is ImportState.DONE
    assert result.finished_at is not None


async def test_two_numbers_of_one_known_lead_are_one_member_and_the_other_row_says_so(context, org, dataset, a_lead):
    lead = await a_lead(phone="+447700900101")
    async with context.works.begin(org.actor) as work:
        await work.execute(
            """insert into lead_identities (org_id, kind, value, lead_id, created_at)
               values ($1, 'phone', '+447700900102', $2, $3)""",
            org.id, lead.id, work.now,
        )  # fmt: skip
    result = await imported(context, org, dataset)
    assert (result.successful, result.duplicates) == (2, 2)
    assert [(note.row, note.reason) for note in await noted_of(context, org, result, "duplicate")] == [
        (3, "This number is in the dataset already."),
        (5, "The phone number is the same as in row 2."),
    ]


async def test_all_noted_rows_can_be_gone_through(context, org, dataset, monkeypatch):
    monkeypatch.setattr(noted, "_AT_ONCE", 2)
    result = await imported(context, org, dataset)
    assert [(note.row, note.kind) for note in await noted_of(context, org, result)] == [
        (4, "refused"), (5, "duplicate"), (6, "repaired"),
    ]  # fmt: skip
    assert [note.row for note in await noted_of(context, org, result, "refused", "repaired")] == [4, 6]
    assert (await noted_of(context, org, result))[0].cells == ["", "", "not a number", "x@example.com", "", ""]


def test_of_a_row_that_is_too_long_the_longest_cells_are_cut_and_it_says_so():
    cells = ["Ann", "x" * 100_000, "", "07700 900101", "y" * 50_000, "z" * 10_000]
    number, kind, reason, kept = note(7, "refused", "There is no phone number.", cells)
    assert (number, kind) == (7, "refused")
    assert reason == "There is no phone number. The row is too long to be kept whole: what stands here of it is cut."
    assert [len(cell) for cell in kept] == [3, (MOST_KEPT - 10_015) // 2, 0, 12, (MOST_KEPT - 10_015) // 2, 10_000]
    wide = note(7, "repaired", "email: left out what is no e-mail address", ["a"] * 600)
    assert (len(wide[3]), wide[2].partition(". ")[2][:20]) == (500, "The row is too long ")
    assert note(7, "refused", "So.", [*cells[:1], *[""] * 600]) == (7, "refused", "So.", [*cells[:1], *[""] * 499])


@given(st.lists(st.integers(0, 20_000), max_size=12))
def test_what_is_kept_of_a_row_is_bounded_and_short_rows_are_kept_whole(lengths: list[int]):
    cells = ["x" * length for length in lengths]
    kept = note(2, "refused", "So.", cells)[3]
    assert len(kept) == len(cells)
    assert sum(map(len, kept)) <= MOST_KEPT
    assert (kept == cells) == (sum(lengths) <= MOST_KEPT)
    shorter = [len(now) for now, was in zip(kept, cells, strict=True) if len(now) < len(was)]
    assert not shorter or max(map(len, kept)) == max(shorter)


# --- undoing ----------------------------------------------------------------------------------------------------------


async def undone(context: Context, org: Organization, result: ImportResult) -> ImportResult:
    async with context.works.begin(org.actor) as work:
        return await campaigns.undo_import(work, result.id)


async def left(context: Context, org: Organization) -> set[str]:
    async with context.works.begin(org.actor) as work:
        return {lead.first_name for lead in (await leads.page(work, LeadFilter())).items}


async def test_an_import_is_undone_as_if_it_had_not_been(context, org, dataset):
    result = await imported(context, org, dataset)
    taken_back = await undone(context, org, result)
    assert (taken_back.members_removed, taken_back.leads_removed) == (3, 3)
    assert await left(context, org) == set()
    async with context.works.begin(org.actor) as work:
        assert (await datasets.get(work, dataset.id)).total_leads == 0
        assert await work.fetchval("select count(*) from lead_identities where org_id = $1", org.id) == 0
        assert await work.fetchval("select action from audit_log where org_id = $1", org.id) == "import.undone"
    assert (await imported(context, org, dataset)).successful == 3


async def test_undoing_twice_changes_nothing_more(context, org, dataset, clock):
    result = await imported(context, org, dataset)
    first = await undone(context, org, result)
    await imported(context, org, dataset)
    clock.move(timedelta(minutes=1))
    assert await undone(context, org, result) == first
    assert len(await left(context, org)) == 3


async def test_undoing_keeps_who_was_there_before_is_elsewhere_or_was_contacted_booked_or_changed(
    context, org, dataset, a_dataset, a_lead, carrier
):
    from frontdesk.domain.conversations.service import sending

    await a_lead(first_name="Before", phone="+447700900104")
    other = await a_dataset("Other")
    await imported(context, org, other, CSV.splitlines()[0] + "\nElsewhere,,07700 900105,,,\n")
    names = ["Before", "Elsewhere", "Texted", "Changed", "Refused", "Rang", "Untouched"]
    rows = "".join(f"{name},,07700 900{place},,,\n" for place, name in enumerate(names, start=104))
    result = await imported(context, org, dataset, CSV.splitlines()[0] + "\n" + rows)
    async with context.works.begin(org.actor) as work:
        found = {lead.first_name: lead for lead in (await leads.page(work, LeadFilter())).items}
    await sending.send_by_hand(context, org.actor, found["Texted"].id, "Hello")
    context.works.clock.move(timedelta(seconds=1))
    async with context.works.begin(org.actor) as work:
        await leads.change(work, found["Changed"].id, LeadChange(notes="rings after six"))
        await contactability.suppress(work, found["Refused"].phone, "by_hand")
    await make_call(context, org, "CA1", sender=found["Rang"].phone)
    taken_back = await undone(context, org, result)
    assert taken_back.members_removed == 7
    assert "Untouched" not in await left(context, org)
    assert {"Before", "Elsewhere", "Texted", "Changed", "Rang"} <= await left(context, org)
    async with context.works.begin(org.actor) as work:
        assert (await contactability.list_suppressions(work, 1, 10)).total == 1


async def test_nothing_is_undone_while_the_campaign_runs(context, org, dataset, carrier):
    result = await imported(context, org, dataset)
    async with context.works.begin(org.actor) as work:
        await campaigns.start(work, dataset.id)
    with pytest.raises(ImportNotUndone, match="Pause it first"):
        await undone(context, org, result)
    async with context.works.begin(org.actor) as work:
        await campaigns.pause(work, dataset.id)
    assert (await undone(context, org, result)).members_removed == 3


async def test_who_may_undo(context, org, other_org, dataset):
    result = await imported(context, org, dataset)
    manager = structs.replace(org.actor, id=new_id(), role=Role.MANAGER, permissions=PERMISSIONS_OF[Role.MANAGER])
    for actor, error in ((manager, Forbidden), (other_org.actor, ImportNotFound)):
        with pytest.raises(error):
            async with context.works.begin(actor) as work:
                await campaigns.undo_import(work, result.id)
    upload = await imports.upload(context, manager, "a.csv", chunks(CSV.encode()))
    own = await imports.run(context, manager, upload.id, dataset.id, MAPPING)
    async with context.works.begin(manager) as work:
        await campaigns.undo_import(work, own.id)


# --- later ------------------------------------------------------------------------------------------------------------


async def test_an_import_put_down_for_later_is_done_once(context, org, dataset):
    upload = await uploaded(context, org)
    async with context.works.begin(org.actor) as work:
        begun = await imports.begin_later(work, upload.id, dataset.id, MAPPING)
    assert (begun.state, begun.total_rows, begun.percent) == (ImportState.WAITING, 5, 0)
    assert await left(context, org) == set()
    for _ in range(2):
        await import_file(context, ImportDue(org.id, begun.id))
    async with context.works.begin(org.actor) as work:
        done = await imports.result(work, begun.id)
    assert (done.state, done.successful, done.percent) == (ImportState.DONE, 3, 100)
    assert len(await left(context, org)) == 3


async def test_an_import_whose_process_has_gone_is_seen_to_be_and_can_be_run_again(context, org, dataset, clock):
    upload = await uploaded(context, org)
    async with context.works.begin(org.actor) as work:
        begun = await imports.begin(work, upload.id, dataset.id, MAPPING)
        await import_store.show_life(work, begun.id, 2)
    async with context.works.begin(org.actor) as work:
        assert not (await imports.result(work, begun.id)).interrupted(clock.now())
        await imports.again(work, begun.id)  # it runs: nothing happens
        assert (await imports.result(work, begun.id)).state is ImportState.RUNNING
    clock.move(timedelta(minutes=2))
    async with context.works.begin(org.actor) as work:
        assert (await imports.result(work, begun.id)).interrupted(clock.now())
        await imports.again(work, begun.id)
        assert (await imports.result(work, begun.id)).state is ImportState.WAITING
    await import_file(context, ImportDue(org.id, begun.id))
    assert len(await left(context, org)) == 3
