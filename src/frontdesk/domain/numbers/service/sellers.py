"""Who sells numbers to an organisation, and in whose books those stand that it has."""

from frontdesk.domain.numbers import store
from frontdesk.domain.numbers.errors import CarrierRefuses, NotConnected
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.ports.carrier import AccountProblem, NumberSeller


async def seller_of(context: Context, work: Work) -> NumberSeller:
    """Who sells numbers to the organisation. Raises NotConnected, CarrierRefuses."""
    own = await store.account(work)
    sealed = None if own is None else await store.sealed(work, own.provider)
    if own is not None and sealed is not None and own.provider in context.vendors:
        try:
            return context.vendors[own.provider].open(sealed)
        except AccountProblem as problem:
            raise CarrierRefuses(str(problem)) from problem
    operators = next((vendor.operators for vendor in context.vendors.values() if vendor.operators), None)
    seller = operators or context.seller
    if seller is None:
        raise NotConnected
    return seller


def is_operators(context: Context, seller: NumberSeller) -> bool:
    """Whether it is the operator's account with a carrier."""
    vendor = context.vendors.get(seller.name)
    return vendor is not None and vendor.operators is seller


async def seller_behind(context: Context, work: Work, provider: str, *, operators: bool) -> NumberSeller:
    """In whose books a number of that provider stands: of the operator, or of the organisation. Raises AccountProblem
    where they have no account any more, or it cannot be opened."""
    seller: NumberSeller | None = None
    if (vendor := context.vendors.get(provider)) is None:
        seller = context.seller if context.seller is not None and context.seller.name == provider else None
    elif operators:
        seller = vendor.operators
    elif (sealed := await store.sealed(work, provider)) is not None:
        seller = vendor.open(sealed)
    if seller is None:
        raise AccountProblem("No account with the carrier is connected any more.")
    return seller
