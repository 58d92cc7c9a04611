"""The SQL of the list of leads: filters, orders, totals, pages. Its cost does not grow with the number of leads.

Here: reading lists. Single leads are `store`, datasets and the roll-up of counts `dataset_store`.
"""

from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.leads.model import ContactStatus, Lead, LeadFilter, LeadLine, LeadSort, Sentiment
from frontdesk.domain.leads.store import COLUMNS, FEW, allowed, few_like, like, looked_up, seen, words_of
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Row, Work, record

COUNTED_TO = 10_000
"""Filtered totals are exact up to here; that of a search alone up to FEW, which is known once it has been looked up."""

FAR = 1_000
"""Leads before a page from which on the index is walked for ids alone, and rows are read only of the page."""

_LINE = """l.id, l.phone, l.first_name, l.last_name, l.email, l.postcode, l.company, l.contact_status, l.sentiment,
    l.latest_reply, l.reply_received_at, l.call_booked, l.call_booked_time, l.manual_mode, l.archived, l.created_at"""

_ORDERS = {
    LeadSort.CREATED: "l.created_at {d}, l.id {d}",
    LeadSort.STATUS: "l.contact_status {d}, l.created_at {d}, l.id {d}",
    LeadSort.NAME: "lower(l.first_name) {d}, lower(l.last_name) {d}, l.id {d}",
    LeadSort.REPLY_DATE: "l.reply_received_at {d} nulls last, l.id {d}",
}
_BLOCKS = """
    with days as (
        select day, sum(n) over (order by day {d})::bigint - n as before, n
        from (select day, sum(change)::bigint as n from lead_days c where {of} group by day) counted
    ), blocks as (
        select * from (
            select b.created_at, b.last_id, b.n, d.before
                + sum(b.n) over (partition by d.day order by b.created_at {d}, b.last_id {d})::bigint - b.n as before
            from days d, lateral (
                select c.created_at, c.last_id, sum(c.change)::bigint as n from lead_blocks c
                where {of} and c.created_at >= d.day::timestamp at time zone 'UTC'
                  and c.created_at < (d.day + 1)::timestamp at time zone 'UTC'
                group by c.created_at, c.last_id offset 0) b
            where d.n > 0 and d.before < {offset} + {limit} and d.before + d.n > {offset}) counted
        where n > 0 and before < {offset} + {limit} and before + n > {offset}
    )"""
"""The blocks in which the places from `offset` on are, with how many leads are before each (migration 0019)."""

_STATUSES = {status.value: status for status in ContactStatus}
_SENTIMENTS = {None: None} | {sentiment.value: sentiment for sentiment in Sentiment}


async def page(work: Work, wanted: LeadFilter) -> Page[LeadLine]:
    """One page of leads with the total of all matches: one statement, and another one for a search and beyond the last
    page."""
    found = _filtered(work, wanted, await few_like(work, "leads_like", words_of(wanted.search)))
    direction = "desc" if wanted.descending else "asc"
    order = _ORDERS[wanted.sort].format(d=direction)
    before = (wanted.page - 1) * wanted.limit
    args = [*found.args, wanted.limit, before]
    limit, offset = f"${len(args) - 1}::bigint", f"${len(args)}::bigint"
    part = f"order by {order} limit {limit} offset {offset}"
    ids = f"select l.id from leads l where {found.where} {part}" if before >= FAR else None
    if found.placed and wanted.sort is LeadSort.CREATED and (ids or wanted.dataset_id):
        blocks = _BLOCKS.format(of=found.placed, d=direction, limit=limit, offset=offset)
        ids = f"""{blocks} select l.id from blocks b, lateral (
                select l.id, l.created_at from leads l
                where {found.where} and l.created_at = b.created_at
                  and l.id between first_of_block(b.last_id) and b.last_id offset 0) l
            order by {order} limit {limit} offset {offset} - (select min(before) from blocks)"""
    if ids is None:
        sql = f"select {_LINE}, {found.total} as total from leads l where {found.where} {part}"
    else:
        sql = f"""select {_LINE}, {found.total} as total
            from (select l.id, row_number() over () as place from ({ids}) l) w
            join leads l on l.org_id = $1 and l.id = w.id order by w.place"""
    rows = await work.fetch(sql, *args)
    if rows or not before:
        counted = rows[0]["total"] if rows else 0
    elif found.exact_to == FEW:
        counted = FEW + 1
    else:
        counted = await work.fetchval(f"select {found.total}", *found.args)
    return Page(
        items=_lines(rows),
        total=counted if found.exact_to is None else min(counted, found.exact_to),
        total_capped=found.exact_to is not None and counted > found.exact_to,
    )


