"""The SQL of single leads; of their list: `list_store`. Every statement names the organisation, though row-level
security would hold without it: the planner folds the policy away when it does, and a reader sees the scope."""

import re
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.leads.errors import LeadNotFound
from frontdesk.domain.leads.model import ConversationSummary, Lead
from frontdesk.platform.database import Work, record

COLUMNS = """l.id, l.phone, l.first_name, l.last_name, l.email, l.postcode, l.company, l.job_title, l.service_interest,
    l.reason, l.source, l.notes, l.inquiry_date, l.stage, l.temperature, l.urgency, l.estimated_value, l.actual_value,
    l.sentiment, l.last_step, l.m1_sent_at, l.m2_sent_at, l.m3_sent_at, l.latest_reply, l.reply_received_at,
    l.call_booked, l.call_booked_time, l.booking_id, l.manual_mode, l.manual_mode_at, l.archived, l.archived_at,
    l.assigned_to, l.created_at, l.updated_at"""

SAVED = (
    "first_name", "last_name", "email", "postcode", "company", "job_title", "service_interest", "reason", "source",
    "notes", "inquiry_date", "stage", "temperature", "urgency", "estimated_value", "actual_value", "sentiment",
    "last_step", "latest_reply", "reply_received_at", "call_booked", "call_booked_time", "booking_id", "manual_mode",
    "manual_mode_at", "archived", "archived_at", "assigned_to",
)  # fmt: skip


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


async def phones(work: Work, ids: list[UUID]) -> dict[UUID, str]:
    """The numbers of those of the leads that have one and that the actor may see, in the order of their ids."""
    rows = await work.fetch(
        f"""select l.id, l.phone from leads l
            where l.org_id = $1 and l.id = any($2) and l.phone is not null and {seen("l.id", 3)} order by l.id""",
        work.org_id, ids, allowed(work),
    )  # fmt: skip
    return {row["id"]: row["phone"] for row in rows}


async def by_phone(work: Work, phone: str, *, lock: bool = False) -> Lead | None:
    """The lead that this number is an identity of, if any."""
    row = await work.fetchrow(
        f"""select {COLUMNS} from lead_identities i join leads l on l.org_id = i.org_id and l.id = i.lead_id
            where i.org_id = $1 and i.kind = 'phone' and i.value = $2 {"for no key update of l" if lock else ""}""",
        work.org_id,
        phone,
    )
    return None if row is None else record(Lead, row)


async def insert(work: Work, lead_id: UUID, phone: str | None, source: str | None) -> Lead | None:
    """A new lead that nothing is known of but this; None where a lead has the number already."""
    await work.execute(
        """insert into leads (org_id, id, phone, first_name, source, created_at, updated_at)
           values ($1, $2, $3, '', $4, $5, $5)""",
        work.org_id, lead_id, phone, source, work.now,
    )  # fmt: skip
    if phone is not None:
        identified = await work.execute(
            """insert into lead_identities (org_id, kind, value, lead_id, created_at) values ($1, 'phone', $2, $3, $4)
               on conflict do nothing""",
            work.org_id, phone, lead_id, work.now,
        )  # fmt: skip
        if not identified:
            await work.execute("delete from leads where org_id = $1 and id = $2", work.org_id, lead_id)
            return None
    return await get(work, lead_id, lock=True)


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


_INDEXED = 3
"""Characters from which on a word is looked up by index: that is of groups of three."""

FEW = 1_000
"""Matches up to which a search starts from them. Of what is more common a page is found sooner by walking the list."""

_NUMBER = re.compile(r"\+[0-9]{2,}|[0-9]{10,15}")
"""What is looked for where numbers begin: with its +, or so long that it can only be a number without."""


class Matches(Struct, frozen=True):
    """What a search has found: `ids` of all leads that match, or None where they were not looked for or are too many.

    `many`: they are known to be more than FEW.
    """

    ids: list[UUID] | None
    many: bool = False


def words_of(search: str) -> list[str]:
    """What is searched for, the longest word first; five words are enough."""
    return sorted(search.lower().split()[:5], key=len, reverse=True)


def like(words: list[str]) -> list[str]:
    """Patterns that hold the words anywhere."""
    literal = (word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for word in words)
    return [f"%{word}%" for word in literal]


def looked_up(words: list[str]) -> bool:
    """Whether an index of groups of three characters can tell who holds words like these, the longest first."""
    return bool(words) and len(words[0]) >= _INDEXED


async def few_like(work: Work, words: list[str]) -> Matches:
    """The leads that hold all `words`, longest first, where they are few enough: else the caller filters as it goes.

    A number is looked for where numbers begin, which takes the same time among any number of leads; all else, and what
    of ten digits and more no number begins with, by groups of three characters anywhere in names, number and e-mail.
    """
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    if numbers:
        ids = await _numbered(work, numbers[0])
        if len(ids) > FEW and len(words) == 1:
            return Matches(None, many=True)
        if len(ids) <= FEW and (ids or numbers[0].startswith("+")):
            return Matches(ids if len(words) == 1 else await _holding(work, ids, like(words)))
        words = [word for word in words if word not in numbers] + numbers
    if not looked_up(words):
        return Matches(None)
    pattern, *besides = like(words)
    found: list[UUID] | None = await work.fetchval(
        "select leads_like($1, $2, $3, $4::text[], $5)", work.org_id, words[0], pattern, besides, FEW
    )
    return Matches(found, many=found is None)


async def _numbered(work: Work, number: str) -> list[UUID]:
    """The leads whose numbers begin so, up to one more than FEW. By what is between, not by a pattern: that is right in
    any collation, for a plus and digits, and goes by the index behind row-level security."""
    begin = "+" + number.removeprefix("+")
    rows = await work.fetch(
        f"""select lead_id from lead_identities
            where org_id = $1 and kind = 'phone' and value between $2 and $3 limit {FEW + 1}""",
        work.org_id, begin, begin.ljust(32, "9"),
    )  # fmt: skip
    return [row["lead_id"] for row in rows]


async def _holding(work: Work, ids: list[UUID], patterns: list[str]) -> list[UUID]:
    rows = await work.fetch(
        "select l.id from leads l where l.org_id = $1 and l.id = any($2) and l.search like all ($3::text[])",
        work.org_id, ids, patterns,
    )  # fmt: skip
    return [row["id"] for row in rows]


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
