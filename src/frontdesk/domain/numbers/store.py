"""The SQL of numbers and of accounts with carriers."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from frontdesk.domain.numbers.model import Account, Number
from frontdesk.platform.database import Work, record, records
from frontdesk.ports.carrier import Sealed

NUMBER = """n.id, n.phone, n.provider, n.sandbox, n.problem_code, n.problem_at, n.friendly_name, n.route_to_ai,
    n.bought_at, n.leaving_at, n.operators"""


class Key(Struct, frozen=True):
    """Whose account a number stands under."""

    org_id: UUID
    provider: str
    sealed: str


async def current(work: Work) -> Number | None:
    """The number that texts go out from."""
    row = await work.fetchrow(
        f"""select {NUMBER} from organizations o join numbers n on n.org_id = o.org_id and n.phone = o.number
            where o.org_id = $1""",
        work.org_id,
    )
    return None if row is None else record(Number, row)


async def numbers(work: Work) -> list[Number]:
    """All numbers of the organisation, the sandbox one that everybody has first."""
    rows = await work.fetch(
        f"""select {NUMBER} from numbers n where n.org_id = $1
            order by n.sandbox desc, n.bought_at nulls first, n.created_at""",
        work.org_id,
    )
    return records(Number, rows)


async def insert(work: Work, id_: UUID, phone: str, provider: str, *, operators: bool) -> Number | None:
    """Keep a number for the organisation, if it has it not already. None: another one has it."""
    await work.execute(
        """insert into numbers (org_id, id, phone, provider, operators, created_at) values ($1, $2, $3, $4, $5, $6)
           on conflict (phone) do nothing""",
        work.org_id, id_, phone, provider, operators, work.now,
    )  # fmt: skip
    row = await work.fetchrow(
        f"select {NUMBER} from numbers n where n.org_id = $1 and n.phone = $2 and n.provider = $3",
        work.org_id, phone, provider,
    )  # fmt: skip
    return None if row is None else record(Number, row)


async def delete(work: Work, ids: Collection[UUID]) -> None:
    """Give numbers up."""
    await work.execute("delete from numbers where org_id = $1 and id = any($2)", work.org_id, list(ids))


async def text_from(work: Work, phone: str) -> None:
    """From now on texts go out from this number."""
    await work.execute(
        "update organizations set number = $2, updated_at = $3 where org_id = $1", work.org_id, phone, work.now
    )


async def set_problem(work: Work, phone: str, code: str, again: timedelta) -> UUID | None:
    """Note what is wrong with a number; its id where that is news, or is told again after so long."""
    return await work.fetchval(
        """update numbers set problem_code = $3, problem_at = $4
           where org_id = $1 and phone = $2 and (problem_code is distinct from $3 or problem_at < $5) returning id""",
        work.org_id, phone, code, work.now, work.now - again,
    )  # fmt: skip


async def clear_problem(work: Work, phone: str) -> None:
    """Note that nothing is wrong with a number."""
    await work.execute(
        """update numbers set problem_code = null, problem_at = null
           where org_id = $1 and phone = $2 and problem_code is not null""",
        work.org_id, phone,
    )  # fmt: skip


# --- accounts ---------------------------------------------------------------------------------------------------------


async def account(work: Work, provider: str | None = None) -> Account | None:
    """The organisation's own account, with that carrier if one is named."""
    row = await work.fetchrow(
        """select provider, account, shown, updated_at from carrier_accounts
           where org_id = $1 and ($2::text is null or provider = $2) order by provider limit 1""",
        work.org_id, provider,
    )  # fmt: skip
    return None if row is None else record(Account, row)


async def sealed(work: Work, provider: str) -> str | None:
    """The account's credentials, encrypted."""
    return await work.fetchval(
        "select sealed from carrier_accounts where org_id = $1 and provider = $2", work.org_id, provider
    )


async def keep_account(work: Work, provider: str, new: Sealed) -> None:
    """Keep the account in place of another with that carrier."""
    await work.execute(
        """insert into carrier_accounts (org_id, provider, account, sealed, shown, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $6)
           on conflict (org_id, provider) do update
               set account = $3, sealed = $4, shown = $5, updated_at = $6""",
        work.org_id, provider, new.account, new.text, new.shown, work.now,
    )  # fmt: skip


async def delete_account(work: Work, provider: str) -> None:
    """Forget the account."""
    await work.execute("delete from carrier_accounts where org_id = $1 and provider = $2", work.org_id, provider)


async def keys_of_member(work: Work, user_id: UUID) -> list[Key]:
    """The accounts that organisations have themselves in which the person works. Runs as the system role."""
    rows: list[Any] = await work.fetch(
        """select a.org_id, a.provider, a.sealed from memberships m join carrier_accounts a on a.org_id = m.org_id
           where m.user_id = $1 and m.status = 'active'""",
        user_id,
    )
    return records(Key, rows)


async def keys_of(work: Work, phones: Collection[str]) -> list[Key]:
    """The accounts that numbers of ours stand under, of those that organisations have themselves. Runs as the system
    role."""
    rows: list[Any] = await work.fetch(
        """select a.org_id, a.provider, a.sealed from numbers n
           join carrier_accounts a on a.org_id = n.org_id and a.provider = n.provider where n.phone = any($1)""",
        list(phones),
    )
    return records(Key, rows)
