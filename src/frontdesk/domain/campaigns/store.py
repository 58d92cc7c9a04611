"""The SQL of campaigns: settings, what is due, pace, figures."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.campaigns.model import DONE, Campaign
from frontdesk.domain.campaigns.pace import Meter
from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.store import COLUMNS as LEAD
from frontdesk.platform.database import Work, record, records

_SAVED = tuple(name for name in Campaign.__struct_fields__ if name != "dataset_id")


async def get(work: Work, dataset_id: UUID) -> Campaign:
    """The campaign of the dataset; one with the defaults where none was set up."""
    row = await work.fetchrow("select * from campaigns where org_id = $1 and dataset_id = $2", work.org_id, dataset_id)
    return Campaign(dataset_id=dataset_id) if row is None else record(Campaign, row)


async def save(work: Work, campaign: Campaign) -> None:
    """Write it, new or changed."""
    values = ", ".join(f"${i}" for i in range(4, 4 + len(_SAVED)))
    sets = ", ".join(f"{name} = excluded.{name}" for name in _SAVED)
    await work.execute(
        f"""insert into campaigns (org_id, dataset_id, updated_at, {", ".join(_SAVED)}) values ($1, $2, $3, {values})
            on conflict (org_id, dataset_id) do update set updated_at = excluded.updated_at, {sets}""",
        work.org_id, campaign.dataset_id, work.now, *(getattr(campaign, name) for name in _SAVED),
    )  # fmt: skip


async def schedule_ready(work: Work, dataset_id: UUID, due_at: datetime) -> int:
    """Make M1 due for the dataset's leads that are ready and not scheduled yet; how many."""
    return await work.execute(
        """update dataset_leads d set due_at = $3, ended_reason = null, wanted_at = null
           from leads l
           where d.org_id = $1 and d.dataset_id = $2 and d.step = 0 and d.due_at is null
             and l.org_id = d.org_id and l.id = d.lead_id and l.contact_status = 'READY'""",
        work.org_id, dataset_id, due_at,
    )  # fmt: skip


ELSEWHERE = """exists (
    select from dataset_leads o join datasets x on x.org_id = o.org_id and x.id = o.dataset_id
    where o.org_id = d.org_id and o.lead_id = d.lead_id and o.dataset_id <> d.dataset_id
      and o.step > 0 and o.due_at is not null and x.campaign_status in ('active', 'paused'))"""
"""Whether the campaign of another dataset has begun to write to the lead `d` and has something left to say."""


class Running(Struct, frozen=True, kw_only=True):
    """A campaign that has something to send."""

    org_id: UUID
    dataset_id: UUID
    put_back: bool
    """Whether texts that it claimed before wait to be handed over again."""
    held_up: bool
    """Whether such texts wait because the carrier takes nothing, or are being tried again: no others should follow."""


_HELD_UP = "m.error_code = 'BUSY' and m.status in ('queued', 'sending') and m.category in ('m1', 'm2', 'm3')"
"""Whether the text `m` waits because the carrier takes nothing, or is being tried again. The index has these words."""


async def running(work: Work, step: int | None, limit: int = 500) -> list[Running]:
    """Active campaigns with something to send, of one step if told. Runs as the system role."""
    rows = await work.fetch(
        f"""with active as (
               select d.org_id, d.id as dataset_id,
                   exists (
                       select from messages m
                       where m.org_id = d.org_id and m.status = 'queued' and (m.due_at is null or m.due_at <= $1)
                         and m.dataset_id = d.id
                         and m.category = any(case when $2::int is null then '{{m1,m2,m3}}' else array['m' || $2] end)
                   ) as put_back,
                   exists (
                       select from messages m
                       where m.org_id = d.org_id and m.dataset_id = d.id and {_HELD_UP}) as held_up,
                   exists (
                       select from dataset_leads x
                       where x.org_id = d.org_id and x.dataset_id = d.id and x.due_at <= $1
                         and ($2::int is null or x.step = $2 - 1)) as due
               from datasets d
               where d.campaign_status = 'active' and (d.campaign_end_date is null or d.campaign_end_date > $1))
           select org_id, dataset_id, put_back, held_up from active where put_back or due and not held_up
           order by random() limit $3""",
        work.now, step, limit,
    )  # fmt: skip
    return records(Running, rows)


