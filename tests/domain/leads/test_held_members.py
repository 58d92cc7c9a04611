"""What a member who is held to some datasets sees of the others, in every feature: nothing."""

import pytest
from msgspec import structs
from tests.domain.leads.test_imports import MAPPING, uploaded
from tests.fixtures.business import MakeDataset, MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.domain.activity import service as activity
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.conversations.model import InboxFilter
from frontdesk.domain.conversations.service import inbound, inbox
from frontdesk.domain.leads.errors import ImportNotFound, LeadNotFound, UploadNotFound
from frontdesk.domain.leads.service import datasets, imports
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.scheduling.errors import BookingNotFound
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context


async def test_a_held_member_sees_only_what_is_of_its_datasets(
    context: Context, org: Organization, a_dataset: MakeDataset, a_lead: MakeLead
) -> None:
    mine, theirs = await a_dataset("Mine"), await a_dataset("Theirs")
    lead, hidden = await a_lead(dataset=mine), await a_lead(dataset=theirs)
    upload = await uploaded(context, org)
    done = (await campaigns.import_leads(context, org.actor, upload.id, theirs.id, MAPPING)).result
    for each in (lead, hidden):
        await inbound.receive(context, org.number, each.phone or "", "hello?", "sandbox", f"IN{each.id}")
    async with context.works.begin(org.actor) as work:
        await contactability.suppress(work, hidden.phone or "", "by_hand")
        slots = await scheduling.free_slots(work)
        booked = [
            await scheduling.book(work, each.id, slot.start) for each, slot in zip((lead, hidden), slots, strict=False)
        ]
        for each in (lead, hidden):
            await work.execute(
                """insert into activity
                       (org_id, event_id, position, type, subject_type, subject_id, summary, occurred_at)
                   values ($1, $2, 1, 'message.received', 'lead', $3, 'x', $4)""",
                org.id, new_id(), each.id, work.now,
            )  # fmt: skip
    held = structs.replace(org.actor, id=new_id(), allowed_datasets=frozenset({mine.id}))
    async with context.works.begin(held) as work:
        assert [line.lead.id for line in (await inbox.page(work, InboxFilter())).lines] == [lead.id]
        assert (await inbox.counts(work)).unread == 1
        assert [one.lead_id for one in await scheduling.upcoming(work, work.now, slots[-1].end)] == [lead.id]
        assert [line.subject_id for line in await activity.recent(work)] == [lead.id]
        seen = await activity.overview(work)
        assert (sum(seen.leads.values()), seen.replies_today, seen.bookings_upcoming, seen.unread) == (1, 1, 1, 1)
        assert (seen.days[-1].replies, seen.days[-1].bookings) == (1, 1)
        assert sum((await datasets.totals(work)).values()) == 1
        assert (await contactability.list_suppressions(work, 1, 10)).total == 0
        with pytest.raises(LeadNotFound):
            await contactability.decisions_of_lead(work, hidden.id)
        with pytest.raises(BookingNotFound):
            await scheduling.cancel(work, booked[1].id)
        with pytest.raises(ImportNotFound):
            await imports.notes(work, done.id)
        with pytest.raises(ImportNotFound):
            await imports.result(work, done.id)
        with pytest.raises(UploadNotFound):
            await imports.get_upload(work, upload.id)
