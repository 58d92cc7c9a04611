"""A CRM of the sandbox: contacts and what happened with them, in an account's own books. Implements `ports.crm.Crm`."""

from typing import Any
from uuid import UUID

import msgspec

from frontdesk.adapters.sandbox.consent import SandboxAccounts
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.ids import new_id, parse_id
from frontdesk.platform.database import Work
from frontdesk.ports.consent import Tokens
from frontdesk.ports.crm import Activity, Person


class SandboxCrm:
    """Everybody's, by their tokens."""

    def __init__(self, accounts: SandboxAccounts) -> None:
        self._accounts = accounts

    async def contact(self, tokens: Tokens, person: Person, known: str | None) -> str:
        """As the port says."""
        org_id, account = await self._accounts.account_of(tokens)
        async with self._accounts.works.begin(system_actor(org_id)) as work:
            row = await work.fetchrow(
                """select id, told from sandbox_crm_objects
                   where org_id = $1 and account = $2 and kind = 'contact'
                       and (id = $3 or (told->>'email' = $4 and $4 <> '') or (told->>'phone' = $5 and $5 <> ''))
                   order by (id = $3) desc nulls last, (told->>'email' = $4) desc, created_at limit 1 for update""",
                org_id, account, parse_id(known or ""), person.email, person.phone,
            )  # fmt: skip
            told: dict[str, Any] = msgspec.to_builtins(person)
            if row is None:
                return str(await _insert(work, account, "contact", None, None, told))
            before: dict[str, Any] = row["told"]
            await _update(work, row["id"], {name: before.get(name) or value for name, value in told.items()})
            return str(row["id"])

    async def activity(
        self, tokens: Tokens, contact: str, activity: Activity, known: str | None, *, maybe_there: bool
    ) -> str:
        """As the port says. What has the same reference is the same."""
        org_id, account = await self._accounts.account_of(tokens)
        async with self._accounts.works.begin(system_actor(org_id)) as work:
            found: UUID | None = await work.fetchval(
                """select id from sandbox_crm_objects where org_id = $1 and account = $2 and kind = $3
                       and (id = $4 or reference = $5) limit 1 for update""",
                org_id, account, activity.kind.value, parse_id(known or ""), activity.reference,
            )  # fmt: skip
            told: dict[str, Any] = msgspec.to_builtins(activity)
            if found is None:
                whose = parse_id(contact)
                return str(await _insert(work, account, activity.kind.value, whose, activity.reference, told))
            await _update(work, found, told)
            return str(found)


async def _insert(
    work: Work, account: UUID, kind: str, contact: UUID | None, reference: str | None, told: dict[str, Any]
) -> UUID:
    id_ = new_id()
    await work.execute(
        """insert into sandbox_crm_objects (org_id, account, id, kind, contact, reference, told, created_at, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $8)""",
        work.org_id, account, id_, kind, contact, reference, told, work.now,
    )  # fmt: skip
    return id_


async def _update(work: Work, id_: UUID, told: dict[str, Any]) -> None:
    await work.execute(
        "update sandbox_crm_objects set told = $3, updated_at = $4 where org_id = $1 and id = $2",
        work.org_id, id_, told, work.now,
    )  # fmt: skip
