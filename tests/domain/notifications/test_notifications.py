"""Who is told what, in the console and by mail, and that nobody is told of others' leads or told twice."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs
from tests.fixtures.business import MakeDataset, MakeLead, RememberingMailer
from tests.fixtures.calendars import at_sandbox
from tests.fixtures.calls import CALLER, MakeCall
from tests.fixtures.organizations import Organization

from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import EndedReason
from frontdesk.domain.calls.service import analyzing
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.conversations.events import MessageFailed
from frontdesk.domain.conversations.service import inbound, replies
from frontdesk.domain.leads.events import LeadHot, LeadsImported
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.service import datasets
from frontdesk.domain.notifications.errors import NotificationNotFound, RecipientNotFound
from frontdesk.domain.notifications.model import Kind, Notification, Preference, is_link
from frontdesk.domain.notifications.service import mailing, reading, telling
from frontdesk.domain.notifications.service.telling import FAILURES, Told
from frontdesk.domain.notifications.tasks import MailsDue
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.kernel.access import PERMISSIONS_OF, Actor, ActorType, Role, system_actor
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work, Works
from frontdesk.platform.events import Event, Fact

Join = Callable[..., Awaitable[Actor]]


@pytest.fixture
def join(works: Works, org: Organization) -> Join:
    """Makes members of `org`."""

    async def make(role: Role = Role.AGENT, held_to: list[UUID] | None = None, status: str = "active") -> Actor:
        user_id = new_id()
        email = f"{role}-{user_id.hex[-8:]}@example.com"
        async with works.across_tenants("tests") as work:
            await work.execute(
                "insert into users (id, email, first_name, created_at, updated_at) values ($1, $2, 'Mo', $3, $3)",
                user_id, email, work.now,
            )  # fmt: skip
            await work.execute(
                """insert into memberships (org_id, user_id, role, allowed_dataset_ids, status, created_at, updated_at)
                   values ($1, $2, $3, $4, $5, $6, $6)""",
                org.id, user_id, role.value, held_to, status, work.now,
            )  # fmt: skip
        return Actor(
            type=ActorType.USER, id=user_id, org_id=org.id, role=role, permissions=PERMISSIONS_OF[role], email=email,
            allowed_datasets=None if held_to is None else frozenset(held_to),
        )  # fmt: skip

    return make


async def tell(works: Works, by: Actor, *facts: Fact) -> None:
    """Emit facts as `by`, and let the reader react to them."""
    async with works.begin(by) as work:
        for fact in facts:
            work.emit(fact)
    await read_on(works, by.org_id)


async def read_on(works: Works, org_id: UUID | None) -> None:
    """Let the reader react to what it has not seen yet, as its loop would."""
    assert org_id is not None
    async with works.across_tenants("tests") as work:
        rows = await work.fetch(
            "select *, 1 as sequence, written as position from events where org_id = $1 order by written", org_id
        )
        fresh = [{name: row[name] for name in Event.__struct_fields__} for row in rows if row["type"] in telling.TYPES]
    for event in [Event(**one) for one in fresh]:
        async with works.begin(system_actor(org_id)) as work:
            await telling.react(work, event)


async def told(works: Works, who: Actor) -> list[Notification]:
    async with works.read(who) as work:
        return (await reading.listed(work, 50)).items


def hot(lead: Lead) -> LeadHot:
    return LeadHot(subject_id=lead.id, reason="ai")


async def mail_to(context: Context, who: Actor, *, at_once: bool = False) -> list[Any]:
    assert who.org_id is not None
    assert who.id is not None
    await mailing.mail_due(context, MailsDue(who.org_id, who.id, at_once))
    mailer = context.mailer
    assert isinstance(mailer, RememberingMailer)
    return [mail for mail in mailer.sent if mail.to == who.email]


async def test_a_hot_lead_is_told_once_to_those_who_can_answer(
    works: Works, org: Organization, a_lead: MakeLead, join: Join
) -> None:
    agent, viewer, gone = await join(), await join(Role.VIEWER), await join(status="suspended")
    lead = await a_lead(first_name="Dana", last_name="Fox")
    await tell(works, system_actor(org.id), hot(lead))
    await read_on(works, org.id)
    [one] = await told(works, agent)
    assert one.title() == "Dana Fox is hot"
    assert one.link == f"/console/leads/{lead.id}"
    assert len(await told(works, org.actor)) == 1
    assert await told(works, viewer) == []
    assert await told(works, gone) == []


async def test_nobody_is_told_of_leads_they_may_not_see(
    works: Works, org: Organization, a_lead: MakeLead, a_dataset: MakeDataset, join: Join, context: Context
) -> None:
    mine, theirs = await a_dataset("Mine"), await a_dataset("Theirs")
    held = await join(held_to=[mine.id])
    await tell(works, system_actor(org.id), hot(await a_lead(dataset=theirs)))
    assert await told(works, held) == []
    lead = await a_lead(dataset=mine, first_name="Ann")
    await tell(works, system_actor(org.id), hot(lead))
    assert [one.who for one in await told(works, held)] == ["Ann"]
    # Moved away before the mail went out, and before the list was opened again.
    async with works.begin(org.actor) as work:
        await work.execute("update dataset_leads set dataset_id = $2 where lead_id = $1", lead.id, theirs.id)
    assert await told(works, held) == []
    assert await mail_to(context, held) == []


async def test_what_one_does_oneself_is_no_news(works: Works, org: Organization, a_lead: MakeLead, join: Join) -> None:
    agent = await join()
    lead = await a_lead()
    async with works.begin(agent) as work:
        [slot, *_] = await scheduling.free_slots(work)
        await scheduling.book(work, lead.id, slot.start)
    await read_on(works, org.id)
    assert await told(works, agent) == []
    [one] = await told(works, org.actor)
    assert one.title() == "A call with Dana was booked"
    assert one.detail(ZoneInfo("Europe/London")) == f"{slot.start:%A} {slot.start.day} {slot.start:%B %Y, %H:%M}"


async def test_an_assigned_lead_concerns_its_person_and_those_who_run_the_whole(
    works: Works, org: Organization, a_lead: MakeLead, join: Join
) -> None:
    hers, other, manager = await join(), await join(), await join(Role.MANAGER)
    await tell(works, system_actor(org.id), hot(await a_lead(assigned_to=hers.id)))
    assert [len(await told(works, each)) for each in (hers, other, manager)] == [1, 0, 1]


async def test_an_import_with_refusals_is_told_to_whoever_began_it(
    works: Works, org: Organization, a_dataset: MakeDataset, join: Join
) -> None:
    dataset, agent, other = await a_dataset("Spring"), await join(), await join()
    done = LeadsImported(subject_id=new_id(), dataset_id=dataset.id, successful=10, failed=1, duplicates=0)
    await tell(works, agent, structs.replace(done, subject_id=new_id(), failed=0), done)
    [one] = await told(works, agent)
    assert one.title() == "1 row of an import was refused"
    assert one.detail(ZoneInfo("UTC")) == "10 leads were taken into “Spring”."
    assert one.link == f"/console/imports/done/{done.subject_id}"
    assert await told(works, other) == []
    assert len(await told(works, org.actor)) == 1


async def test_a_campaign_tells_when_it_is_done_and_once_a_day_when_its_texts_fail(
    works: Works, org: Organization, a_lead: MakeLead, a_dataset: MakeDataset, join: Join, clock: FrozenClock
) -> None:
    dataset, agent, manager = await a_dataset("Spring"), await join(), await join(Role.MANAGER)
    lead = await a_lead(dataset=dataset)

    async def fail(times: int, category: str = "m1") -> None:
        fact = MessageFailed(
            subject_id=lead.id, conversation_id=lead.id, lead_id=lead.id, category=category, dataset_id=dataset.id
        )
        async with works.begin(system_actor(org.id)) as work:
            for _ in range(times):
                await telling.react(work, _event(work, fact))

    await fail(FAILURES - 1)
    clock.move(timedelta(hours=1))
    await fail(FAILURES - 1)
    await fail(5, "ai_response")
    assert await told(works, org.actor) == []
    await fail(20)
    [one] = await told(works, org.actor)
    assert one.title() == "Texts of the campaign “Spring” are failing"
    assert f"{FAILURES} did not go out" in one.detail(ZoneInfo("UTC"))
    clock.move(timedelta(hours=23))
    await fail(50)
    assert len(await told(works, org.actor)) == 1
    async with works.begin(system_actor(org.id)) as work:
        await campaigns.start(work, dataset.id)
    async with works.begin(manager) as work:
        await campaigns.pause(work, dataset.id)
        await campaigns.resume(work, dataset.id)
    async with works.begin(system_actor(org.id)) as work:
        await campaigns.pause(work, dataset.id)
        await campaigns.complete(work, dataset.id)
    await read_on(works, org.id)
    assert [one.kind for one in await told(works, org.actor)] == [
        Kind.CAMPAIGN_COMPLETED,
        Kind.CAMPAIGN_STOPPED,
        Kind.CAMPAIGN_TROUBLE,
    ]
    assert (await told(works, org.actor))[0].title() == "The campaign “Spring” was ended"
    assert len(await told(works, manager)) == 3
    assert await told(works, agent) == []


def _event(work: Work, fact: MessageFailed) -> Event:
    payload = {
        "category": fact.category, "dataset_id": str(fact.dataset_id), "lead_id": str(fact.lead_id),
        "conversation_id": str(fact.conversation_id),
    }  # fmt: skip
    return Event(
        new_id(), work.org_id, fact.TYPE, fact.SUBJECT, fact.subject_id, "system", None, payload, 1, work.now, 1, 1
    )


async def test_people_choose_what_they_are_told_and_how(
    works: Works, org: Organization, a_lead: MakeLead, join: Join, context: Context
) -> None:
    agent = await join()
    async with works.begin(agent) as work:
        assert Kind.CAMPAIGN_TROUBLE not in await reading.preferences(work)
        await reading.choose(work, {Kind.LEAD_HOT: Preference(in_console=False, by_mail=True)})
        await reading.choose(work, {Kind.CALL_BOOKED: Preference(in_console=False, by_mail=False)})
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        [slot, *_] = await scheduling.free_slots(work)
        await scheduling.book(work, lead.id, slot.start)
    await tell(works, system_actor(org.id), hot(lead))
    assert await told(works, agent) == []
    assert [mail.subject for mail in await mail_to(context, agent)] == ["Dana is hot (Acme Kitchens)"]


async def test_a_burst_is_one_mail_and_then_a_digest(
    works: Works, org: Organization, a_lead: MakeLead, join: Join, context: Context, clock: FrozenClock
) -> None:
    agent = await join()
    await tell(works, system_actor(org.id), hot(await a_lead(first_name="Ann")))
    [first] = await mail_to(context, agent)
    assert "Ann is hot." in first.text
    for name in ("Bea", "Cid", "Dot"):
        await tell(works, system_actor(org.id), hot(await a_lead(first_name=name)))
        assert len(await mail_to(context, agent)) == 1
    clock.move(mailing.PAUSE)
    [_, digest] = await mail_to(context, agent)
    assert digest.subject == "3 notifications from Acme Kitchens"
    assert [name in digest.text for name in ("Ann", "Bea", "Cid", "Dot")] == [False, True, True, True]
    clock.move(mailing.PAUSE)
    assert len(await mail_to(context, agent)) == 2


async def test_what_was_read_in_the_console_is_not_mailed(
    works: Works, org: Organization, a_lead: MakeLead, join: Join, context: Context
) -> None:
    agent = await join()
    await tell(works, system_actor(org.id), hot(await a_lead()))
    async with works.begin(agent) as work:
        assert await reading.unread_count(work) == 1
        assert await reading.mark_all_read(work) == 1
        assert await reading.mark_all_read(work) == 0
        assert await reading.unread_count(work) == 0
    assert await mail_to(context, agent) == []


async def test_one_is_read_and_unread_again_by_its_person_only(
    works: Works, org: Organization, a_lead: MakeLead, join: Join
) -> None:
    agent, other = await join(), await join()
    await tell(works, system_actor(org.id), hot(await a_lead()))
    [one] = await told(works, agent)
    async with works.begin(agent) as work:
        assert (await reading.mark(work, one.id)).read_at == work.now
        assert (await reading.mark(work, one.id, read=False)).read_at is None
        assert (await reading.listed(work, 10, unread=True)).total == 1
    async with works.begin(other) as work:
        with pytest.raises(NotificationNotFound):
            await reading.mark(work, one.id)
    async with works.begin(structs.replace(org.actor, type=ActorType.API_KEY)) as work:
        with pytest.raises(Forbidden):
            await reading.listed(work, 10)


async def test_a_lead_that_goes_takes_what_was_told_of_it_along(
    works: Works, org: Organization, a_lead: MakeLead, a_dataset: MakeDataset
) -> None:
    dataset = await a_dataset()
    lead = await a_lead(dataset=dataset)
    await tell(works, system_actor(org.id), hot(lead))
    async with works.begin(org.actor) as work:
        await datasets.delete(work, dataset.id)
    assert await told(works, org.actor) == []
    async with works.begin(system_actor(org.id)) as work:
        await telling.react(
            work, Event(new_id(), org.id, "lead.hot", "lead", lead.id, "system", None, {}, 1, work.now, 1, 1)
        )
    assert await told(works, org.actor) == []


async def test_old_ones_go(works: Works, org: Organization, a_lead: MakeLead, clock: FrozenClock) -> None:
    await tell(works, system_actor(org.id), hot(await a_lead()))
    clock.move(reading.KEPT + timedelta(seconds=1))
    await reading.forget_old(works)
    assert await told(works, org.actor) == []


async def test_another_program_tells_one_person(
    works: Works, org: Organization, other_org: Organization, context: Context
) -> None:
    words = Told(title="Invoice due", message="By Friday.", link="/console/settings", channels=frozenset({"in_app"}))
    assert await telling.send(context, org.owner_id, words) is not None
    [one] = await told(works, org.actor)
    assert (one.title(), one.detail(ZoneInfo("UTC")), one.link) == ("Invoice due", "By Friday.", "/console/settings")
    assert await mail_to(context, org.actor) == []
    urgent = structs.replace(words, channels=frozenset({"email", "sms"}), at_once=True)
    await telling.send(context, org.owner_id, urgent)
    await telling.send(context, org.owner_id, urgent)
    assert [mail.subject for mail in await mail_to(context, org.actor, at_once=True)] == [
        "2 notifications from Acme Kitchens"
    ]
    assert await telling.send(context, org.owner_id, structs.replace(words, channels=frozenset({"sms"}))) is None
    for who, where in ((new_id(), None), (org.owner_id, other_org.id)):
        with pytest.raises(RecipientNotFound):
            await telling.send(context, who, words, where)
    for wrong in ({"title": " "}, {"link": "javascript:alert(1)"}, {"link": "//evil.example"}, {"message": "x" * 5001}):
        with pytest.raises(Invalid):
            await telling.send(context, org.owner_id, structs.replace(words, **wrong))


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("/console", True), ("https://app.example/leads/1", True), ("//evil.example", False), ("/\\evil", False),
        ("javascript:alert(1)", False), ("http://", False), ("http://[", False), ("data:text/html,x", False),
    ],
)  # fmt: skip
def test_a_link_leads_to_a_page(text: str, good: bool) -> None:
    assert is_link(text) is good


async def test_a_lead_who_wants_a_person_is_told_with_the_way_to_the_conversation(
    works: Works, org: Organization, a_lead: MakeLead, join: Join, context: Context, clock: FrozenClock
) -> None:
    agent, lead = await join(), await a_lead(first_name="Dana")
    await inbound.receive(context, org.number, lead.phone or "", "Can I speak to a real person please?", "sandbox", "1")
    clock.move(timedelta(minutes=2))
    await replies.process_pending(context)
    await read_on(works, org.id)
    [one] = [one for one in await told(works, agent) if one.kind is Kind.WANTS_PERSON]
    assert one.title() == "Dana wants to talk to a person"
    assert one.link == f"/console/inbox/{one.conversation_id}"


async def test_a_caller_who_could_not_be_helped_is_told_with_the_way_to_the_call(
    works: Works, org: Organization, join: Join, context: Context, a_call: MakeCall
) -> None:
    agent = await join()
    for said, sender in (("What are your hours?", "+447700900778"), ("My name is Dana Fox. My tap leaks.", CALLER)):
        opened = await a_call(said, "Nine to five.", sender=sender)
        await calls.complete(works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
        await analyzing.analyze(context, org.id, opened.call.id)
    await read_on(works, org.id)
    [one] = [one for one in await told(works, agent) if one.kind is Kind.CALLER_WAITS]
    assert one.title() == "Dana Fox called, and is to be called back"
    assert one.link == f"/console/calls/{opened.call.id}"


async def test_a_connection_that_lapsed_is_told_once_to_those_who_may_connect_it_again(
    context: Context, works: Works, org: Organization, join: Join
) -> None:
    at = at_sandbox(context, org)
    tokens = await at.connect()
    await at.consent.revoke(tokens)
    admin, agent = await join(Role.ADMIN), await join()
    for _ in range(2):
        await scheduling.free_on(at.context, org.actor, works.clock.now().date() + timedelta(days=1))
        await read_on(works, org.id)
    [lapsed] = await told(works, admin)
    assert (lapsed.kind, lapsed.link) == (Kind.CONNECTION_LAPSED, "/console/integrations")
    assert lapsed.title() == "Google Calendar does not let us in any more"
    assert [each.id for each in await told(works, org.actor)] != [lapsed.id]
    assert await told(works, agent) == []
    [mail] = await mail_to(context, admin)
    assert mail.subject == "Google Calendar does not let us in any more (Acme Kitchens)"
    assert "Connect it again." in mail.text
