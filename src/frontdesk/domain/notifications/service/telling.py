"""Who is told what: a reader of the event log, and words that another program sends."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.identity.model import actor_of_member
from frontdesk.domain.notifications import store
from frontdesk.domain.notifications.errors import RecipientNotFound
from frontdesk.domain.notifications.events import Notified
from frontdesk.domain.notifications.model import CONCERNS, DEFAULTS, Kind, News, Preference, is_link
from frontdesk.domain.notifications.tasks import MAIL, MailsDue
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.errors import MemberNotFound
from frontdesk.domain.organizations.model import Member, MemberStatus
from frontdesk.kernel.access import Actor, ActorType, Permission, system_actor
from frontdesk.kernel.errors import Invalid
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.events import Event
from frontdesk.platform.queue import enqueue

READER = "notifications"
TYPES = frozenset({
    "lead.hot", "conversation.handoff", "appointment.created", "campaign.completed", "campaign.paused",
    "lead.imported", "message.failed", "call.analyzed", "usage.warned", "webhook.disabled",
    "integration.lapsed",
})  # fmt: skip
"""Events that people may be told of."""

GATHERED = timedelta(seconds=20)
"""Wall time that a mail waits for what happens together: a lead becomes hot and books in one text."""
FAILURES = 20
"""Texts of a campaign that fail within an hour until people are told."""

_TROUBLE_COUNTED = timedelta(hours=1)
_TROUBLE_AGAIN = timedelta(days=1)
_CAMPAIGN = {"m1", "m2", "m3"}


class Told(Struct, frozen=True, kw_only=True):
    """Words that another program sends to one person."""

    title: str
    message: str
    link: str = ""
    channels: frozenset[str]
    """Of email, sms, in_app."""
    at_once: bool = False


async def react(work: Work, event: Event) -> None:
    """React to an event: tell those whom it concerns and who want to be told. Idempotent by the event."""
    news = await _news(work, event)
    if news is None:
        return
    recipients = await _recipients(work, news, event)
    made = await store.insert(work, news, recipients, event.id, event.subject_id)
    await _announce(work, event.subject_id, made, recipients, GATHERED)


async def _news(work: Work, event: Event) -> News | None:
    """What an event means to people, if anything."""
    told = event.payload
    match event.type:
        case "lead.hot":
            return News(kind=Kind.LEAD_HOT, lead_id=event.subject_id)
        case "conversation.handoff":
            return News(kind=Kind.WANTS_PERSON, lead_id=UUID(told["lead_id"]))
        case "call.analyzed" if told.get("needs_person"):
            return News(kind=Kind.CALLER_WAITS, lead_id=UUID(told["lead_id"]) if told["lead_id"] else None)
        case "appointment.created":
            lead_id = UUID(told["lead_id"]) if told.get("lead_id") else None
            return News(kind=Kind.CALL_BOOKED, lead_id=lead_id, data={"starts_at": told["starts_at"]})
        case "campaign.completed":
            why = {"why": str(told.get("why") or "")}
            return News(kind=Kind.CAMPAIGN_COMPLETED, dataset_id=event.subject_id, data=why)
        case "campaign.paused" if event.actor_type == ActorType.SYSTEM:
            return News(kind=Kind.CAMPAIGN_STOPPED, dataset_id=event.subject_id)
        case "lead.imported" if told["failed"]:
            counts = {"refused": told["failed"], "successful": told["successful"]}
            return News(kind=Kind.IMPORT_REFUSALS, dataset_id=UUID(told["dataset_id"]), data=counts)
        case "usage.warned":
            return News(kind=Kind.USAGE, data={"metered": told["kind"], "percent": told["percent"]})
        case "message.failed" if told.get("dataset_id") and told.get("category") in _CAMPAIGN:
            return await _trouble(work, UUID(told["dataset_id"]), event)
        case "webhook.disabled":
            return News(kind=Kind.WEBHOOK_DISABLED, data={"reason": told["reason"]})
        case "integration.lapsed":
            return News(kind=Kind.CONNECTION_LAPSED, data={"kind": told["kind"], "provider": told["provider"]})
        case _:
            return None


async def _trouble(work: Work, dataset_id: UUID, event: Event) -> News | None:
    """That a campaign's texts fail, once a day, when so many did within the hour."""
    at = event.occurred_at
    failed = await store.count_failure(work, dataset_id, at, at - _TROUBLE_COUNTED)
    if failed < FAILURES or not await store.claim_trouble(work, dataset_id, at, at - _TROUBLE_AGAIN):
        return None
    return News(kind=Kind.CAMPAIGN_TROUBLE, dataset_id=dataset_id, data={"failed": failed})


