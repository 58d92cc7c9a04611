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


async def sellers_behind(context: Context, work: Work, provider: str) -> list[NumberSeller]:
    """Who may have sold the organisation a number of that provider: its own account and the operator's, whichever there
    are. Raises AccountProblem where there is nobody, or the account cannot be opened any more."""
    found: list[NumberSeller] = []
    if (vendor := context.vendors.get(provider)) is not None:
        sealed = await store.sealed(work, provider)
        found += [vendor.open(sealed)] if sealed is not None else []
        found += [vendor.operators] if vendor.operators is not None else []
    elif context.seller is not None and context.seller.name == provider:
        found.append(context.seller)
    if not found:
        raise AccountProblem("No account with the carrier is connected any more.")
    return found
