"""The SQL of notifications. What one person reads is theirs, and only of leads and datasets that they may see."""

from datetime import datetime
from typing import Any
from uuid import UUID

from frontdesk.domain.leads.store import allowed, seen
from frontdesk.domain.notifications.model import Kind, News, Notification, Preference
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Row, Work, record

_COLUMNS = """n.id, n.kind, n.subject_id, n.lead_id, n.dataset_id, n.data, n.created_at, n.read_at,
    coalesce(concat_ws(' ', nullif(l.first_name, ''), nullif(l.last_name, '')), '') as who,
    coalesce(d.name, '') as dataset,
    (select c.id from conversations c where c.org_id = n.org_id and c.lead_id = n.lead_id
     order by c.last_message_at desc nulls last limit 1) as conversation_id"""
_NAMES = """left join leads l on l.org_id = n.org_id and l.id = n.lead_id
    left join datasets d on d.org_id = n.org_id and d.id = n.dataset_id"""


def _seen(place: int) -> str:
    """The clause that hides what the reader may no longer see."""
    return (
        f"(${place}::uuid[] is null or (n.lead_id is null and (n.dataset_id is null or n.dataset_id = any(${place})))"
        f" or (n.lead_id is not null and {seen('n.lead_id', place)}))"
    )


async def lead_of(work: Work, lead_id: UUID) -> tuple[UUID | None, set[UUID]] | None:
    """To whom a lead is assigned, and which datasets hold it; None where it is gone."""
    row = await work.fetchrow(
        """select assigned_to, array(select dataset_id from dataset_leads d
                                     where d.org_id = l.org_id and d.lead_id = l.id) as datasets
           from leads l where org_id = $1 and id = $2""",
        work.org_id, lead_id,
    )  # fmt: skip
    return None if row is None else (row["assigned_to"], set(row["datasets"]))


async def dataset_exists(work: Work, dataset_id: UUID) -> bool:
    """Whether it is still there."""
    return await work.fetchval(
        "select exists (select from datasets where org_id = $1 and id = $2)", work.org_id, dataset_id
    )


async def count_failure(work: Work, dataset_id: UUID, at: datetime, hour_ago: datetime) -> int:
    """Note that a text of the campaign failed, and return how many did since the count began, within the hour."""
    return await work.fetchval(
        """insert into campaign_troubles as t (org_id, dataset_id, since, failed)
           select $1, id, $3, 1 from datasets where org_id = $1 and id = $2
           on conflict (org_id, dataset_id) do update
               set failed = case when t.since <= $4 then 1 else t.failed + 1 end,
                   since = case when t.since <= $4 then $3 else t.since end
           returning failed""",
        work.org_id, dataset_id, at, hour_ago,
    ) or 0  # fmt: skip


async def claim_trouble(work: Work, dataset_id: UUID, at: datetime, day_ago: datetime) -> bool:
    """Whether people are to be told now that the campaign is in trouble: not told within the day."""
    return bool(
        await work.execute(
            """update campaign_troubles set told_at = $3
               where org_id = $1 and dataset_id = $2 and (told_at is null or told_at <= $4)""",
            work.org_id, dataset_id, at, day_ago,
        )
    )  # fmt: skip


async def insert(
    work: Work, news: News, recipients: list[tuple[UUID, Preference]], event_id: UUID | None, subject_id: UUID | None
) -> list[tuple[UUID, UUID]]:
    """A row for each recipient, once for an event. Returns (user, notification) of those that are new."""
    rows = await work.fetch(
        """insert into notifications
               (org_id, id, user_id, kind, event_id, subject_id, lead_id, dataset_id, data, in_console, mail,
                created_at)
           select $1, id, user_id, $2, $3, $4, $5, $6, $7, in_console, case when by_mail then 'due' end, $8
           from unnest($9::uuid[], $10::uuid[], $11::bool[], $12::bool[]) as r (id, user_id, in_console, by_mail)
           on conflict do nothing returning user_id, id""",
        work.org_id, news.kind.value, event_id, subject_id, news.lead_id, news.dataset_id, news.data, work.now,
        [new_id() for _ in recipients], [user_id for user_id, _ in recipients],
        [wanted.in_console for _, wanted in recipients], [wanted.by_mail for _, wanted in recipients],
    )  # fmt: skip
    return [(row["user_id"], row["id"]) for row in rows]


async def page(work: Work, user_id: UUID, limit: int, offset: int, *, unread: bool) -> Page[Notification]:
    """A page of what the person was told in the console, newest first, and how many there are in all."""
    where = f"n.org_id = $1 and n.user_id = $2 and n.in_console and {_seen(3)} and ($4 or n.read_at is null)"
    args: list[Any] = [work.org_id, user_id, allowed(work), not unread]
    rows = await work.fetch(
        f"""select (select count(*) from notifications n where {where}) as total, page.*
            from (select 1) one left join lateral (
                select {_COLUMNS} from notifications n {_NAMES} where {where} order by n.id desc limit $5 offset $6
            ) page on true""",
        *args, limit, offset,
    )  # fmt: skip
    return Page(items=[record(Notification, row) for row in rows if row["id"] is not None], total=rows[0]["total"])


