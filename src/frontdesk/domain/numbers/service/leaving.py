"""Giving numbers back. One that was bought goes back to the carrier for good; one that was chosen in an account stays
there, and only its texts and calls come here no longer.

The intent is committed, the carrier is asked outside transactions, and the number is forgotten once it is done. Until
then the number leaves: it is answered and counted as before, and nothing new begins with it. What breaks off in between
is taken up by `settling`; asked twice, a carrier does no harm.
"""

from datetime import timedelta
from uuid import UUID

from frontdesk.domain.numbers import leaving_store, purchase_store
from frontdesk.domain.numbers.errors import CarrierRefuses, GivingBackInDoubt, NoSuchNumber, NumberInUse
from frontdesk.domain.numbers.events import NumberGivenBack
from frontdesk.domain.numbers.model import Number, NumberUse
from frontdesk.domain.numbers.service.sellers import seller_behind
from frontdesk.kernel.access import Actor, Permission
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports.carrier import AccountProblem, NumberSeller, Uncertain

_LATELY = timedelta(days=30)


async def use_of(work: Work, number_id: UUID) -> NumberUse:
    """What goes on with a number, and went on with it in the last 30 days. Needs `manage_organization`. Raises
    NoSuchNumber."""
    work.require(Permission.MANAGE_ORGANIZATION)
    number = await leaving_store.get(work, number_id)
    if number is None:
        raise NoSuchNumber
    return await leaving_store.use_of(work, number, work.now - _LATELY)


def may_go(use: NumberUse) -> None:
    """Raise NumberInUse for a number that cannot be given back as it is used now."""
    if use.number.everybodys:
        raise NumberInUse("everybodys")
    if use.texts_from:
        raise NumberInUse("texts_from")
    if use.calls_now:
        raise NumberInUse("calls")
    if use.texts_waiting:
        raise NumberInUse("texts", use.texts_waiting)


async def give_back(context: Context, actor: Actor, number_id: UUID) -> Number:
    """Give a number back; what it was. What was said over it stays, and the plan has room for another.

    Needs `manage_organization`. Raises NoSuchNumber, NumberInUse, CarrierRefuses, GivingBackInDoubt. Audited; emits
    number.given_back.
    """
    async with context.works.begin(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        await purchase_store.one_at_a_time(work)
        use = await use_of(work, number_id)
        number, began = use.number, use.number.leaving_at is None
        try:
            seller = await seller_behind(context, work, number.provider, operators=number.operators)
        except AccountProblem as problem:
            raise CarrierRefuses(str(problem)) from problem
        if began:
            may_go(use)
            await leaving_store.leave(work, number_id)
            await work.audit("number.leaving", "number", number_id, number=number.phone, provider=number.provider)
    try:
        await take_back(seller, number)
    except AccountProblem as problem:
        if not began:  # what came of the earlier try is not known
            raise GivingBackInDoubt from problem
        async with context.works.begin(actor) as work:
            await leaving_store.stay(work, number_id)
        raise CarrierRefuses(str(problem)) from problem
    except Uncertain as problem:
        raise GivingBackInDoubt from problem
    async with context.works.begin(actor) as work:
        await forget(work, number)
    return number


async def take_back(seller: NumberSeller, number: Number) -> None:
    """Have whoever has the number in their books take it back, or post here no longer. Not in a transaction. Raises
    AccountProblem where that was not done, Uncertain where nobody can tell."""
    if number.bought_at is None:
        await seller.release(number.phone)
    else:
        await seller.give_back(number.phone)


async def forget(work: Work, number: Number) -> None:
    """Note that the number is gone, once. Audited; emits number.given_back."""
    if await leaving_store.gone(work, number.id):
        work.emit(NumberGivenBack(subject_id=number.id, provider=number.provider))
        await work.audit("number.given_back", "number", number.id, number=number.phone, provider=number.provider)
