"""The SQL of whom a campaign would write to and in which words: preflight, cost and previews. Reads only."""

from uuid import UUID

from msgspec import Struct

from frontdesk.domain.leads.model import Lead
from frontdesk.domain.leads.store import COLUMNS as LEAD
from frontdesk.platform.database import Work, record, records


class Kind(Struct, frozen=True, kw_only=True):
    """How many leads of a dataset are alike to the gate."""

    stage: str
    archived: bool
    manual_mode: bool
    replied: bool
    has_phone: bool
    suppressed: bool
    started: bool
    """Whether M1 was claimed for them in this dataset already."""
    elsewhere: bool
    """Whether the campaign of another dataset is writing to them."""
    count: int


def _kinds(fields: list[str]) -> str:
    """`kinds`: the leads of dataset $2, one of $3 of them, with what the gate looks at and `fields`.

    Who is written to by another campaign is found once, not for each lead, and met by a full join: it cannot become a
    nested loop, which the planner takes for a list that statistics do not know yet and which would not end. The rows of
    such leads that are not in the dataset have no lead_id.
    """
    return f"""with elsewhere as materialized (
            select distinct o.lead_id
            from datasets x join dataset_leads o on o.org_id = x.org_id and o.dataset_id = x.id
            where x.org_id = $1 and x.id <> $2 and x.campaign_status in ('active', 'paused')
              and o.step > 0 and o.due_at is not null),
        members as not materialized (
            select d.lead_id, l.stage, l.archived, l.manual_mode, l.reply_received_at is not null as replied,
                   l.phone is not null as has_phone, s.phone is not null as suppressed, d.step > 0 as started
                   {"".join(f", l.{name}" for name in fields)}
            from dataset_leads d join leads l on l.org_id = d.org_id and l.id = d.lead_id
            left join suppressions s on s.org_id = d.org_id and s.phone = l.phone and s.lifted_at is null
            where d.org_id = $1 and d.dataset_id = $2 and ($3 = 1 or mod(uuid_hash(d.lead_id), $3) = 0)),
        kinds as not materialized (
            select m.*, e.lead_id is not null as elsewhere
            from members m full join elsewhere e on e.lead_id = m.lead_id)"""


def _count(fields: list[str]) -> str:
    """Counts them by all of that; $4 groups at most."""
    by = ", ".join((*_KIND, *fields))
    return (
        f"{_kinds(fields)} select {by}, count(*) as count from kinds group by {by} having count(lead_id) > 0 limit $4"
    )


_KIND = tuple(name for name in Kind.__struct_fields__ if name != "count")


async def kinds(work: Work, dataset_id: UUID) -> list[Kind]:
    """The dataset's leads, counted by what the gate looks at, but for the time."""
    return records(Kind, await work.fetch(_count([]), work.org_id, dataset_id, 1, None))


async def ids_of_kinds(work: Work, dataset_id: UUID, wanted: list[Kind], offset: int, limit: int) -> list[UUID]:
    """Leads of the dataset that are of these kinds, a page of them in the order of their ids."""
    columns = [[getattr(kind, name) for kind in wanted] for name in _KIND]
    rows = await work.fetch(
        f"""{_kinds([])} select lead_id from kinds
            where ({", ".join(_KIND)}) in (select * from unnest($6::text[], {", ".join(
                f"${place}::bool[]" for place in range(7, 7 + len(_KIND) - 1))}))
            order by lead_id offset $4 limit $5""",
        work.org_id, dataset_id, 1, offset, limit, *columns,
    )  # fmt: skip
    return [row["lead_id"] for row in rows]


class Wording(Struct, frozen=True):
    """Leads alike to the gate that would read the same words."""

    kind: Kind
    fields: dict[str, str | None]


async def wordings(
    work: Work, dataset_id: UUID, fields: list[str], *, most: int | None = None, of_each: int = 1
) -> list[Wording]:
    """The dataset's leads, counted by what the gate looks at and by `fields`; no more than `most` such groups.

    Of so many leads (`of_each`) one is taken, always the same.
    """
    rows = await work.fetch(_count(fields), work.org_id, dataset_id, of_each, most)
    return [Wording(record(Kind, row), {name: row[name] for name in fields}) for row in rows]


class Followed(Struct, frozen=True, kw_only=True):
    """What became of leads after their texts, over all of the organisation's campaigns."""

    after_m1: int
    """Leads about whom it is decided whether M2 follows."""
    got_m2: int
    after_m2: int
    got_m3: int


async def followed(work: Work) -> Followed:
    """How often a second and a third text followed."""
    row = await work.fetchrow(
        """select count(*) filter (where step >= 2 or due_at is null) as after_m1,
                  count(*) filter (where step >= 2) as got_m2,
                  count(*) filter (where step >= 3 or step = 2 and due_at is null) as after_m2,
                  count(*) filter (where step >= 3) as got_m3
           from dataset_leads where org_id = $1 and step >= 1""",
        work.org_id,
    )
    assert row is not None
    return record(Followed, row)


async def samples(work: Work, dataset_id: UUID, limit: int) -> list[Lead]:
    """A few leads of the dataset, for previews: the first of it, and one each that lacks a name, lacks an interest, is
    shouted, or has the longest name, where there are such."""
    rows = await work.fetch(
        f"""with first_ones as materialized (
                select {LEAD} from dataset_leads d join leads l on l.org_id = d.org_id and l.id = d.lead_id
                where d.org_id = $1 and d.dataset_id = $2 order by d.lead_id limit 2000),
            picked as (
                (select *, 1 as place from first_ones order by id limit $3)
                union all (select *, 2 from first_ones where first_name = '' order by id limit 1)
                union all (select *, 3 from first_ones where coalesce(service_interest, '') = '' order by id limit 1)
                union all (select *, 4 from first_ones where first_name = upper(first_name) and length(first_name) > 2
                           order by id limit 1)
                union all (select *, 5 from first_ones order by length(first_name) desc, id limit 1))
            select distinct on (id) * from picked order by id, place""",
        work.org_id, dataset_id, limit,
    )  # fmt: skip
    return [record(Lead, row) for row in sorted(rows, key=lambda row: (row["place"], row["id"]))]


async def member(work: Work, dataset_id: UUID, lead_id: UUID) -> Lead | None:
    """The lead, if it is in the dataset."""
    row = await work.fetchrow(
        f"""select {LEAD} from dataset_leads d join leads l on l.org_id = d.org_id and l.id = d.lead_id
            where d.org_id = $1 and d.dataset_id = $2 and d.lead_id = $3""",
        work.org_id, dataset_id, lead_id,
    )  # fmt: skip
    return None if row is None else record(Lead, row)
