"""The SQL of billing. Every statement names the organisation, though row-level security would hold without it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from frontdesk.domain.billing.model import Grain, Metered, PastUsage, Period, Subscription, Totals
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Work, record, records

_SUBSCRIPTION = """provider, customer, reference, plan, status, period_start, period_end, amount, currency,
    ends_at_period_end, began_at, as_of"""


async def one_at_a_time(work: Work) -> None:
    """Let usage and reservations of the organisation be counted one after another, until the transaction ends."""
    await work.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"billing:{work.org_id}")


async def subscription(work: Work, *, lock: bool = False) -> Subscription | None:
    """What the organisation has bought."""
    row = await work.fetchrow(
        f"select {_SUBSCRIPTION} from subscriptions where org_id = $1 {'for update' if lock else ''}", work.org_id
    )
    return None if row is None else record(Subscription, row)


async def save_subscription(work: Work, told: Subscription) -> None:
    """Keep what the organisation has bought, in place of what was there."""
    await work.execute(
        f"""insert into subscriptions (org_id, {_SUBSCRIPTION}, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            on conflict (org_id) do update set provider = $2, customer = $3, reference = $4, plan = $5, status = $6,
                period_start = $7, period_end = $8, amount = $9, currency = $10, ends_at_period_end = $11,
                began_at = $12, as_of = $13, updated_at = $14""",
        work.org_id, told.provider, told.customer, told.reference, told.plan.value, told.status.value,
        told.period_start, told.period_end, told.amount, told.currency, told.ends_at_period_end, told.began_at,
        told.as_of, work.now,
    )  # fmt: skip


async def customers(work: Work, provider: str) -> list[str]:
    """Whom the provider knows the organisation as, the first one first."""
    rows = await work.fetch(
        "select customer from payment_customers where org_id = $1 and provider = $2 order by created_at, customer",
        work.org_id, provider,
    )  # fmt: skip
    return [row["customer"] for row in rows]


async def is_customer(work: Work, provider: str, customer: str) -> bool:
    """Keep that the organisation is this customer of the provider. False where another organisation is."""
    await work.execute(
        """insert into payment_customers (org_id, provider, customer, created_at) values ($1, $2, $3, $4)
           on conflict do nothing""",
        work.org_id, provider, customer, work.now,
    )  # fmt: skip
    return customer in await customers(work, provider)


async def set_plan(work: Work, plan: str) -> None:
    """Put the organisation on a plan."""
    await work.execute(
        "update organizations set plan = $2, updated_at = $3 where org_id = $1 and plan <> $2",
        work.org_id, plan, work.now,
    )  # fmt: skip


async def take_event(work: Work, provider: str, event_id: str, type_: str) -> bool:
    """Note that an event was told. False where it had been."""
    return await work.execute(
        """insert into payment_events (org_id, provider, event_id, type, taken_at) values ($1, $2, $3, $4, $5)
           on conflict do nothing""",
        work.org_id, provider, event_id, type_, work.now,
    ) > 0  # fmt: skip


async def organization_exists(work: Work) -> bool:
    """Whether the organisation worked for is one of ours."""
    return await work.fetchval("select exists (select from organizations where org_id = $1)", work.org_id)


# --- usage ------------------------------------------------------------------------------------------------------------


async def add_usage(work: Work, kind: Metered, subject_id: UUID, quantity: int, at: datetime) -> bool:
    """Count something, once for each subject. False where it was counted already."""
    return await work.execute(
        """insert into usage (org_id, kind, subject_id, quantity, occurred_at) values ($1, $2, $3, $4, $5)
           on conflict do nothing""",
        work.org_id, kind.value, subject_id, quantity, at,
    ) > 0  # fmt: skip


async def totals(work: Work, period: Period) -> Totals:
    """What was used in a period, and what is set aside and left now."""
    row = await work.fetchrow(
        """select u.*, r.*, b.* from
               (select coalesce(sum(quantity) filter (where kind = 'call_seconds'), 0)::bigint as call_seconds,
                       coalesce(sum(quantity) filter (where kind = 'ai_seconds'), 0)::bigint as ai_seconds
                from usage where org_id = $1 and kind in ('call_seconds', 'ai_seconds')
                    and occurred_at >= $2 and occurred_at < $3) u,
               (select coalesce(sum(call_seconds), 0)::bigint as reserved_call_seconds,
                       coalesce(sum(ai_seconds), 0)::bigint as reserved_ai_seconds
                from call_reservations where org_id = $1) r,
               (select coalesce(sum(seconds) filter (where kind = 'call_seconds'), 0)::bigint as call_balance,
                       coalesce(sum(seconds) filter (where kind = 'ai_seconds'), 0)::bigint as ai_balance
                from minute_ledger where org_id = $1) b""",
        work.org_id, period.start, period.end,
    )  # fmt: skip
    assert row is not None
    return record(Totals, row)


async def counts(work: Work) -> tuple[int, int]:
    """(phone numbers besides the one that everybody is given, members and open invitations) of the organisation."""
    row = await work.fetchrow(
        """select (select count(*) from numbers where org_id = $1
                        and (bought_at is not null or not sandbox)) as numbers,
                  (select count(*) from memberships where org_id = $1)
                  + (select count(*) from invitations where org_id = $1 and accepted_at is null and revoked_at is null
                        and expires_at > $2) as seats""",
        work.org_id, work.now,
    )  # fmt: skip
    assert row is not None
    return row["numbers"], row["seats"]


_CUT: dict[Grain, tuple[str, str]] = {
    Grain.DAILY: ("day", "YYYY-MM-DD"),
    Grain.WEEKLY: ("week", 'IYYY-"W"IW'),
    Grain.MONTHLY: ("month", "YYYY-MM"),
}


async def history(work: Work, grain: Grain, since: datetime, zone: str) -> list[PastUsage]:
    """What was used from `since` until now, cut by the calendar of `zone`, newest first; empty pieces too."""
    unit, label = _CUT[grain]
    rows = await work.fetch(
        f"""with pieces as (
                select generate_series(date_trunc('{unit}', $2 at time zone $4),
                                       date_trunc('{unit}', $3 at time zone $4), '1 {unit}'::interval) as piece),
            used as (
                select date_trunc('{unit}', occurred_at at time zone $4) as piece, kind, sum(quantity)::bigint as total,
                       count(*) as times
                from usage where org_id = $1 and occurred_at >= $2 group by 1, 2)
            select to_char(p.piece, '{label}') as period,
                   coalesce(sum(u.total) filter (where u.kind = 'call_seconds'), 0)::bigint as call_seconds,
                   coalesce(sum(u.total) filter (where u.kind = 'ai_seconds'), 0)::bigint as ai_seconds,
                   coalesce(sum(u.times) filter (where u.kind = 'call_seconds'), 0)::bigint as calls,
                   coalesce(sum(u.times) filter (where u.kind = 'leads'), 0)::bigint as leads
            from pieces p left join used u using (piece) group by p.piece order by p.piece desc""",
        work.org_id, since, work.now, zone,
    )  # fmt: skip
    return records(PastUsage, rows)


# --- minutes beside the plan's ----------------------------------------------------------------------------------------


async def enter(work: Work, kind: Metered, seconds: int, source: str) -> bool:
    """Write a line of the ledger, once for each source. False where it was written already."""
    args: list[Any] = [work.org_id, new_id(), kind.value, seconds, source, work.now]
    return await work.execute(
        """insert into minute_ledger (org_id, id, kind, seconds, source, created_at) values ($1, $2, $3, $4, $5, $6)
           on conflict (org_id, kind, source) do nothing""",
        *args,
    ) > 0  # fmt: skip


async def reserve(work: Work, call_id: UUID, call_seconds: int, ai_seconds: int) -> None:
    """Set seconds aside for a call under way."""
    await work.execute(
        """insert into call_reservations (org_id, call_id, call_seconds, ai_seconds, created_at)
           values ($1, $2, $3, $4, $5) on conflict do nothing""",
        work.org_id, call_id, call_seconds, ai_seconds, work.now,
    )  # fmt: skip


async def release(work: Work, call_id: UUID) -> None:
    """Give back what was set aside for a call."""
    await work.execute("delete from call_reservations where org_id = $1 and call_id = $2", work.org_id, call_id)
