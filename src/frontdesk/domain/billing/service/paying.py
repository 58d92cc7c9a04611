"""Buying plans and packs, and taking in what the payment provider tells. No provider is called in a transaction."""

from msgspec import structs

from frontdesk.domain.billing import store
from frontdesk.domain.billing.errors import CheckoutNotFound, NotFromProvider, NothingPaid, ProviderFailed
from frontdesk.domain.billing.events import PaymentMissed, PaymentReceived, SubscriptionChanged
from frontdesk.domain.billing.model import PACKS, PRICES, Subscription, SubscriptionStatus, pack_of, price_of
from frontdesk.domain.billing.tasks import CANCEL, CancelDue
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.plans import Plan
from frontdesk.kernel.access import Actor, Permission, system_actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work
from frontdesk.platform.queue import enqueue
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
)

ROOM = "/console/billing"
"""Where a buyer comes back to."""
MOST_INVOICES = 100


async def start_checkout(context: Context, actor: Actor, price_id: str, interval: str = "monthly") -> str:
    """The address of the provider's page on which a plan is bought. Needs `manage_organization`.

    Raises NoSuchPrice, ProviderFailed.
    """
    price = price_of(price_id, interval)
    item = Item(price.id, f"Frontdesk {price.name}", price.amount, recurring=True)
    try:
        return await context.payments.checkout(await _known(context, actor), item, context.public_url + ROOM)
    except PaymentFailed as error:
        raise ProviderFailed from error


