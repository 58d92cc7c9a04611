"""Seeing to the end of what broke off between us and a carrier: purchases in doubt, and numbers that leave. As periodic
work, of all organisations.

A carrier is asked what it holds, and that is recorded. Nothing is ever bought here. What was not sold is given up after
some minutes, which a carrier may take to do what it was asked; what cannot be asked for days is given up too, and asked
about first when somebody wants the number again.
"""

import contextlib
from datetime import datetime, timedelta
from uuid import UUID

from frontdesk.domain.numbers import leaving_store, purchase_store
from frontdesk.domain.numbers.model import Verdict
from frontdesk.domain.numbers.service.buying import PATIENCE, keep_bought
from frontdesk.domain.numbers.service.leaving import forget, take_back
from frontdesk.domain.numbers.service.sellers import seller_behind
from frontdesk.kernel.access import system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.loops import side_by_side
from frontdesk.ports.carrier import AccountProblem, NumberSeller, Uncertain

NOT_SOLD_AFTER = timedelta(minutes=5)
"""Wall time after which a number that the carrier does not hold was not sold."""
NOT_TOLD_AFTER = timedelta(days=3)
"""Wall time after which a carrier that cannot be asked is asked no more."""
BATCH = 100
AT_ONCE = 4
_SHORTEST, _LONGEST = timedelta(seconds=30), timedelta(hours=1)


async def settle_due(context: Context) -> None:
    """Settle what is due now."""
    async with context.works.across_tenants("numbers in doubt") as work:
        before = work.now - work.clock.lasting(PATIENCE)
        purchases = await purchase_store.due(work, before, BATCH)
        numbers = await leaving_store.due(work, before, BATCH)
    await side_by_side(purchases, lambda one: _settle_purchase(context, *one), AT_ONCE)
    await side_by_side(numbers, lambda one: _settle_leaving(context, *one), AT_ONCE)


async def _settle_purchase(context: Context, org_id: UUID, purchase_id: UUID) -> None:
    actor, seller = system_actor(org_id), None
    async with context.works.begin(actor) as work:
        seen = await purchase_store.claim_look(work, purchase_id, work.now + work.clock.lasting(PATIENCE))
        if seen is None:
            return
        with contextlib.suppress(AccountProblem):  # an account may be connected again
            seller = await seller_behind(context, work, seen.provider, operators=seen.operators)
    sold = await _sold(seller, seen.phone)
    async with context.works.begin(actor) as work:
        age = work.now - seen.asked_at
        if sold:
            await keep_bought(work, seen)
        elif sold is False and age >= work.clock.lasting(NOT_SOLD_AFTER):
            await purchase_store.give_up(work, seen, Verdict.NOT_SOLD)
        elif sold is None and age >= work.clock.lasting(NOT_TOLD_AFTER):
            await purchase_store.give_up(work, seen, Verdict.NOT_TOLD)
        else:
            await purchase_store.look_again(work, seen, _next_look(work, seen.asked_at))


async def _sold(seller: NumberSeller | None, phone: str) -> bool | None:
    """Whether the number was sold. None: nobody could be asked."""
    try:
        return None if seller is None else await seller.owns(phone)
    except AccountProblem:
        return None


async def _settle_leaving(context: Context, org_id: UUID, number_id: UUID) -> None:
    actor = system_actor(org_id)
    async with context.works.begin(actor) as work:
        number = await leaving_store.get(work, number_id)
        if number is None or number.leaving_at is None:
            return
        await leaving_store.look_again(work, number_id, _next_look(work, number.leaving_at))
        try:
            seller = await seller_behind(context, work, number.provider, operators=number.operators)
        except AccountProblem:
            return
    try:
        await take_back(seller, number)
    except (AccountProblem, Uncertain):
        return
    async with context.works.begin(actor) as work:
        await forget(work, number)


def _next_look(work: Work, since: datetime) -> datetime:
    """When to ask again about what has lasted since then: half of that from now, 30 seconds to an hour."""
    lasting = work.clock.lasting
    return work.now + min(max((work.now - since) / 2, lasting(_SHORTEST)), lasting(_LONGEST))