_IDLE = """d.campaign_status = 'active' and (d.campaign_end_date <= $1 or (
    exists (select from dataset_leads x where x.org_id = d.org_id and x.dataset_id = d.id)
    and not exists (select from dataset_leads x
                    where x.org_id = d.org_id and x.dataset_id = d.id and x.due_at is not null)
    and not exists (select from messages m
                    where m.org_id = d.org_id and m.dataset_id = d.id and m.category in ('m1', 'm2', 'm3')
                      and m.status in ('queued', 'sending', 'unknown'))))"""


async def idle(work: Work, limit: int = 500) -> list[tuple[UUID, UUID]]:
    """(organisation, dataset) of active campaigns that have nothing left to send, or whose end has come. Runs as the
    system role."""
    rows = await work.fetch(f"select d.org_id, d.id from datasets d where {_IDLE} limit $2", work.now, limit)
    return [(row["org_id"], row["id"]) for row in rows]


async def is_idle(work: Work, dataset_id: UUID) -> bool:
    """Whether the campaign is one of these."""
    return bool(
        await work.fetchval(
            f"select true from datasets d where d.org_id = $2 and d.id = $3 and {_IDLE}",
            work.now, work.org_id, dataset_id,
        )
    )  # fmt: skip


class Pace(Struct, frozen=True, kw_only=True):
    """How far sending has come: the client's and the campaign's."""

    client: Meter
    campaign: Meter
    fastest: float
    """Messages a minute of the quickest of the client's campaigns that run: the client's own rate."""


async def take_pace(work: Work, dataset_id: UUID) -> Pace | None:
    """Lock the client's pace. None: another worker has it."""
    await work.execute(
        "insert into campaign_pace (org_id, spent_until) values ($1, 'epoch') on conflict do nothing", work.org_id
    )
    row = await work.fetchrow(
        """select p.spent_until as client_until, p.recent_at as client_at, p.recent_counts as client_counts,
                  c.spent_until as campaign_until, c.recent_at as campaign_at, c.recent_counts as campaign_counts, (
               select max(o.rate_per_minute) from campaigns o join datasets d on d.org_id = o.org_id
                   and d.id = o.dataset_id and d.campaign_status = 'active' where o.org_id = $1) as fastest
           from campaign_pace p join campaigns c on c.org_id = p.org_id and c.dataset_id = $2
           where p.org_id = $1 for update of p skip locked""",
        work.org_id, dataset_id,
    )  # fmt: skip
    if row is None:
        return None
    client, campaign = (
        Meter(row[f"{whose}_until"], tuple(zip(row[f"{whose}_at"], row[f"{whose}_counts"], strict=True)))
        for whose in ("client", "campaign")
    )
    return Pace(client=client, campaign=campaign, fastest=row["fastest"])


async def save_pace(work: Work, dataset_id: UUID, pace: Pace) -> None:
    """Write back how far it has come."""
    await work.execute(
        """with client as (
               update campaign_pace set spent_until = $3, recent_at = $4, recent_counts = $5 where org_id = $1)
           update campaigns set spent_until = $6, recent_at = $7, recent_counts = $8
           where org_id = $1 and dataset_id = $2""",
        work.org_id, dataset_id, *_columns(pace.client), *_columns(pace.campaign),
    )  # fmt: skip


def _columns(meter: Meter) -> tuple[datetime, list[datetime], list[int]]:
    return meter.spent_until, [at for at, _ in meter.recent], [count for _, count in meter.recent]