async def _recipients(work: Work, news: News, event: Event) -> list[tuple[UUID, Preference]]:
    """Who is told, and how: whoever may see it and do something about it, but for those who did it themselves."""
    assigned_to, datasets = None, set[UUID]()
    if news.lead_id is not None:
        found = await store.lead_of(work, news.lead_id)
        if found is None:
            return []
        assigned_to, datasets = found
    elif news.dataset_id is not None:
        if not await store.dataset_exists(work, news.dataset_id):
            return []
        datasets = {news.dataset_id}
    did_it = event.actor_id if event.actor_type == ActorType.USER else None
    concerned: list[Member] = []
    for member in await organizations.list_members(work):
        actor = _actor(member)
        if member.status is not MemberStatus.ACTIVE or not _may_see(actor, datasets):
            continue
        if news.kind is Kind.IMPORT_REFUSALS and member.user_id == did_it:
            concerned.append(member)
        elif member.user_id == did_it or not actor.may(CONCERNS[news.kind]):
            continue
        # A lead that is somebody's concerns them, and those who run the whole.
        elif assigned_to in (None, member.user_id) or actor.may(Permission.RUN_CAMPAIGNS):
            concerned.append(member)
    return await _wanted(work, news.kind, [member.user_id for member in concerned])


def _actor(member: Member) -> Actor:
    return actor_of_member(
        member.user_id, member.email, member.org_id, member.role, member.extra_permissions, member.allowed_dataset_ids
    )


def _may_see(actor: Actor, datasets: Iterable[UUID]) -> bool:
    return actor.allowed_datasets is None or not actor.allowed_datasets.isdisjoint(datasets)


async def _wanted(work: Work, kind: Kind, user_ids: list[UUID]) -> list[tuple[UUID, Preference]]:
    chosen = await store.preferences(work, user_ids)
    wanted = [(user_id, chosen.get((user_id, kind), DEFAULTS[kind])) for user_id in user_ids]
    return [(user_id, each) for user_id, each in wanted if each.in_console or each.by_mail]


async def _announce(
    work: Work,
    subject_id: UUID,
    made: list[tuple[UUID, UUID]],
    recipients: list[tuple[UUID, Preference]],
    gathered: timedelta | None,
) -> None:
    """Tell the consoles that are open, and have mailed what is wanted by mail: at once where `gathered` is None."""
    if not made:
        return
    wanted = dict(recipients)
    work.emit(Notified(subject_id=subject_id, user_ids=[user_id for user_id, _ in made]))
    run_at = None if gathered is None else work.now + work.clock.lasting(gathered)
    for user_id, _ in made:
        if wanted[user_id].by_mail:
            await enqueue(work, MAIL, MailsDue(work.org_id, user_id, gathered is None), run_at=run_at)


async def send(context: Context, user_id: UUID, told: Told, org_id: UUID | None = None) -> UUID | None:
    """Tell one person something, as far as they want to be told: in `org_id`, or the organisation they joined first.

    Returns the notification's id, or None where the person wants none of the channels. Members have no phone numbers
    here, so `sms` reaches nobody. Raises RecipientNotFound, Invalid.
    """
    title, message = told.title.strip(), told.message.strip()
    if not title or len(title) > 200 or not title.isprintable():
        raise Invalid("title needs 1 to 200 characters in one line.", field="title")
    if len(message) > 5_000:
        raise Invalid("message must not be longer than 5,000 characters.", field="message")
    if told.link and (len(told.link) > 2_000 or not is_link(told.link)):
        raise Invalid("link must be a path or a web address.", field="link")
    async with context.works.across_tenants("notify a person") as work:
        found = await store.organization_of(work, user_id, org_id)
    if found is None:
        raise RecipientNotFound
    data: dict[str, Any] = {"title": title, "message": message, "link": told.link}
    async with context.works.begin(system_actor(found)) as work:
        try:
            await organizations.get_member(work, user_id)
        except MemberNotFound as error:
            raise RecipientNotFound from error
        wanted = [
            (
                user_id,
                Preference(each.in_console and "in_app" in told.channels, each.by_mail and "email" in told.channels),
            )
            for _, each in await _wanted(work, Kind.MESSAGE, [user_id])
        ]
        wanted = [(each, how) for each, how in wanted if how.in_console or how.by_mail]
        made = await store.insert(work, News(kind=Kind.MESSAGE, data=data), wanted, None, None)
        await _announce(work, user_id, made, wanted, None if told.at_once else GATHERED)
    return made[0][1] if made else None
