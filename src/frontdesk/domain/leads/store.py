"""The SQL of leads. Every statement names the organisation, though row-level security would hold without it: the
planner folds the policy away when it does, and a reader sees the scope."""

from typing import Any
from uuid import UUID

from frontdesk.domain.leads.errors import LeadNotFound
from frontdesk.domain.leads.model import ConversationSummary, Lead, LeadFilter, LeadSort
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work, record, records

COLUMNS = """l.id, l.phone, l.first_name, l.last_name, l.email, l.postcode, l.company, l.job_title, l.service_interest,
    l.source, l.notes, l.inquiry_date, l.stage, l.temperature, l.sentiment, l.last_step, l.m1_sent_at, l.m2_sent_at,
    l.m3_sent_at, l.latest_reply, l.reply_received_at, l.call_booked, l.call_booked_time, l.booking_id, l.manual_mode,
    l.manual_mode_at, l.archived, l.archived_at, l.assigned_to, l.created_at, l.updated_at"""

SAVED = (
    "first_name", "last_name", "email", "postcode", "company", "job_title", "service_interest", "source", "notes",
    "inquiry_date", "stage", "temperature", "sentiment", "last_step", "latest_reply", "reply_received_at",
    "call_booked", "call_booked_time", "booking_id", "manual_mode", "manual_mode_at", "archived", "archived_at",
    "assigned_to",
)  # fmt: skip

COUNTED_TO = 10_000
"""Filtered totals are exact up to here."""

_ORDERS = {
    LeadSort.CREATED: "l.created_at {d}, l.id {d}",
    LeadSort.STATUS: "l.contact_status {d}, l.created_at {d}, l.id {d}",
    LeadSort.NAME: "lower(l.first_name) {d}, lower(l.last_name) {d}, l.id {d}",
    LeadSort.REPLY_DATE: "l.reply_received_at {d} nulls last, l.id {d}",
}


async def get(work: Work, lead_id: UUID, *, lock: bool = False) -> Lead:
    """The lead; locked for the rest of the transaction if asked. Raises LeadNotFound, also for one that the actor is
    not let see."""
    row = await work.fetchrow(
        f"""select {COLUMNS} from leads l
            where l.org_id = $1 and l.id = $2 and {seen("l.id", 3)} {"for no key update" if lock else ""}""",
        work.org_id,
        lead_id,
        allowed(work),
    )
    if row is None:
        raise LeadNotFound
    return record(Lead, row)


async def by_phone(work: Work, phone: str, *, lock: bool = False) -> Lead | None:
    """The lead that this number is an identity of, if any."""
    row = await work.fetchrow(
        f"""select {COLUMNS} from lead_identities i join leads l on l.org_id = i.org_id and l.id = i.lead_id
            where i.org_id = $1 and i.kind = 'phone' and i.value = $2 {"for no key update of l" if lock else ""}""",
        work.org_id,
        phone,
    )
    return None if row is None else record(Lead, row)


async def save(work: Work, lead: Lead) -> None:
    """Write what of a lead can change."""
    sets = ", ".join(f"{column} = ${i}" for i, column in enumerate(SAVED, start=4))
    await work.execute(
        f"update leads set updated_at = $3, {sets} where org_id = $1 and id = $2",
        work.org_id,
        lead.id,
        work.now,
        *(getattr(lead, column) for column in SAVED),
    )


async def page(work: Work, wanted: LeadFilter) -> Page[Lead]:
    """One page of leads in one statement: the rows and the total of all matches."""
    where, args = _where(work, wanted, await few_like(work, "leads_like", words_of(wanted.search)))
    total, capped = _total(work, wanted, where, args)
    order = _ORDERS[wanted.sort].format(d="desc" if wanted.descending else "asc")
    args += [wanted.limit, (wanted.page - 1) * wanted.limit]
    # The inner select walks the index for ids only, so that a far page skips entries, not rows.
    rows = await work.fetch(
        f"""with wanted as (
                select l.id, row_number() over () as place from (
                    select l.id from leads l where {where} order by {order} limit ${len(args) - 1} offset ${len(args)}
                ) l)
            select (select {total}) as total, {COLUMNS}
            from (select 1) one left join wanted w on true left join leads l on l.org_id = $1 and l.id = w.id
            order by w.place""",
        *args,
    )
    counted = int(rows[0]["total"] or 0)
    return Page(
        items=records(Lead, [row for row in rows if row["id"] is not None]),
        total=min(counted, COUNTED_TO) if capped else counted,
        total_capped=capped and counted > COUNTED_TO,
    )