async def unread(work: Work, user_id: UUID, most: int) -> int:
    """How many the person has not read, counted up to `most`."""
    return await work.fetchval(
        f"""select count(*) from (select from notifications n where n.org_id = $1 and n.user_id = $2 and n.in_console
                and n.read_at is null and {_seen(3)} limit $4) counted""",
        work.org_id, user_id, allowed(work), most,
    )  # fmt: skip


async def get(work: Work, user_id: UUID, notification_id: UUID) -> Notification | None:
    """One of the person's, if it is there."""
    row = await work.fetchrow(
        f"""select {_COLUMNS} from notifications n {_NAMES}
            where n.org_id = $1 and n.user_id = $2 and n.id = $4 and n.in_console and {_seen(3)}""",
        work.org_id, user_id, allowed(work), notification_id,
    )  # fmt: skip
    return None if row is None else record(Notification, row)


async def mark(work: Work, user_id: UUID, notification_id: UUID | None, read_at: datetime | None) -> int:
    """Note one of the person's, or all, as read or unread. Returns how many changed."""
    return await work.execute(
        """update notifications set read_at = $4 where org_id = $1 and user_id = $2 and ($3::uuid is null or id = $3)
               and in_console and (read_at is null) = ($4::timestamptz is not null)""",
        work.org_id, user_id, notification_id, read_at,
    )  # fmt: skip


async def preferences(work: Work, user_ids: list[UUID]) -> dict[tuple[UUID, Kind], Preference]:
    """What these people chose otherwise than by default."""
    rows: list[Row] = await work.fetch(
        """select user_id, kind, in_console, by_mail from notification_preferences
           where org_id = $1 and user_id = any($2)""",
        work.org_id, user_ids,
    )  # fmt: skip
    known = {kind.value for kind in Kind}
    return {
        (row["user_id"], Kind(row["kind"])): Preference(row["in_console"], row["by_mail"])
        for row in rows
        if row["kind"] in known
    }


async def save_preferences(work: Work, user_id: UUID, wanted: dict[Kind, Preference]) -> None:
    """Write what a person chose."""
    await work.executemany(
        """insert into notification_preferences (org_id, user_id, kind, in_console, by_mail) values ($1, $2, $3, $4, $5)
           on conflict (org_id, user_id, kind) do update
               set in_console = excluded.in_console, by_mail = excluded.by_mail""",
        [(work.org_id, user_id, kind.value, each.in_console, each.by_mail) for kind, each in wanted.items()],
    )


async def last_mailed(work: Work, user_id: UUID) -> datetime | None:
    """When the person was last mailed a notification."""
    return await work.fetchval(
        """select mailed_at from notifications where org_id = $1 and user_id = $2 and mail = 'mailed'
           order by mailed_at desc limit 1""",
        work.org_id, user_id,
    )  # fmt: skip


async def take_due(work: Work, user_id: UUID) -> list[Notification]:
    """What is to be mailed to the person, oldest first: taken, whoever else looks at this moment. What they may not
    see any more, or have read in the meantime, is dropped."""
    taken = await work.fetch(
        """update notifications set mail = 'mailed', mailed_at = $3
           where org_id = $1 and user_id = $2 and mail = 'due' returning id""",
        work.org_id, user_id, work.now,
    )  # fmt: skip
    ids = [row["id"] for row in taken]
    rows = await work.fetch(
        f"""select {_COLUMNS} from notifications n {_NAMES}
            where n.org_id = $1 and n.id = any($2) and n.read_at is null and {_seen(3)} order by n.id""",
        work.org_id, ids, allowed(work),
    )  # fmt: skip
    left = {row["id"] for row in rows}
    await work.execute(
        "update notifications set mail = 'dropped', mailed_at = null where org_id = $1 and id = any($2)",
        work.org_id, [each for each in ids if each not in left],
    )  # fmt: skip
    return [record(Notification, row) for row in rows]


async def delete_old(work: Work, before: datetime) -> int:
    """Delete those made before then, of all organisations."""
    return await work.execute("delete from notifications where created_at < $1", before)


async def organization_of(work: Work, user_id: UUID, org_id: UUID | None) -> UUID | None:
    """The organisation that the person is told in: the one asked for, or the first they joined. Across tenants."""
    return await work.fetchval(
        """select m.org_id from memberships m join organizations o on o.org_id = m.org_id and o.suspended_at is null
           join users u on u.id = m.user_id and u.suspended_at is null
           where m.user_id = $1 and m.status = 'active' and ($2::uuid is null or m.org_id = $2)
           order by m.created_at, m.org_id limit 1""",
        user_id, org_id,
    )  # fmt: skip
