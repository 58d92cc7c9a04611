"""The SQL of whom a campaign would write to and in which words: preflight, cost and previews. Reads only."""

from uuid import UUID

from msgspec import Struct

from frontdesk.domain.campaigns.store import ELSEWHERE
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


_KIND = f"""l.stage, l.archived, l.manual_mode, l.reply_received_at is not null as replied,
    l.phone is not null as has_phone, s.phone is not null as suppressed, d.step > 0 as started,
    {ELSEWHERE} as elsewhere"""

_MEMBERS = """dataset_leads d
    join leads l on l.org_id = d.org_id and l.id = d.lead_id
    left join suppressions s on s.org_id = d.org_id and s.phone = l.phone and s.lifted_at is null
    where d.org_id = $1 and d.dataset_id = $2"""


async def kinds(work: Work, dataset_id: UUID) -> list[Kind]:
    """The dataset's leads, counted by what the gate looks at, but for the time."""
    rows = await work.fetch(
        f"select {_KIND}, count(*) as count from {_MEMBERS} group by 1, 2, 3, 4, 5, 6, 7, 8", work.org_id, dataset_id
    )
    return records(Kind, rows)


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
    shown = "".join(f", l.{name}" for name in fields)
    rows = await work.fetch(
        f"""select {_KIND} {shown}, count(*) as count from {_MEMBERS}
            and ($3 = 1 or mod(hashtextextended(d.lead_id::text, 0), $3) = 0)
            group by {", ".join(str(place + 1) for place in range(8 + len(fields)))} limit $4""",
        work.org_id, dataset_id, of_each, most,
    )  # fmt: skip
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