def _where(work: Work, wanted: LeadFilter, found: list[UUID] | None) -> tuple[str, list[Any]]:
    clauses, args = ["l.org_id = $1"], list[Any]([work.org_id])

    def also(clause: str, value: Any) -> None:
        args.append(value)
        clauses.append(clause.format(f"${len(args)}"))

    if wanted.dataset_id is not None:
        also(
            "exists (select from dataset_leads d where d.org_id = l.org_id and d.lead_id = l.id and d.dataset_id = {})",
            wanted.dataset_id,
        )
    if wanted.status is not None:
        also("l.contact_status = {}", wanted.status.value)
    if wanted.sentiment is not None:
        also("l.sentiment = {}", wanted.sentiment.value)
    if wanted.archived is not None:
        also("l.archived = {}", wanted.archived)
    if wanted.manual_mode is not None:
        also("l.manual_mode = {}", wanted.manual_mode)
    if found is not None:
        also("l.id = any({})", found)
    elif words := words_of(wanted.search):
        also("l.search like all ({}::text[])", like(words))
    if work.actor.allowed_datasets is not None:
        args.append(allowed(work))
        clauses.append(seen("l.id", len(args)))
    return " and ".join(clauses), args


_INDEXED = 3
"""Characters from which on a word is looked up by index: that is of groups of three."""

_FEW = 2_000
"""Matches up to which a search starts from them. Of what is more common a page is found sooner by walking the list."""


def words_of(search: str) -> list[str]:
    """What is searched for, the longest word first; five words are enough."""
    return sorted(search.lower().split()[:5], key=len, reverse=True)


def like(words: list[str]) -> list[str]:
    """Patterns that hold the words anywhere."""
    literal = (word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for word in words)
    return [f"%{word}%" for word in literal]


async def few_like(work: Work, function: str, words: list[str]) -> list[UUID] | None:
    """The ids that `function` of the database finds by its index for all of `words`; None where there are too many, or
    the words are too short for it: the caller filters as it goes then."""
    if not words or len(words[0]) < _INDEXED:
        return None
    longest, *others = like(words)
    rows = await work.fetch(
        f"select {function}($1, $2, $3::text[]) as id limit {_FEW + 1}", work.org_id, longest, others
    )
    return [row["id"] for row in rows] if len(rows) <= _FEW else None


def _total(work: Work, wanted: LeadFilter, where: str, args: list[Any]) -> tuple[str, bool]:
    """The expression of the total, and whether it stops early. Totals by dataset and status come exact from the
    rolled-up counts; all others are counted, up to a bound."""
    plain = (
        not wanted.search
        and wanted.sentiment is None
        and wanted.archived is None
        and wanted.manual_mode is None
        and work.actor.allowed_datasets is None
    )
    if not plain:
        return f"(select count(*) from (select from leads l where {where} limit {COUNTED_TO + 1}) counted)", True
    scope = "c.dataset_id is null" if wanted.dataset_id is None else "c.dataset_id = $2"
    status = ""
    if wanted.status is not None:
        status = f"and c.contact_status = ${len(args)}"
    return f"(select sum(c.change) from lead_counts c where c.org_id = $1 and {scope} {status})", False


def seen(lead_id: str, place: int) -> str:
    """The clause that holds an actor to its datasets, for every statement that reads of leads, of any feature.

    `lead_id` is the column; $1 is the organisation, and the argument at `place` what `allowed` gives.
    """
    return (
        f"(${place}::uuid[] is null or exists (select from dataset_leads held where held.org_id = $1 "
        f"and held.lead_id = {lead_id} and held.dataset_id = any(${place})))"
    )


def allowed(work: Work) -> list[UUID] | None:
    """The datasets that the actor is held to; None: it is not."""
    return None if work.actor.allowed_datasets is None else list(work.actor.allowed_datasets)


async def datasets_of(work: Work, lead_id: UUID) -> list[UUID]:
    """The datasets that hold the lead, the newest membership first."""
    rows = await work.fetch(
        "select dataset_id from dataset_leads where org_id = $1 and lead_id = $2 order by created_at desc",
        work.org_id,
        lead_id,
    )
    return [row["dataset_id"] for row in rows]


async def conversation_of(work: Work, lead_id: UUID) -> ConversationSummary | None:
    """The lead's thread in a line, if there is one."""
    row = await work.fetchrow(
        """select id, message_count, last_message_at, status, sentiment from conversations
           where org_id = $1 and lead_id = $2 order by last_message_at desc nulls last limit 1""",
        work.org_id,
        lead_id,
    )
    return None if row is None else record(ConversationSummary, row)


async def is_member(work: Work, user_id: UUID) -> bool:
    """Whether the user belongs to the organisation."""
    return bool(
        await work.fetchval(
            "select true from memberships where org_id = $1 and user_id = $2 and status = 'active'",
            work.org_id,
            user_id,
        )
    )


async def mark_sent(work: Work, lead_id: UUID, step: int) -> Lead | None:
    """Note that a campaign text of this step has gone out. None where nothing changed."""
    row = await work.fetchrow(
        f"""update leads l set m{step}_sent_at = $3, last_step = greatest(l.last_step, $4), updated_at = $3,
                stage = case when l.stage = 'new' then 'contacted' else l.stage end
            where l.org_id = $1 and l.id = $2 and l.m{step}_sent_at is null returning {COLUMNS}""",
        work.org_id, lead_id, work.now, step,
    )  # fmt: skip
    return None if row is None else record(Lead, row)
