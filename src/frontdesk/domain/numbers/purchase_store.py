"""The SQL of numbers that are bought, and of purchases whose end nobody saw."""

from datetime import datetime
from uuid import UUID

from frontdesk.domain.numbers.model import Number, NumberChange, Purchase, PurchaseStatus, Verdict
from frontdesk.domain.numbers.store import NUMBER
from frontdesk.platform.database import Work, record, records

_PURCHASE = "id, phone, provider, friendly_name, status, asked_at, operators, verdict"


async def one_at_a_time(work: Work) -> None:
    """Let purchases of the organisation begin one after another: they are counted against its plan."""
    await work.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"numbers:{work.org_id}")


async def of_phone(work: Work, phone: str) -> Number | None:
    """The organisation's number, if it has it."""
    row = await work.fetchrow(
        f"select {NUMBER} from numbers n where n.org_id = $1 and n.phone = $2", work.org_id, phone
    )
    return None if row is None else record(Number, row)


async def counted(work: Work) -> int:
    """The numbers that were bought, and those that may be on their way."""
    return await work.fetchval(
        """select (select count(*) from numbers where org_id = $1 and bought_at is not null)
               + (select count(*) from number_purchases where org_id = $1 and status in ('asked', 'unknown'))""",
        work.org_id,
    )


async def open_purchase(work: Work, phone: str) -> Purchase | None:
    """A purchase of the number that has not ended, locked."""
    row = await work.fetchrow(
        f"""select {_PURCHASE} from number_purchases
            where org_id = $1 and phone = $2 and status in ('asked', 'unknown') for update""",
        work.org_id, phone,
    )  # fmt: skip
    return None if row is None else record(Purchase, row)


async def begin(
    work: Work, id_: UUID, phone: str, provider: str, friendly_name: str | None, *, operators: bool
) -> Purchase | None:
    """Keep the intent. None where another organisation is buying the number, or has it."""
    if await work.fetchval("select org_of_number($1)", phone) is not None:
        return None
    row = await work.fetchrow(
        f"""insert into number_purchases (org_id, id, phone, provider, friendly_name, operators, status, asked_by,
                                              asked_at)
            values ($1, $2, $3, $4, $5, $6, 'asked', $7, $8)
            on conflict (phone) where status in ('asked', 'unknown') do nothing returning {_PURCHASE}""",
        work.org_id, id_, phone, provider, friendly_name, operators, work.actor.id, work.now,
    )  # fmt: skip
    return None if row is None else record(Purchase, row)


async def ask_again(work: Work, id_: UUID) -> None:
    """Somebody tries anew."""
    await work.execute(
        """update number_purchases set status = 'asked', asked_at = $3, look_at = null
           where org_id = $1 and id = $2""",
        work.org_id, id_, work.now,
    )  # fmt: skip


async def settle(work: Work, id_: UUID, status: PurchaseStatus) -> None:
    """Note what became of it."""
    await work.execute(
        "update number_purchases set status = $3, settled_at = $4 where org_id = $1 and id = $2",
        work.org_id, id_, status.value, work.now,
    )  # fmt: skip


async def keep(work: Work, id_: UUID, bought: Purchase, *, sandbox: bool) -> tuple[Number | None, bool]:
    """Keep the number that was bought; with whether it was not kept already. None: another organisation has it."""
    new = await work.execute(
        """insert into numbers (org_id, id, phone, provider, sandbox, friendly_name, operators, bought_at, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $8) on conflict (phone) do nothing""",
        work.org_id, id_, bought.phone, bought.provider, sandbox, bought.friendly_name, bought.operators, work.now,
    )  # fmt: skip
    return await of_phone(work, bought.phone), bool(new)


# --- in doubt ---------------------------------------------------------------------------------------------------------


async def never_told(work: Work, phone: str) -> bool:
    """Whether a purchase of the number was given up because the carrier could not be asked: it may have been made."""
    return await work.fetchval(
        "select exists (select from number_purchases where org_id = $1 and phone = $2 and verdict = 'not_told')",
        work.org_id, phone,
    )  # fmt: skip


async def doubtful(work: Work, settled_since: datetime) -> list[Purchase]:
    """Purchases whose end is still to be seen, and those in doubt that ended without a number since then."""
    rows = await work.fetch(
        f"""select {_PURCHASE} from number_purchases
            where org_id = $1 and (status in ('asked', 'unknown') or verdict is not null and settled_at >= $2)
            order by asked_at desc limit 20""",
        work.org_id, settled_since,
    )  # fmt: skip
    return records(Purchase, rows)


async def due(work: Work, asked_before: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """(organisation, purchase) of those that the carrier is to be asked about now. `work` spans tenants."""
    rows = await work.fetch(
        """select org_id, id from number_purchases
           where (status = 'unknown' or status = 'asked' and asked_at < $1) and (look_at is null or look_at <= $2)
           order by look_at nulls first limit $3""",
        asked_before, work.now, limit,
    )  # fmt: skip
    return [(row["org_id"], row["id"]) for row in rows]


async def claim_look(work: Work, id_: UUID, until: datetime) -> Purchase | None:
    """A purchase in doubt, to be looked into by nobody else until then. None: it is not due any more."""
    row = await work.fetchrow(
        f"""update number_purchases set look_at = $3
            where org_id = $1 and id = $2 and status in ('asked', 'unknown') and (look_at is null or look_at <= $4)
            returning {_PURCHASE}""",
        work.org_id, id_, until, work.now,
    )  # fmt: skip
    return None if row is None else record(Purchase, row)


async def look_again(work: Work, seen: Purchase, at: datetime) -> None:
    """Note when the carrier is asked next, unless somebody has tried anew meanwhile."""
    await work.execute(
        """update number_purchases set look_at = $4
           where org_id = $1 and id = $2 and asked_at = $3 and status in ('asked', 'unknown')""",
        work.org_id, seen.id, seen.asked_at, at,
    )  # fmt: skip


async def give_up(work: Work, seen: Purchase, verdict: Verdict) -> bool:
    """End a purchase in doubt without a number; False where somebody has tried anew meanwhile, or it has ended."""
    return bool(
        await work.execute(
            """update number_purchases set status = 'refused', verdict = $4, settled_at = $5
               where org_id = $1 and id = $2 and asked_at = $3 and status in ('asked', 'unknown')""",
            work.org_id, seen.id, seen.asked_at, verdict.value, work.now,
        )
    )  # fmt: skip


async def change(work: Work, number_id: UUID, wanted: NumberChange) -> Number | None:
    """Change what is set. None: there is no such number."""
    given = {name: getattr(wanted, name) for name in wanted.__struct_fields__}
    named, routed = isinstance(given["friendly_name"], str | None), isinstance(given["route_to_ai"], bool)
    row = await work.fetchrow(
        f"""update numbers n set friendly_name = case when $3 then $4 else n.friendly_name end,
                route_to_ai = coalesce($5, n.route_to_ai) where n.org_id = $1 and n.id = $2 returning {NUMBER}""",
        work.org_id, number_id, named, given["friendly_name"] if named else None,
        given["route_to_ai"] if routed else None,
    )  # fmt: skip
    return None if row is None else record(Number, row)
