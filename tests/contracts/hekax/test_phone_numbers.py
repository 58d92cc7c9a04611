"""Phone numbers over the HEKAX API, of the sandbox and of Twilio."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.contracts.clients import ClientFor
from tests.contracts.hekax.conftest import BASE
from tests.fakes.twilio import Account, FakeTwilio
from tests.fixtures.organizations import Organization

from frontdesk.adapters.twilio import Credentials, Line, TwilioAccount, TwilioVendor
from frontdesk.app import build_app
from frontdesk.domain.numbers.service import accounts
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context
from frontdesk.platform.secrets import Secrets
from frontdesk.platform.settings import Settings
from frontdesk.ports.calling import VoiceAddresses

FIRST, SECOND = "+14155550101", "+14155550102"
TEXTS, VOICE = "http://127.0.0.1:8000/texts", VoiceAddresses.below("http://127.0.0.1:8000")
CALLS = VOICE.incoming


async def buy(api: httpx.AsyncClient, number: str = FIRST, **more: Any) -> httpx.Response:
    return await api.post("/api/phone-numbers/purchase", json={"number": number, **more})


async def owned(api: httpx.AsyncClient) -> list[str]:
    return [each["number"] for each in (await api.get("/api/phone-numbers")).json()["numbers"]]


async def test_the_sandbox_sells_fictional_numbers(api: httpx.AsyncClient, org: Organization) -> None:
    found = (await api.get("/api/phone-numbers/available", params={"areaCode": "415"})).json()["numbers"]
    assert len(found) == 20
    assert found[1] == {
        "number": FIRST, "friendlyName": "(415) 555-0101", "region": "CA",
        "capabilities": {"voice": True, "sms": True, "mms": False},
    }  # fmt: skip
    contains = (await api.get("/api/phone-numbers/available", params={"contains": "0142"})).json()["numbers"]
    assert contains
    assert all("0142" in each["number"] for each in contains)
    british = (await api.get("/api/phone-numbers/available", params={"country": "gb"})).json()["numbers"]
    assert all(each["number"].startswith("+447700900") for each in british)

    made = await buy(api, friendlyName="Sales Line")
    assert made.status_code == 201
    told = made.json()
    assert (told["number"], told["friendlyName"], told["status"]) == (FIRST, "Sales Line", "active")
    assert told["routeToAI"] is True
    assert await owned(api) == [org.number, FIRST]
    again = (await api.get("/api/phone-numbers/available", params={"areaCode": "415"})).json()["numbers"]
    assert FIRST not in [each["number"] for each in again]


async def test_a_number_is_bought_once_and_the_plan_has_room_for_one(
    api: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    first = await buy(api)
    assert (await buy(api)).json() == first.json()
    full = await buy(api, SECOND)
    assert (full.status_code, full.json()["code"], full.json()["details"]) == (403, "NUMBER_LIMIT", {"limit": 1})
    taken = await buy(stranger)
    assert (taken.status_code, taken.json()["code"]) == (400, "NUMBER_TAKEN")


async def test_what_cannot_be_bought_or_searched(api: httpx.AsyncClient, agent: httpx.AsyncClient) -> None:
    real = await buy(api, "+14155551234")
    assert (real.status_code, real.json()["code"]) == (400, "NUMBER_UNAVAILABLE")
    wrong = await buy(api, "12")
    assert (wrong.status_code, wrong.json()["details"]["field"]) == (400, "number")
    assert (await buy(agent)).status_code == 403
    for name, value in (("areaCode", "4x5"), ("contains", "&&&"), ("country", "XX")):
        refused = await api.get("/api/phone-numbers/available", params={name: value})
        assert (refused.status_code, refused.json()["details"]["field"]) == (400, name)


async def test_naming_a_number_and_routing_it_to_people(
    api: httpx.AsyncClient, agent: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    number = (await api.get("/api/phone-numbers")).json()["numbers"][0]
    path = f"/api/phone-numbers/{number['id']}"
    changed = (await api.patch(path, json={"friendlyName": "Main Line", "routeToAI": False})).json()
    assert (changed["friendlyName"], changed["routeToAI"]) == ("Main Line", False)
    assert (await api.patch(path, json={"friendlyName": None})).json() == {**changed, "friendlyName": None}
    assert (await agent.patch(path, json={"routeToAI": True})).status_code == 403
    assert (await stranger.patch(path, json={"routeToAI": True})).status_code == 404


# --- Twilio -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def account(fake_twilio: FakeTwilio) -> Account:
    fake_twilio.for_sale = {FIRST, SECOND, "+12125550101"}
    return fake_twilio.account()


@pytest.fixture
async def by_twilio(
    context: Context, settings: Settings, secrets: Secrets, fake_twilio: FakeTwilio, account: Account,
    client_for: ClientFor, org: Organization,
) -> AsyncIterator[httpx.AsyncClient]:  # fmt: skip
    """The owner of `org`, where the operator has an account with the fake."""
    line, clock = Line(fake_twilio.url), context.works.clock
    own = TwilioAccount(line, Credentials(account_sid=account.sid, auth_token=account.token), TEXTS, clock, VOICE)
    vendor = TwilioVendor(line, context.vault, TEXTS, clock, VOICE, own, sells_to_trials=True)
    app = build_app(replace(context, vendors={vendor.name: vendor}), settings, secrets)
    yield await client_for(org, base=BASE, of=app)
    await line.close()


async def test_twilios_numbers_are_searched_and_bought(by_twilio: httpx.AsyncClient, account: Account) -> None:
    found = (await by_twilio.get("/api/phone-numbers/available", params={"areaCode": "415"})).json()["numbers"]
    assert [each["number"] for each in found] == [FIRST, SECOND]
    assert found[0]["capabilities"] == {"voice": True, "sms": True, "mms": True}
    assert (await by_twilio.get("/api/phone-numbers/available", params={"country": "SJ"})).json() == {"numbers": []}
    assert (await buy(by_twilio, friendlyName="Sales Line")).status_code == 201
    sold = account.number(FIRST)
    assert (sold["sms_url"], sold["voice_url"], sold["friendly_name"]) == (TEXTS, CALLS, "Sales Line")
    assert (await buy(by_twilio)).status_code == 201
    assert len(account.numbers) == 1


async def test_a_number_that_is_gone_is_said_to_be(by_twilio: httpx.AsyncClient, fake_twilio: FakeTwilio) -> None:
    fake_twilio.for_sale.discard(FIRST)
    gone = await buy(by_twilio)
    assert (gone.status_code, gone.json()["code"]) == (400, "NUMBER_UNAVAILABLE")
    assert (await buy(by_twilio, SECOND)).status_code == 201  # the plan's room was not used up


@pytest.mark.parametrize("breaks_off", ["taken", "lost"])
async def test_a_purchase_whose_answer_was_lost_is_never_made_twice(
    by_twilio: httpx.AsyncClient, fake_twilio: FakeTwilio, account: Account, breaks_off: str
) -> None:
    fake_twilio.breaks_off = breaks_off
    lost = await buy(by_twilio, friendlyName="Sales Line")
    assert (lost.status_code, lost.json()["code"]) == (500, "PURCHASE_IN_DOUBT")
    assert len(account.numbers) == (breaks_off == "taken")
    other = await buy(by_twilio, SECOND)
    assert (other.status_code, other.json()["code"]) == (403, "NUMBER_LIMIT")
    fake_twilio.breaks_off = ""
    assert (await buy(by_twilio)).json()["friendlyName"] == "Sales Line"
    assert [each["phone_number"] for each in account.numbers.values()] == [FIRST]
    assert FIRST in await owned(by_twilio)


async def test_who_dies_while_buying_leaves_an_intent_that_is_taken_up(
    by_twilio: httpx.AsyncClient, account: Account, context: Context, org: Organization, clock: FrozenClock
) -> None:
    async with context.works.begin(org.actor) as work:
        await work.execute(
            """insert into number_purchases (org_id, id, phone, provider, operators, status, asked_at)
               values ($1, gen_random_uuid(), $2, 'twilio', true, 'asked', $3)""",
            org.id, FIRST, work.now,
        )  # fmt: skip
    under_way = await buy(by_twilio)
    assert (under_way.status_code, under_way.json()["code"]) == (400, "PURCHASE_UNDER_WAY")
    account.owns(FIRST)  # it had got so far
    clock.move(timedelta(minutes=2))
    assert (await buy(by_twilio)).status_code == 201
    assert len(account.numbers) == 1


@pytest.mark.parametrize("paid", [True, False])
async def test_whoever_has_just_signed_up_buys_no_number_at_the_operators_cost(
    context: Context, settings: Settings, secrets: Secrets, fake_twilio: FakeTwilio, account: Account,
    client_for: ClientFor, org: Organization, paid: bool,
) -> None:  # fmt: skip
    line, clock = Line(fake_twilio.url), context.works.clock
    own = TwilioAccount(line, Credentials(account_sid=account.sid, auth_token=account.token), TEXTS, clock, VOICE)
    vendor = TwilioVendor(line, context.vault, TEXTS, clock, VOICE, own)
    real_till = replace(context, vendors={vendor.name: vendor}, till=None)
    async with context.works.begin(org.actor) as work:
        await work.execute(
            "update organizations set plan = $2 where org_id = $1", org.id, "starter" if paid else "trial"
        )
    client = await client_for(org, base=BASE, of=build_app(real_till, settings, secrets))
    bought = await buy(client)
    assert bought.status_code == 201 if paid else (bought.status_code, bought.json()["code"]) == (403, "PLAN_REQUIRED")
    assert len(account.numbers) == paid
    await line.close()


async def test_an_organisations_own_account_goes_before_the_operators(
    context: Context, settings: Settings, secrets: Secrets, fake_twilio: FakeTwilio, account: Account,
    client_for: ClientFor, org: Organization,
) -> None:  # fmt: skip
    line, clock = Line(fake_twilio.url), context.works.clock
    vendor = TwilioVendor(line, context.vault, TEXTS, clock, VOICE)
    with_vendor = replace(context, vendors={vendor.name: vendor})
    await accounts.connect(with_vendor, org.actor, "twilio", {"account_sid": account.sid, "auth_token": account.token})
    client = await client_for(org, base=BASE, of=build_app(with_vendor, settings, secrets))
    assert (await buy(client)).json()["provider"] == "twilio"
    assert account.number(FIRST)["voice_url"] == CALLS
    await line.close()