async def ids(work: Work, wanted: LeadFilter, limit: int) -> list[UUID]:
    """The ids of all that match, newest first, up to `limit`."""
    found = _filtered(work, wanted, await few_like(work, "leads_like", words_of(wanted.search)))
    rows = await work.fetch(
        f"select l.id from leads l where {found.where} order by l.created_at desc, l.id desc limit {int(limit)}",
        *found.args,
    )
    return [row["id"] for row in rows]


async def some(work: Work, wanted: list[UUID]) -> list[Lead]:
    """Those of the leads that there are and that the actor may see, in the order given."""
    rows = await work.fetch(
        f"""select {COLUMNS} from leads l where l.org_id = $1 and l.id = any($2) and {seen("l.id", 3)}""",
        work.org_id, wanted, allowed(work),
    )  # fmt: skip
    by_id = {row["id"]: record(Lead, row) for row in rows}
    return [by_id[one] for one in wanted if one in by_id]


def _lines(rows: list[Row]) -> list[LeadLine]:
    # By position: going by name takes several times as long, and a page has up to a hundred rows.
    return [
        LeadLine(
            id_, phone, first, last, email, postcode, company, _STATUSES[status], _SENTIMENTS[sentiment], reply,
            replied_at, booked, booked_time, manual, archived, created_at,
        )
        for id_, phone, first, last, email, postcode, company, status, sentiment, reply, replied_at, booked,
            booked_time, manual, archived, created_at, _ in rows
    ]  # fmt: skip


class _Filtered(Struct, frozen=True):
    """A filter as SQL. `total` is an expression; `exact_to` up to where it counts, if it does not count all."""

    where: str
    args: list[Any]
    total: str
    exact_to: int | None
    placed: str | None = None
    """The clause by which its places are counted in days and blocks, where they are: of all leads, and of a dataset."""


def _filtered(work: Work, wanted: LeadFilter, matches: list[UUID] | None) -> _Filtered:
    clauses, args = ["l.org_id = $1"], list[Any]([work.org_id])
    counted = ["c.org_id = $1", "c.dataset_id is null"]

    def also(clause: str, value: Any) -> str:
        args.append(value)
        clauses.append(clause.format(f"${len(args)}"))
        return f"${len(args)}"

    if wanted.dataset_id is not None:
        place = also(
            "exists (select from dataset_leads d where d.org_id = l.org_id and d.lead_id = l.id and d.dataset_id = {})",
            wanted.dataset_id,
        )
        counted[1] = f"c.dataset_id = {place}"
    if wanted.status is not None:
        counted.append(f"c.contact_status = {also('l.contact_status = {}', wanted.status.value)}")
    known = len(clauses)
    if wanted.sentiment is not None:
        also("l.sentiment = {}", wanted.sentiment.value)
    if wanted.archived is not None:
        also("l.archived = {}", wanted.archived)
    if wanted.manual_mode is not None:
        also("l.manual_mode = {}", wanted.manual_mode)
    if wanted.assigned_to is not None:
        also("l.assigned_to = {}", wanted.assigned_to)
    if matches is not None:
        also("l.id = any({})", matches)
    elif words := words_of(wanted.search):
        also("l.search like all ({}::text[])", like(words))
    held: list[UUID] | None = allowed(work)
    if held is not None:
        args.append(held)
        clauses.append(seen("l.id", len(args)))
    where = " and ".join(clauses)
    # Totals by dataset and status come exact from the rolled-up counts; all others are counted, up to a bound, but for
    # that of a search alone for something common: it has been found more often than the bound by now.
    if len(clauses) == known:
        total = f"(select coalesce(sum(c.change), 0)::bigint from lead_counts c where {' and '.join(counted)})"
        placed = " and ".join(counted) if wanted.status is None else None
        return _Filtered(where, args, total, exact_to=None, placed=placed)
    if len(clauses) == 2 and matches is None and looked_up(words_of(wanted.search)):
        return _Filtered(where, args, str(FEW + 1), exact_to=FEW)
    total = f"(select count(*) from (select from leads l where {where} limit {COUNTED_TO + 1}) counted)"
    return _Filtered(where, args, total, exact_to=COUNTED_TO)