class DueLead(Struct, frozen=True):
    """A lead whose next step is due. `elsewhere`: the campaign of another dataset is writing to it."""

    lead: Lead
    step: int
    """The step to send now, 1 to 3."""
    wanted_at: datetime
    """When it was meant to go, before hours or caps kept it from going."""
    elsewhere: bool


async def claim_due(work: Work, dataset_id: UUID, step: int | None, limit: int) -> list[DueLead]:
    """Lock up to `limit` leads of the dataset whose next step is due, and to whom no earlier one is still on its way;
    those that another worker has are passed over."""
    # The comparison of steps has the planner look up each lead's texts: by equality alone it may read all texts first.
    rows = await work.fetch(
        f"""select d.step + 1 as next_step, coalesce(d.wanted_at, d.due_at) as wanted_at, {ELSEWHERE} as elsewhere,
                {LEAD}
            from dataset_leads d join leads l on l.org_id = d.org_id and l.id = d.lead_id
            where d.org_id = $1 and d.dataset_id = $2 and d.due_at <= $3 and ($4::int is null or d.step = $4 - 1)
              and (d.step = 0 or not exists (
                  select from messages m
                  where m.org_id = d.org_id and m.dataset_id = d.dataset_id and m.lead_id = d.lead_id
                    and m.category in ('m1', 'm2', 'm3') and m.category <= 'm' || d.step
                    and m.status in ('queued', 'sending', 'unknown')))
            order by d.due_at, d.lead_id limit $5 for update of d skip locked""",
        work.org_id, dataset_id, work.now, step, limit,
    )  # fmt: skip
    return [DueLead(record(Lead, row), row["next_step"], row["wanted_at"], row["elsewhere"]) for row in rows]


class Move(Struct, frozen=True):
    """Where a lead stands in its dataset's campaign from now on."""

    lead_id: UUID
    step: int
    due_at: datetime | None = None
    ended_reason: str | None = None
    wanted_at: datetime | None = None
    """When the step that is due was meant to go, where `due_at` is later than that."""


async def move(work: Work, dataset_id: UUID, moves: list[Move]) -> None:
    """Write the leads' standing, in one statement."""
    await work.execute(
        """update dataset_leads d
           set step = m.step, due_at = m.due_at, ended_reason = m.ended_reason, wanted_at = m.wanted_at
           from unnest($3::uuid[], $4::smallint[], $5::timestamptz[], $6::text[], $7::timestamptz[])
                as m (lead_id, step, due_at, ended_reason, wanted_at)
           where d.org_id = $1 and d.dataset_id = $2 and d.lead_id = m.lead_id""",
        work.org_id, dataset_id, [m.lead_id for m in moves], [m.step for m in moves], [m.due_at for m in moves],
        [m.ended_reason for m in moves], [m.wanted_at for m in moves],
    )  # fmt: skip


async def wait_anew(work: Work, dataset_id: UUID, moves: list[Move]) -> None:
    """Have the leads wait for what comes after their step until `due_at`, those who wait for just that."""
    await work.execute(
        """update dataset_leads d set due_at = m.due_at, wanted_at = null
           from unnest($3::uuid[], $4::smallint[], $5::timestamptz[]) as m (lead_id, step, due_at)
           where d.org_id = $1 and d.dataset_id = $2 and d.lead_id = m.lead_id and d.step = m.step
             and d.due_at is not null""",
        work.org_id, dataset_id, [m.lead_id for m in moves], [m.step for m in moves], [m.due_at for m in moves],
    )  # fmt: skip


class WaitingLeads(Struct, frozen=True, kw_only=True):
    """How many leads of a dataset wait for the same text at about the same time. `phone` and `postcode` tell where they
    live."""

    phone: str
    postcode: str | None
    step: int
    due_at: datetime
    count: int


