"""The SQL of suppressions and gate decisions. The consent log: consent_store.py."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.contactability.model import Decision
from frontdesk.domain.leads.store import allowed, seen
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.paging import Page
from frontdesk.platform.database import Work, record, records


class Suppression(Struct, frozen=True, kw_only=True):
    """A number that must not be contacted, and why."""

    phone: str
    reason: str
    """keyword, plain_language, carrier or by_hand."""
    evidence: str
    created_at: datetime
    lead_id: UUID | None
    lead_name: str


class StoredDecision(Struct, frozen=True, kw_only=True):
    """One decision of the gate about one lead."""

    id: UUID
    category: str
    allowed: bool
    reason: str
    next_open_at: datetime | None
    decided_at: datetime
    message_id: UUID | None


async def lock(work: Work, phone: str) -> None:
    """Order this work against every other that claims or suppresses the number, until it ends. The guarantee that no
    claim commits after the suppression did stands on this lock."""
    await work.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"contact:{work.org_id}:{phone}")


async def lock_all(work: Work, phones: list[str]) -> None:
    """`lock` for many numbers in one statement, in the order of `lock_shared`."""
    await work.execute(
        """select pg_advisory_xact_lock(key) from (
               select hashtextextended('contact:' || $1 || ':' || phone, 0) as key
               from unnest($2::text[]) phone order by 1) keys""",
        str(work.org_id),
        phones,
    )


async def lock_shared(work: Work, phones: list[str]) -> None:
    """The claiming side of `lock`, for many numbers in one statement, always in the same order."""
    await work.execute(
        """select pg_advisory_xact_lock_shared(key) from (
               select hashtextextended('contact:' || $1 || ':' || phone, 0) as key
               from unnest($2::text[]) phone order by 1) keys""",
        str(work.org_id),
        phones,
    )


async def suppressed(work: Work, phones: list[str]) -> set[str]:
    """Those of `phones` that must not be contacted."""
    rows = await work.fetch(
        "select phone from suppressions where org_id = $1 and phone = any($2) and lifted_at is null",
        work.org_id,
        phones,
    )
    return {row["phone"] for row in rows}


async def insert(work: Work, phone: str, reason: str, evidence: str) -> bool:
    """Suppress. False where it already was."""
    return bool(
        await work.fetchval(
            """insert into suppressions (org_id, phone, reason, evidence, created_at) values ($1, $2, $3, $4, $5)
               on conflict (org_id, phone) do update
                   set reason = excluded.reason, evidence = excluded.evidence, created_at = excluded.created_at,
                       lifted_at = null, lifted_reason = null
                   where suppressions.lifted_at is not null
               returning true""",
            work.org_id,
            phone,
            reason,
            evidence,
            work.now,
        )
    )


async def lift(work: Work, phone: str, reason: str) -> bool:
    """Lift. False where there was none."""
    return bool(
        await work.execute(
            """update suppressions set lifted_at = $3, lifted_reason = $4
               where org_id = $1 and phone = $2 and lifted_at is null""",
            work.org_id,
            phone,
            work.now,
            reason,
        )
    )


_IN_FORCE = """select s.phone, s.reason, s.evidence, s.created_at, l.id as lead_id,
        trim(coalesce(l.first_name, '') || ' ' || coalesce(l.last_name, '')) as lead_name
    from suppressions s
    left join lead_identities i on i.org_id = s.org_id and i.kind = 'phone' and i.value = s.phone
    left join leads l on l.org_id = i.org_id and l.id = i.lead_id
    where s.org_id = $1 and s.lifted_at is null"""


async def page(work: Work, search: str, number: int, limit: int, *, exactly: bool = False) -> Page[Suppression]:
    """Suppressions in force, newest first; of numbers that the actor may see. `exactly`: `search` is the number."""
    digits = search if exactly else _digits(search)
    where = f"""{_IN_FORCE} and {seen("l.id", 2)}
        and case when $3 then s.phone = $4 when $4 <> '' then s.phone like '%' || $4 || '%'
            when $5 <> '' then s.evidence ilike $5 or concat_ws(' ', l.first_name, l.last_name) ilike $5
            else true end"""
    args = [work.org_id, allowed(work), exactly, digits, "" if exactly or not search else _pattern(search)]
    rows = await work.fetch(
        f"{where} order by s.created_at desc, s.phone limit $6 offset $7", *args, limit, (number - 1) * limit
    )
    total = await work.fetchval(f"select count(*) from ({where}) found", *args)
    return Page(items=records(Suppression, rows), total=total)


def _digits(search: str) -> str:
    """What of a search is part of a number: nothing where it has letters; a trunk zero is not in the database."""
    if any(map(str.isalpha, search)):
        return ""
    return "".join(filter(str.isdecimal, search)).lstrip("0")


def _pattern(search: str) -> str:
    return "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


async def page_after(work: Work, phone: str, limit: int) -> list[Suppression]:
    """Suppressions in force of numbers that the actor may see, by number, from the one after `phone`."""
    rows = await work.fetch(
        f"{_IN_FORCE} and {seen('l.id', 2)} and s.phone > $3 order by s.phone limit $4",
        work.org_id, allowed(work), phone, limit,
    )  # fmt: skip
    return records(Suppression, rows)


async def unasked_since(
    work: Work, phones: list[str], since: datetime, besides: list[UUID]
) -> dict[str, list[datetime]]:
    """When each number was sent campaign texts, or rung by the assistant, since then, `besides` these; numbers without
    any are left out."""
    rows = await work.fetch(
        """select recipient, array_agg(claimed_at) as times from (
               select recipient, claimed_at from messages
               where org_id = $1 and recipient = any($2) and direction = 'outbound' and claimed_at > $3
                 and category in ('m1', 'm2', 'm3') and status in ('sending', 'sent', 'delivered', 'unknown')
                 and id <> all($4)
               union all
               select recipient, claimed_at from outgoing_calls
               where org_id = $1 and recipient = any($2) and claimed_at > $3 and first_rings is null
                 and state <> 'waiting' and call_id <> all($4)) unasked
           group by recipient""",
        work.org_id, phones, since, besides,
    )  # fmt: skip
    return {row["recipient"]: row["times"] for row in rows}


class LoggedDecision(Struct, frozen=True, kw_only=True):
    """A decision with what it was about, on its way to the log."""

    lead_id: UUID | None
    phone: str
    message_id: UUID | None
    call_id: UUID | None
    category: str
    decision: Decision


async def log(work: Work, made: list[LoggedDecision]) -> None:
    """Keep decisions, in one statement."""
    await work.execute(
        """insert into gate_decisions (org_id, id, lead_id, phone, message_id, category, allowed, reason, next_open_at,
                                       call_id, decided_at)
           select $1, *, $2 from unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::bool[],
                                        $9::text[], $10::timestamptz[], $11::uuid[])""",
        work.org_id, work.now, [new_id() for _ in made], [one.lead_id for one in made], [one.phone for one in made],
        [one.message_id for one in made], [one.category for one in made], [one.decision.allowed for one in made],
        [one.decision.reason.value for one in made], [one.decision.next_open_at for one in made],
        [one.call_id for one in made],
    )  # fmt: skip


async def of_lead(work: Work, lead_id: UUID, limit: int) -> list[StoredDecision]:
    """The newest decisions about a lead."""
    rows = await work.fetch(
        """select id, category, allowed, reason, next_open_at, decided_at, message_id from gate_decisions
           where org_id = $1 and lead_id = $2 order by decided_at desc, id desc limit $3""",
        work.org_id, lead_id, limit,
    )  # fmt: skip
    return records(StoredDecision, rows)


class OrgRules(Struct, frozen=True, kw_only=True):
    """What an organisation brings to the gate."""

    time_zone: str
    country: str
    number: str | None
    provider: str | None
    daily_cap: int
    weekly_cap: int


async def rules(work: Work) -> OrgRules:
    """The organisation's rules."""
    row = await work.fetchrow(
        """select o.time_zone, o.country, o.number, n.provider, o.daily_cap, o.weekly_cap from organizations o
           left join numbers n on n.org_id = o.org_id and n.phone = o.number where o.org_id = $1""",
        work.org_id,
    )
    assert row is not None
    return record(OrgRules, row)


async def forget_decisions(work: Work, allowed_kept: timedelta, limit: int) -> int:
    """Delete up to `limit` decisions, over all organisations, that are older than they are kept. Runs as the system
    role. Those that allowed something go after `allowed_kept`, if not before."""
    return await work.execute(
        """with old as (
               select d.org_id, d.id from organizations o
               cross join (values (true), (false)) kind (allowed)
               cross join lateral (
                   select g.org_id, g.id from gate_decisions g
                   where g.org_id = o.org_id and g.allowed = kind.allowed
                     and g.decided_at < $1::timestamptz - case
                         when kind.allowed then least($2, o.decisions_kept_days * interval '1 day')
                         else o.decisions_kept_days * interval '1 day' end
                   order by g.decided_at limit $3) d
               limit $3)
           delete from gate_decisions g using old where g.org_id = old.org_id and g.id = old.id""",
        work.now, allowed_kept, limit,
    )  # fmt: skip
