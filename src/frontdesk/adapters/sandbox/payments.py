"""The sandbox as a payment provider: its till is a page of our own, where everything is paid for by a click.

Implements `ports.payments.Payments` and `Till`. No money moves. Ids name the organisation, so that nothing here has to
look across tenants.
"""

import calendar
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from frontdesk.kernel.access import system_actor
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.money import Money
from frontdesk.platform.database import Row, Work, Works
from frontdesk.ports.payments import (
    Buyer,
    Intent,
    Invoice,
    Item,
    NotGenuine,
    Notice,
    PaymentFailed,
    ProvidedSubscription,
    Purchase,
    SubscriptionState,
)

_REFERENCE = re.compile(r"(?:sub|pi)_([0-9a-f]{32})([0-9a-f]{32})")
_TOKEN = re.compile(r"([0-9a-f]{32})([0-9a-f]{32})([0-9a-f]{32})")
_FOUND = "id, secret, item, name, recurring, amount, currency, back, created_at, paid_at, canceled_at"


class SandboxPayments:
    """A payment provider that needs no account and no network."""

    name = "sandbox"

    def __init__(self, works: Works, public_url: str) -> None:
        self._works, self._public_url = works, public_url.rstrip("/")

    # --- the port -----------------------------------------------------------------------------------------------------

    async def customer(self, buyer: Buyer) -> str:
        """As the port says."""
        return f"cus_{buyer.org_id.hex}"

    async def checkout(self, buyer: Buyer, item: Item, back: str) -> str:
        """As the port says."""
        _, token = await self._begin(buyer, item, back)
        return self._page(token)

    async def portal(self, customer: str, back: str) -> str:
        """The page of the subscription in force."""
        org_id = UUID(customer.removeprefix("cus_"))
        async with self._works.read(system_actor(org_id)) as work:
            row = await work.fetchrow(
                f"""select {_FOUND} from sandbox_purchases where org_id = $1 and recurring and paid_at is not null
                    order by (canceled_at is null) desc, paid_at desc limit 1""",
                org_id,
            )
        if row is None:
            raise PaymentFailed("There is nothing to manage.")
        return self._page(_token(org_id, row["id"], row["secret"]))

    async def intend(self, buyer: Buyer, item: Item, back: str) -> Intent:
        """As the port says; it is confirmed at its page."""
        id_, token = await self._begin(buyer, item, back)
        reference = f"pi_{buyer.org_id.hex}{id_.hex}"
        return Intent(reference, f"{reference}_secret_{token[64:]}", self._page(token))

    async def invoices(self, customer: str) -> list[Invoice]:
        """One for each month of a subscription that has begun, and one for each pack."""
        org_id = UUID(customer.removeprefix("cus_"))
        async with self._works.read(system_actor(org_id)) as work:
            rows = await work.fetch(
                f"select {_FOUND} from sandbox_purchases where org_id = $1 and paid_at is not null", org_id
            )
            now = work.now
        found = [
            Invoice(f"in_{row['id'].hex}{n:02}", Money(row["amount"], row["currency"]), "paid", date, None)
            for row in rows
            for n, date in enumerate(_charged(row, now))
        ]
        return sorted(found, key=lambda invoice: invoice.date, reverse=True)[:100]

    async def subscription(self, reference: str) -> ProvidedSubscription | None:
        """As the port says."""
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            return None
        org_id = UUID(match[1])
        async with self._works.read(system_actor(org_id)) as work:
            row = await _get(work, UUID(match[2]))
            now = work.now
        if row is None or not row["recurring"] or row["paid_at"] is None:
            return None
        months = len(_charged(row, now)) - 1
        return ProvidedSubscription(
            org_id=org_id,
            customer=f"cus_{org_id.hex}",
            reference=reference,
            item=row["item"],
            state=SubscriptionState.CANCELED if row["canceled_at"] else SubscriptionState.ACTIVE,
            period_start=_later(row["paid_at"], months),
            period_end=_later(row["paid_at"], months + 1),
            amount=Money(row["amount"], row["currency"]),
            ends_at_period_end=False,
            began_at=row["paid_at"],
        )

    async def cancel(self, reference: str, *, credit: bool) -> None:
        """As the port says. No money moves here, so none is credited."""
        if match := _REFERENCE.fullmatch(reference):
            await self._set("canceled_at", UUID(match[1]), UUID(match[2]))

    def read(self, body: bytes, signature: str) -> Notice:
        """Nobody posts for the sandbox: what happens at the till is told by the till."""
        raise NotGenuine

    # --- the till -----------------------------------------------------------------------------------------------------

    async def look(self, token: str) -> Purchase | None:
        """As the port says."""
        found = await self._of_token(token)
        if found is None:
            return None
        _, row = found
        return Purchase(
            row["name"], Money(row["amount"], row["currency"]), row["recurring"], row["back"], row["paid_at"],
            row["canceled_at"],
        )  # fmt: skip

    async def pay(self, token: str) -> Notice | None:
        """As the port says."""
        found = await self._of_token(token)
        if found is None:
            return None
        org_id, row = found
        await self._set("paid_at", org_id, row["id"])
        amount, suffix = Money(row["amount"], row["currency"]), f"{org_id.hex}{row['id'].hex}"
        if row["recurring"]:
            reference = f"sub_{suffix}"
            return Notice(id=f"evt_{row['id'].hex}_paid", type="checkout.session.completed", org_id=org_id,
                          subscription=reference, reference=reference, amount=amount)  # fmt: skip
        return Notice(id=f"evt_{row['id'].hex}_paid", type="payment_intent.succeeded", org_id=org_id,
                      pack=row["item"], reference=f"pi_{suffix}", amount=amount)  # fmt: skip

    async def cancel_by(self, token: str) -> Notice | None:
        """As the port says."""
        found = await self._of_token(token)
        if found is None or not found[1]["recurring"] or found[1]["paid_at"] is None:
            return None
        org_id, row = found
        await self._set("canceled_at", org_id, row["id"])
        return Notice(id=f"evt_{row['id'].hex}_canceled", type="customer.subscription.deleted", org_id=org_id,
                      subscription=f"sub_{org_id.hex}{row['id'].hex}")  # fmt: skip

    # --- its books ----------------------------------------------------------------------------------------------------

    def _page(self, token: str) -> str:
        return f"{self._public_url}/console/checkout/{token}"

    async def _begin(self, buyer: Buyer, item: Item, back: str) -> tuple[UUID, str]:
        id_, secret = new_id(), secrets.token_hex(16)
        async with self._works.begin(system_actor(buyer.org_id)) as work:
            await work.execute(
                """insert into sandbox_purchases
                       (org_id, id, secret, item, name, recurring, amount, currency, back, created_at)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
                buyer.org_id, id_, secret, item.id, item.name, item.recurring, item.amount.minor, item.amount.currency,
                back, work.now,
            )  # fmt: skip
        return id_, _token(buyer.org_id, id_, secret)

    async def _of_token(self, token: str) -> tuple[UUID, Row] | None:
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        org_id = UUID(match[1])
        async with self._works.read(system_actor(org_id)) as work:
            row = await _get(work, UUID(match[2]))
        return (org_id, row) if row is not None and hmac.compare_digest(row["secret"], match[3]) else None

    async def _set(self, column: str, org_id: UUID, id_: UUID) -> None:
        """Note an instant, once."""
        async with self._works.begin(system_actor(org_id)) as work:
            await work.execute(
                f"update sandbox_purchases set {column} = $3 where org_id = $1 and id = $2 and {column} is null",
                org_id, id_, work.now,
            )  # fmt: skip


async def _get(work: Work, id_: UUID) -> Row | None:
    return await work.fetchrow(
        f"select {_FOUND} from sandbox_purchases where org_id = $1 and id = $2", work.org_id, id_
    )


def _token(org_id: UUID, id_: UUID, secret: str) -> str:
    return f"{org_id.hex}{id_.hex}{secret}"


def _charged(row: Any, now: datetime) -> list[datetime]:
    """When a purchase was charged: once, or each month while it lasts."""
    dates: list[datetime] = [row["paid_at"]]
    ends = min(now, row["canceled_at"] or now)
    while row["recurring"] and (following := _later(row["paid_at"], len(dates))) <= ends - timedelta(seconds=1):
        dates.append(following)
    return dates


def _later(start: datetime, months: int) -> datetime:
    """So many months later, on the same day or the last of a shorter month."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))