async def waiting(work: Work, dataset_id: UUID, *, of_each: int = 1) -> list[WaitingLeads]:
    """The dataset's leads with something due, by the beginnings of their numbers and postcodes, the step, and the
    quarter of an hour; what is overdue is due now. One of so many (`of_each`) is looked at, always the same, and stands
    for as many."""
    rows = await work.fetch(
        """select min(l.phone) as phone, min(l.postcode) as postcode, d.step + 1 as step, count(*) * $4 as count,
                  date_bin('15 minutes', greatest(d.due_at, $3), $3) as due_at
           from dataset_leads d join leads l on l.org_id = d.org_id and l.id = d.lead_id
           where d.org_id = $1 and d.dataset_id = $2 and d.due_at is not null and d.step < 3 and l.phone is not null
             and ($4 = 1 or mod(uuid_hash(d.lead_id), $4) = 0)
           group by left(l.phone, 8), left(l.postcode, 3), d.step, 5""",
        work.org_id, dataset_id, work.now, of_each,
    )  # fmt: skip
    return records(WaitingLeads, rows)


class KeptCounts(Struct, frozen=True):
    """What of a campaign is counted as it changes (migration 0029)."""

    waiting: dict[int, int]
    """Leads by the step that is due for them."""
    skipped: dict[str, int]
    """Leads by why nothing more is sent to them."""
    texts: dict[int, dict[str, int]]
    """Texts by step and status."""
    failures: dict[str, int]
    """Texts that failed, by the carrier's code; empty where it told none."""


async def kept_counts(work: Work, dataset_id: UUID) -> KeptCounts:
    """The campaign's counts, exact for what this work sees."""
    rows = await work.fetch(
        """select counted, step, code, sum(change)::bigint as n from campaign_counts
           where org_id = $1 and dataset_id = $2 group by 1, 2, 3 having sum(change) > 0""",
        work.org_id, dataset_id,
    )  # fmt: skip
    found = KeptCounts({}, {}, {}, {})
    for counted, step, code, n in rows:
        if counted == "due":
            found.waiting[step] = n
        elif counted == "ended":
            if code != DONE:
                found.skipped[code] = n
        else:
            texts = found.texts.setdefault(step, {})
            texts[counted] = texts.get(counted, 0) + n
            if counted == "failed":
                found.failures[code] = found.failures.get(code, 0) + n
    return found


class Answered(Struct, frozen=True, kw_only=True):
    """How many leads of a campaign replied, how many booked, how many texts wait for a carrier that takes nothing, and
    when the next is due."""

    replied: int
    booked: int
    held_up: int
    next_due_at: datetime | None


async def answered(work: Work, dataset_id: UUID) -> Answered:
    """Counted in indexes."""
    row = await work.fetchrow(
        f"""select {_OF_MEMBERS.format("l.reply_received_at is not null")} as replied,
                   {_OF_MEMBERS.format("l.call_booked")} as booked,
                   (select count(*) from messages m
                    where m.org_id = $1 and m.dataset_id = $2 and {_HELD_UP}) as held_up,
                   (select min(due_at) from dataset_leads
                    where org_id = $1 and dataset_id = $2 and due_at is not null) as next_due_at""",
        work.org_id, dataset_id,
    )  # fmt: skip
    assert row is not None
    return record(Answered, row)


_OF_MEMBERS = """(select count(*) from leads l where l.org_id = $1 and {} and exists (
    select from dataset_leads d where d.org_id = l.org_id and d.dataset_id = $2 and d.lead_id = l.id))"""


async def roll_up_counts(work: Work) -> None:
    """Fold the appended changes of the counts of all campaigns into few rows. Runs as the system role."""
    key = "org_id, dataset_id, counted, step, code"
    await work.execute(
        f"""with gone as (delete from campaign_counts c using (
               select {key} from campaign_counts group by {key} having count(*) > 8 limit 1000) many
               where (c.org_id, c.dataset_id, c.counted, c.step, c.code)
                   = (many.org_id, many.dataset_id, many.counted, many.step, many.code)
               returning c.*)
           insert into campaign_counts
           select {key}, sum(change) from gone group by {key} having sum(change) <> 0"""
    )
