"""The SQL of the list of leads: filters, orders, totals, pages. Its cost does not grow with the number of leads.

Here: reading lists. Single leads are `store`, datasets and the roll-up of counts `dataset_store`.
"""

from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.leads.model import ContactStatus, Lead, LeadFilter, LeadLine, LeadSort, Sentiment
from frontdesk.domain.leads.standing import statuses_of
from frontdesk.domain.leads.store import COLUMNS, FEW, Matches, allowed, few_like, like, seen, words_of
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
_MEMBERS = """dataset_leads m join leads l on l.org_id = m.org_id and l.id = m.lead_id
    where m.org_id = $1 and m.dataset_id = {} and m.lead_id between first_of_block(b.last_id) and b.last_id and"""
"""The leads of a dataset that a block may have: bounded on both sides, lest all members are read for one block."""

_STATUSES = {status.value: status for status in ContactStatus}
_SENTIMENTS = {None: None} | {sentiment.value: sentiment for sentiment in Sentiment}


async def page(work: Work, wanted: LeadFilter) -> Page[LeadLine]:
    """One page of leads with the total of all matches: one statement, and another one for a search and beyond the last
    page."""
    words = words_of(wanted.search)
    matches = await few_like(work, words)
    found = _filtered(work, wanted, matches)
    direction = "desc" if wanted.descending else "asc"
    order = _ORDERS[wanted.sort].format(d=direction)
    before = (wanted.page - 1) * wanted.limit
    args = [*found.args, wanted.limit, before]
    limit, offset = f"${len(args) - 1}::bigint", f"${len(args)}::bigint"
    walked = bool(words) and matches.ids is None  # from lead to lead of an index that has what is searched for
    part = f"order by {order} limit {limit} offset {offset}"
    ids = f"select l.id from leads l where {found.where} {part}" if before >= FAR or walked else None
    if found.placed and wanted.sort is LeadSort.CREATED and (ids or wanted.dataset_id):
        ids = f"""with blocks as materialized (
                select * from lead_places($1, {found.placed}, {wanted.descending}, {offset}, {limit}))
            select l.id from blocks b, lateral (
                select l.id, l.created_at from {_MEMBERS.format(found.placed) if wanted.dataset_id else "leads l where"}
                    l.org_id = $1 and l.created_at = b.created_at
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
    found = _filtered(work, wanted, await few_like(work, words_of(wanted.search)))
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
    """Whose places are counted in days and blocks, where they are: null for those of all leads, or a dataset."""


def _filtered(work: Work, wanted: LeadFilter, matches: Matches) -> _Filtered:
    clauses, args = ["l.org_id = $1"], list[Any]([work.org_id])
    counted = ["c.org_id = $1", "c.dataset_id is null"]

    def also(clause: str, value: Any) -> str:
        args.append(value)
        clauses.append(clause.format(f"${len(args)}"))
        return f"${len(args)}"

    place = None
    if wanted.dataset_id is not None:
        # By age, the list is walked from its end until a page is full: not joined, and only between the first and the
        # last that the dataset has. Neither is what the planner would expect.
        walks = "offset 0" if wanted.sort is LeadSort.CREATED else ""
        place = also(
            f"""exists (select from dataset_leads d
                        where d.org_id = l.org_id and d.lead_id = l.id and d.dataset_id = {{}} {walks})""",
            wanted.dataset_id,
        )
        came = f"(select {{}}(b.created_at) from lead_blocks b where b.org_id = $1 and b.dataset_id = {place})"
        clauses.append(f"l.created_at between {came.format('min')} and {came.format('max')}")
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
    if wanted.stages:
        also("l.stage = any({})", [stage.value for stage in wanted.stages])
        also("l.contact_status = any({})", [status.value for status in statuses_of(wanted.stages)])  # is indexed
    if wanted.temperatures:
        keen = [each.value for each in wanted.temperatures if each]
        unknown = " or l.temperature is null" if None in wanted.temperatures else ""
        also("(l.temperature = any({})" + unknown + ")", keen)
    if wanted.urgency is not None:
        also("l.urgency = {}", wanted.urgency.value)
    if matches.ids is not None:
        also("l.id = any({})", matches.ids)
    else:
        for pattern in like(words_of(wanted.search)):  # one by one: the planner can tell how many hold a pattern
            also("l.search like {}", pattern)
    held: list[UUID] | None = allowed(work)
    if held is not None:
        args.append(held)
        clauses.append(seen("l.id", len(args)))
    where = " and ".join(clauses)
    # Totals by dataset and status come exact from the rolled-up counts; all others are counted, up to a bound, but for
    # that of a search alone for something common: it has been found more often than the bound by now.
    if len(clauses) == known:
        total = f"(select coalesce(sum(c.change), 0)::bigint from lead_counts c where {' and '.join(counted)})"
        placed = (place or "null::uuid") if wanted.status is None else None
        return _Filtered(where, args, total, exact_to=None, placed=placed)
    if matches.many and len(clauses) == 1 + len(words_of(wanted.search)):
        return _Filtered(where, args, str(FEW + 1), exact_to=FEW)
    total = f"(select count(*) from (select from leads l where {where} limit {COUNTED_TO + 1}) counted)"
    return _Filtered(where, args, total, exact_to=COUNTED_TO)
