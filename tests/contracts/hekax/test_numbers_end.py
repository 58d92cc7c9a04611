"""Numbers given back over the HEKAX API, and purchases in doubt that are settled without anybody asking again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.contracts.hekax.conftest import BASE
from tests.contracts.hekax.test_phone_numbers import FIRST, SECOND, TEXTS, VOICE, buy, owned
from tests.fakes.twilio import Account, FakeTwilio
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.adapters.twilio import Credentials, Line, TwilioAccount, TwilioVendor
from frontdesk.app import build_app
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import CarrierCall
from frontdesk.domain.conversations.service import sending
from frontdesk.domain.numbers.service import accounts, settling
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings


async def number_of(api: httpx.AsyncClient, phone: str = FIRST) -> dict[str, str]:
    """A number as the list shows it."""
    listed = (await api.get("/api/phone-numbers")).json()["numbers"]
    return next(each for each in listed if each["number"] == phone)


async def give_back(api: httpx.AsyncClient, number_id: str) -> httpx.Response:
    return await api.delete(f"/api/phone-numbers/{number_id}")


async def test_a_number_given_back_is_gone_and_makes_room(
    api: httpx.AsyncClient, agent: httpx.AsyncClient, stranger: httpx.AsyncClient, org: Organization, context: Context
) -> None:
    number = (await buy(api)).json()
    assert (await give_back(agent, number["id"])).status_code == 403
    assert (await give_back(stranger, number["id"])).status_code == 404
    gone = await give_back(api, number["id"])
    assert (gone.status_code, gone.json()) == (200, {"id": number["id"], "number": FIRST, "released": True})
    assert await owned(api) == [org.number]
    assert (await give_back(api, number["id"])).status_code == 404
    assert (await buy(api, SECOND)).status_code == 201
    assert (await buy(stranger)).status_code == 201  # it is for sale again
    async with context.works.read(org.actor) as work:
        done = await work.fetch("select action, details from audit_log where subject_type = 'number' order by id")
    assert [each["action"] for each in done] == [
        "number.bought",
        "number.leaving",
        "number.given_back",
        "number.bought",
    ]
    assert done[2]["details"]["number"] == FIRST


async def test_a_number_in_use_stays(
    api: httpx.AsyncClient, org: Organization, context: Context, a_lead: MakeLead
) -> None:
    everybodys = await give_back(api, (await number_of(api, org.number))["id"])
    assert (everybodys.status_code, everybodys.json()["details"]) == (400, {"obstacle": "everybodys"})
    number_id = (await buy(api)).json()["id"]

    async def obstacle() -> str:
        answer = await give_back(api, number_id)
        assert (answer.status_code, answer.json()["code"]) == (400, "NUMBER_IN_USE")
        return answer.json()["details"]["obstacle"]

    await accounts.use(context, org.actor, FIRST)
    assert await obstacle() == "texts_from"
    lead = await a_lead()
    sent = await sending.send_by_hand(context, org.actor, lead.id, "Hello")
    await accounts.use(context, org.actor, org.number)
    incoming = CarrierCall(carrier="sandbox", provider_call_id="CA1", called=FIRST, sender="+447700900777")
    call = await calls.receive(context, incoming)
    assert call.call_id is not None
    assert await obstacle() == "calls"
    async with context.works.begin(org.actor) as work:
        await work.execute("update calls set status = 'completed', ended_at = $1", work.now)
        await work.execute("update messages set status = 'queued' where id = $1", sent.id)
    assert await obstacle() == "texts"
    async with context.works.begin(org.actor) as work:
        await work.execute("update messages set status = 'delivered' where id = $1", sent.id)
    assert (await give_back(api, number_id)).status_code == 200
    async with context.works.read(org.actor) as work:  # what was said over it stays
        assert await work.fetchval("select sender from messages where id = $1", sent.id) == FIRST
        assert await work.fetchval("select to_number from calls where id = $1", call.call_id) == FIRST


# --- Twilio -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def account(fake_twilio: FakeTwilio) -> Account:
    fake_twilio.for_sale = {FIRST, SECOND}
    return fake_twilio.account()


@pytest.fixture
async def line(fake_twilio: FakeTwilio) -> AsyncIterator[Line]:
    made = Line(fake_twilio.url)
    yield made
    await made.close()


@pytest.fixture
def at_twilio(context: Context, line: Line, account: Account) -> Context:
    """Where the operator has an account with the fake."""
    clock = context.works.clock
    own = TwilioAccount(line, Credentials(account_sid=account.sid, auth_token=account.token), TEXTS, clock, VOICE)
    vendor = TwilioVendor(line, context.vault, TEXTS, clock, VOICE, own, sells_to_trials=True)
    return replace(context, vendors={vendor.name: vendor})


@pytest.fixture
async def buyer(
    at_twilio: Context, settings: Settings, secrets: Secrets, client_for: ClientFor, org: Organization
) -> httpx.AsyncClient:
    """The owner of `org` there."""
    return await client_for(org, base=BASE, of=build_app(at_twilio, settings, secrets))


async def test_twilio_takes_it_back(buyer: httpx.AsyncClient, account: Account, fake_twilio: FakeTwilio) -> None:
    number_id = (await buy(buyer)).json()["id"]
    fake_twilio.refuse(20003, 401, times=1_000)
    refused = await give_back(buyer, number_id)
    assert (refused.status_code, refused.json()["code"]) == (400, "CARRIER_PROBLEM")
    assert (await number_of(buyer))["status"] == "active"
    fake_twilio.refusals.clear()
    assert (await give_back(buyer, number_id)).status_code == 200
    assert account.numbers == {}
    assert FIRST not in await owned(buyer)


@pytest.mark.parametrize("breaks_off", ["taken", "lost"])
async def test_a_giving_back_whose_answer_was_lost_comes_to_its_end(
    buyer: httpx.AsyncClient, at_twilio: Context, fake_twilio: FakeTwilio, account: Account, clock: FrozenClock,
    breaks_off: str,
) -> None:  # fmt: skip
    number_id = (await buy(buyer)).json()["id"]
    fake_twilio.breaks_off = breaks_off
    lost = await give_back(buyer, number_id)
    assert (lost.status_code, lost.json()["code"]) == (500, "NUMBER_LEAVING_IN_DOUBT")
    assert (await number_of(buyer))["status"] == "leaving"
    again = await buy(buyer)
    assert (again.status_code, again.json()["code"]) == (400, "NUMBER_LEAVING")
    fake_twilio.breaks_off = ""
    await settling.settle_due(at_twilio)  # whoever began may still be at it
    assert FIRST in await owned(buyer)
    clock.move(timedelta(minutes=2))
    await settling.settle_due(at_twilio)
    assert FIRST not in await owned(buyer)
    assert account.numbers == {}
    assert (await give_back(buyer, number_id)).status_code == 404


async def test_who_dies_while_giving_back_leaves_it_to_others(
    buyer: httpx.AsyncClient, at_twilio: Context, account: Account, clock: FrozenClock, org: Organization
) -> None:
    number_id = (await buy(buyer)).json()["id"]
    async with at_twilio.works.begin(org.actor) as work:
        await work.execute("update numbers set leaving_at = $2 where id = $1", number_id, work.now)
    clock.move(timedelta(minutes=2))
    await settling.settle_due(at_twilio)
    assert (account.numbers, FIRST in await owned(buyer)) == ({}, False)


async def test_a_number_of_an_account_of_ones_own_stays_there(
    context: Context, line: Line, fake_twilio: FakeTwilio, org: Organization, settings: Settings, secrets: Secrets,
    client_for: ClientFor,
) -> None:  # fmt: skip
    own = fake_twilio.account(FIRST)
    vendor = TwilioVendor(line, context.vault, TEXTS, context.works.clock, VOICE)
    context = replace(context, vendors={vendor.name: vendor})
    await accounts.connect(context, org.actor, "twilio", {"account_sid": own.sid, "auth_token": own.token})
    await accounts.use(context, org.actor, FIRST)
    assert own.number(FIRST)["sms_url"] == TEXTS
    await accounts.use(context, org.actor, org.number)
    client = await client_for(org, base=BASE, of=build_app(context, settings, secrets))
    gone = await give_back(client, (await number_of(client))["id"])
    assert (gone.status_code, gone.json()["released"]) == (200, False)
    assert (own.number(FIRST)["sms_url"], own.number(FIRST)["voice_url"]) == ("", "")


async def test_what_was_bought_on_the_operators_account_outlives_an_account_of_ones_own(
    buyer: httpx.AsyncClient, at_twilio: Context, account: Account, fake_twilio: FakeTwilio, org: Organization
) -> None:
    number_id = (await buy(buyer)).json()["id"]
    own = fake_twilio.account(SECOND)
    await accounts.connect(at_twilio, org.actor, "twilio", {"account_sid": own.sid, "auth_token": own.token})
    await accounts.use(at_twilio, org.actor, SECOND)
    assert await owned(buyer) == [org.number, SECOND, FIRST]
    await accounts.disconnect(at_twilio, org.actor, "twilio")
    assert await owned(buyer) == [org.number, FIRST]
    await accounts.connect(at_twilio, org.actor, "twilio", {"account_sid": own.sid, "auth_token": own.token})
    assert (await give_back(buyer, number_id)).status_code == 200
    assert (account.numbers, len(own.numbers)) == ({}, 1)


# --- purchases in doubt -----------------------------------------------------------------------------------------------


async def test_a_purchase_in_doubt_is_recorded_once_the_carrier_tells(
    buyer: httpx.AsyncClient, at_twilio: Context, fake_twilio: FakeTwilio, account: Account, clock: FrozenClock,
    org: Organization,
) -> None:  # fmt: skip
    fake_twilio.breaks_off = "taken"
    assert (await buy(buyer, friendlyName="Sales Line")).json()["code"] == "PURCHASE_IN_DOUBT"
    fake_twilio.accounts.clear()  # nor can it be asked
    await settling.settle_due(at_twilio)
    assert FIRST not in await owned(buyer)
    fake_twilio.accounts[account.sid] = account
    clock.move(timedelta(minutes=1))
    await settling.settle_due(at_twilio)
    assert (await number_of(buyer))["friendlyName"] == "Sales Line"
    assert fake_twilio.requests["POST IncomingPhoneNumbers.json"] == 1
    async with at_twilio.works.read(org.actor) as work:
        assert await work.fetchval("select count(*) from events where type = 'number.bought'") == 1


async def test_what_was_not_sold_is_given_up_and_makes_room(
    buyer: httpx.AsyncClient, at_twilio: Context, fake_twilio: FakeTwilio, account: Account, clock: FrozenClock
) -> None:
    fake_twilio.breaks_off = "lost"
    await buy(buyer)
    fake_twilio.breaks_off = ""
    await settling.settle_due(at_twilio)
    assert (await buy(buyer, SECOND)).json()["code"] == "NUMBER_LIMIT"  # it may be sold yet
    clock.move(settling.NOT_SOLD_AFTER)
    await settling.settle_due(at_twilio)
    assert account.numbers == {}
    assert (await buy(buyer, SECOND)).status_code == 201


async def test_a_carrier_that_cannot_be_asked_for_days_is_asked_before_anything_is_bought_again(
    buyer: httpx.AsyncClient, at_twilio: Context, fake_twilio: FakeTwilio, account: Account, clock: FrozenClock,
    settings: Settings, secrets: Secrets, client_for: ClientFor, org: Organization,
) -> None:  # fmt: skip
    fake_twilio.breaks_off = "taken"
    await buy(buyer)
    fake_twilio.breaks_off = ""
    fake_twilio.accounts.clear()
    clock.move(settling.NOT_TOLD_AFTER)
    await settling.settle_due(at_twilio)
    fake_twilio.accounts[account.sid] = account
    await settling.settle_due(at_twilio)
    later = await client_for(org, base=BASE, of=build_app(at_twilio, settings, secrets))  # days later
    assert FIRST not in await owned(later)
    assert (await buy(later)).status_code == 201
    assert fake_twilio.requests["POST IncomingPhoneNumbers.json"] == 1