async def open_portal(context: Context, actor: Actor) -> str:
    """The address of the provider's page for the plan that is paid for. Needs `manage_organization`.

    Raises NothingPaid, ProviderFailed.
    """
    async with context.works.read(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        bought = await store.subscription(work)
    if bought is None or bought.customer is None or bought.provider != context.payments.name:
        raise NothingPaid
    try:
        return await context.payments.portal(bought.customer, context.public_url + ROOM)
    except PaymentFailed as error:
        raise ProviderFailed from error


async def buy_pack(context: Context, actor: Actor, product_id: str) -> Intent:
    """Begin to pay for a pack; its minutes are there once the provider tells that it is paid. Needs
    `manage_organization`. Raises NoSuchPack, ProviderFailed."""
    pack = pack_of(product_id)
    item = Item(pack.id, pack.name, pack.amount, recurring=False)
    try:
        return await context.payments.intend(await _known(context, actor), item, context.public_url + ROOM)
    except PaymentFailed as error:
        raise ProviderFailed from error


async def start_pack_checkout(context: Context, actor: Actor, product_id: str) -> str:
    """The address of the provider's page on which a pack is bought. Needs `manage_organization`.

    Raises NoSuchPack, ProviderFailed.
    """
    pack = pack_of(product_id)
    item = Item(pack.id, pack.name, pack.amount, recurring=False)
    try:
        return await context.payments.checkout(await _known(context, actor), item, context.public_url + ROOM)
    except PaymentFailed as error:
        raise ProviderFailed from error


async def invoices(context: Context, actor: Actor) -> list[Invoice]:
    """What the organisation was charged, for plans and packs, newest first. Needs `view`. Raises ProviderFailed."""
    async with context.works.read(actor) as work:
        work.require(Permission.VIEW)
        customers = await _customers(work, context.payments.name)
    try:
        found = [invoice for customer in customers for invoice in await context.payments.invoices(customer)]
    except PaymentFailed as error:
        raise ProviderFailed from error
    return sorted(found, key=lambda invoice: invoice.date, reverse=True)[:MOST_INVOICES]


async def _known(context: Context, actor: Actor) -> Buyer:
    """Who buys, as the provider knows it: introduced on its first purchase. Raises PaymentFailed."""
    provider = context.payments.name
    async with context.works.read(actor) as work:
        work.require(Permission.MANAGE_ORGANIZATION)
        customers = await _customers(work, provider)
        buyer = Buyer(work.org_id, actor.email, (await organizations.get(work)).name)
    if customers:
        return structs.replace(buyer, customer=customers[0])
    customer = await context.payments.customer(buyer)
    async with context.works.begin(actor) as work:
        await store.is_customer(work, provider, customer)
    return structs.replace(buyer, customer=customer)


async def _customers(work: Work, provider: str) -> list[str]:
    """Whom the provider knows the organisation as; who pays for its plan comes first."""
    bought, found = await store.subscription(work), await store.customers(work, provider)
    if bought is None or bought.customer is None or bought.provider != provider:
        return found
    return [bought.customer, *(each for each in found if each != bought.customer)]


# --- the sandbox's till -----------------------------------------------------------------------------------------------


async def at_till(context: Context, token: str) -> Purchase:
    """What is bought at the sandbox's till. Raises CheckoutNotFound."""
    purchase = await context.till.look(token) if context.till else None
    if purchase is None:
        raise CheckoutNotFound
    return purchase


async def pay_at_till(context: Context, token: str) -> None:
    """Pay at the sandbox's till; paying again changes nothing. Raises CheckoutNotFound."""
    notice = await context.till.pay(token) if context.till else None
    if notice is None:
        raise CheckoutNotFound
    await take_in(context, notice)


async def cancel_at_till(context: Context, token: str) -> None:
    """End a subscription at the sandbox's till. Raises CheckoutNotFound."""
    notice = await context.till.cancel_by(token) if context.till else None
    if notice is None:
        raise CheckoutNotFound
    await take_in(context, notice)


# --- what the provider tells ------------------------------------------------------------------------------------------


async def receive_webhook(context: Context, body: bytes, signature: str) -> None:
    """Take in a webhook of the provider. Raises NotFromProvider, ProviderFailed (it will be sent again)."""
    try:
        notice = context.payments.read(body, signature)
    except NotGenuine:
        raise NotFromProvider from None
    await take_in(context, notice)


async def take_in(context: Context, notice: Notice) -> None:
    """Take in what the provider tells. It may tell it twice and in any order: an event counts once, a payment once
    whatever event tells of it, and of a subscription only what it is now is believed. What another organisation's
    customer bought has no effect.

    Emits payment.received, payment.failed, subscription.changed. Raises ProviderFailed.
    """
    as_of = context.works.clock.now()
    told = None
    if notice.subscription is not None:
        try:
            told = await context.payments.subscription(notice.subscription)
        except PaymentFailed as error:
            raise ProviderFailed from error
    org_id = told.org_id if told is not None else notice.org_id
    if org_id is None:
        return
    provider = context.payments.name
    async with context.works.begin(system_actor(org_id)) as work:
        if not await store.organization_exists(work):
            return
        await store.one_at_a_time(work)
        if not await store.take_event(work, provider, notice.id, notice.type):
            return
        customer = told.customer if told is not None else notice.customer
        if customer is not None and not await store.is_customer(work, provider, customer):
            return
        if told is not None and told.item in PRICES:
            await _apply(work, provider, structs.replace(_as_ours(provider, told), as_of=as_of))
        if notice.pack in PACKS:
            pack = PACKS[notice.pack]
            if not await store.enter(work, pack.kind, pack.minutes * 60, f"{provider}:{notice.reference}"):
                return
        if notice.amount is None or not notice.amount.minor:
            return
        fact = PaymentMissed if notice.failed else PaymentReceived
        work.emit(
            fact(
                subject_id=org_id,
                provider=provider,
                reference=notice.reference,
                amount=notice.amount.minor,
                currency=notice.amount.currency,
                purpose=notice.pack or "subscription",
            )
        )


def _as_ours(provider: str, told: ProvidedSubscription) -> Subscription:
    return Subscription(
        provider=provider, customer=told.customer, reference=told.reference, plan=PRICES[told.item].plan,
        status=SubscriptionStatus(told.state.value), period_start=told.period_start, period_end=told.period_end,
        amount=told.amount.minor, currency=told.amount.currency, ends_at_period_end=told.ends_at_period_end,
        began_at=told.began_at, as_of=told.began_at,
    )  # fmt: skip


async def _apply(work: Work, provider: str, told: Subscription) -> None:
    """Keep what is now true of a subscription, unless it is old news, or of one that a newer has replaced."""
    was = await store.subscription(work, lock=True)
    if was is not None and was.reference == told.reference:
        if told.as_of < was.as_of:
            return
    elif was is not None and was.live and told.began_at < was.began_at:
        if told.live:
            await _end(work, told)
        return
    elif was is not None and not told.live:
        return
    elif was is not None and was.live:
        await _end(work, was)
    await store.save_subscription(work, told)
    plan = told.plan if told.live else Plan.TRIAL
    await store.set_plan(work, plan.value)
    if was is None or (was.plan, was.status, was.period_start) != (told.plan, told.status, told.period_start):
        work.emit(SubscriptionChanged(subject_id=work.org_id, plan=plan.value, status=told.status.value))


async def _end(work: Work, replaced: Subscription) -> None:
    paid = replaced.status is SubscriptionStatus.ACTIVE
    await enqueue(work, CANCEL, CancelDue(work.org_id, replaced.provider, replaced.reference, credit=paid))


async def cancel_replaced(context: Context, due: CancelDue) -> None:
    """End a subscription that another has taken the place of; nothing is left to do where it is over. Raises
    ProviderFailed."""
    if due.provider != context.payments.name:
        return
    try:
        await context.payments.cancel(due.reference, credit=due.credit)
    except PaymentFailed as error:
        raise ProviderFailed from error
