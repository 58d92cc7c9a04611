"""Calendars of the sandbox: what was entered into them, and nothing else. Implements `ports.calendar.Calendar`."""

from datetime import datetime
from uuid import UUID

from frontdesk.adapters.sandbox.consent import SandboxAccounts
from frontdesk.kernel.access import system_actor
from frontdesk.kernel.ids import new_id
from frontdesk.platform.database import Row
from frontdesk.ports.calendar import Event, Placed, Span
from frontdesk.ports.consent import Tokens

MEETING = "/console/sandbox/meeting"


class SandboxCalendar:
    """Everybody's, by their tokens."""

    def __init__(self, accounts: SandboxAccounts, public_url: str) -> None:
        self._accounts, self._public_url = accounts, public_url.rstrip("/")

    async def busy(self, tokens: Tokens, start: datetime, end: datetime) -> list[Span]:
        """As the port says."""
        org_id, account = await self._accounts.account_of(tokens)
        async with self._accounts.works.read(system_actor(org_id)) as work:
            rows = await work.fetch(
                """select starts_at, ends_at from sandbox_events
                   where org_id = $1 and account = $2 and removed_at is null and starts_at < $4 and ends_at > $3
                   order by starts_at, ends_at""",
                org_id, account, start, end,
            )  # fmt: skip
        return [Span(row["starts_at"], row["ends_at"]) for row in rows]

    async def place(self, tokens: Tokens, event: Event) -> Placed | None:
        """As the port says."""
        org_id, account = await self._accounts.account_of(tokens)
        async with self._accounts.works.begin(system_actor(org_id)) as work:
            await work.execute(
                """insert into sandbox_events (org_id, account, reference, title, starts_at, ends_at, link)
                   values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing""",
                org_id, account, event.reference, event.title, event.start, event.end,
                f"{self._public_url}{MEETING}/{event.reference.hex}",
            )  # fmt: skip
        return await self.find(tokens, event)

    async def find(self, tokens: Tokens, event: Event) -> Placed | None:
        """As the port says."""
        org_id, account = await self._accounts.account_of(tokens)
        async with self._accounts.works.read(system_actor(org_id)) as work:
            row = await work.fetchrow(
                """select reference, link from sandbox_events
                   where org_id = $1 and account = $2 and reference = $3 and removed_at is null""",
                org_id, account, event.reference,
            )  # fmt: skip
        return _placed(row) if row else None

    async def remove(self, tokens: Tokens, event: Event) -> None:
        """As the port says."""
        org_id, account = await self._accounts.account_of(tokens)
        async with self._accounts.works.begin(system_actor(org_id)) as work:
            await work.execute(
                """update sandbox_events set removed_at = $4
                   where org_id = $1 and account = $2 and reference = $3 and removed_at is null""",
                org_id, account, event.reference, work.now,
            )  # fmt: skip

    async def take(self, tokens: Tokens, title: str, start: datetime, end: datetime) -> UUID:
        """Enter something that has nothing to do with us, as the owner of a calendar does; its reference."""
        org_id, account = await self._accounts.account_of(tokens)
        reference = new_id()
        async with self._accounts.works.begin(system_actor(org_id)) as work:
            await work.execute(
                """insert into sandbox_events (org_id, account, reference, title, starts_at, ends_at, link)
                   values ($1, $2, $3, $4, $5, $6, '')""",
                org_id, account, reference, title, start, end,
            )  # fmt: skip
        return reference


def _placed(row: Row) -> Placed:
    return Placed(row["reference"].hex, row["link"])
