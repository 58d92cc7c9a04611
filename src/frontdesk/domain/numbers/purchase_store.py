"""The SQL of numbers that are bought."""

from uuid import UUID

from frontdesk.domain.numbers.model import Number, NumberChange, Purchase, PurchaseStatus
from frontdesk.domain.numbers.store import NUMBER
from frontdesk.platform.database import Work, record

_PURCHASE = "id, phone, provider, friendly_name, status, asked_at"


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


async def begin(work: Work, id_: UUID, phone: str, provider: str, friendly_name: str | None) -> Purchase | None:
    """Keep the intent. None where another organisation is buying the number, or has it."""
    if await work.fetchval("select org_of_number($1)", phone) is not None:
        return None
    row = await work.fetchrow(
        f"""insert into number_purchases (org_id, id, phone, provider, friendly_name, status, asked_by, asked_at)
            values ($1, $2, $3, $4, $5, 'asked', $6, $7)
            on conflict (phone) where status in ('asked', 'unknown') do nothing returning {_PURCHASE}""",
        work.org_id, id_, phone, provider, friendly_name, work.actor.id, work.now,
    )  # fmt: skip
    return None if row is None else record(Purchase, row)


async def ask_again(work: Work, id_: UUID) -> None:
    """Somebody tries anew."""
    await work.execute(
        "update number_purchases set status = 'asked', asked_at = $3 where org_id = $1 and id = $2",
        work.org_id, id_, work.now,
    )  # fmt: skip


async def settle(work: Work, id_: UUID, status: PurchaseStatus) -> None:
    """Note what became of it."""
    await work.execute(
        "update number_purchases set status = $3, settled_at = $4 where org_id = $1 and id = $2",
        work.org_id, id_, status.value, work.now,
    )  # fmt: skip


async def keep(work: Work, id_: UUID, bought: Purchase, *, sandbox: bool) -> Number | None:
    """Keep the number that was bought, or is kept already. None: another organisation has it."""
    await work.execute(
        """insert into numbers (org_id, id, phone, provider, sandbox, friendly_name, bought_at, created_at)
           values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (phone) do nothing""",
        work.org_id, id_, bought.phone, bought.provider, sandbox, bought.friendly_name, work.now,
    )  # fmt: skip
    return await of_phone(work, bought.phone)


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
