"""Salesforce over a real socket."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from msgspec import structs
from tests.adapters.crm.test_hubspot import CALL, DANA, START, VISIT, ask
from tests.fakes.salesforce import CLIENT, FakeSalesforce

from frontdesk.adapters.oauth import OAuthConsent
from frontdesk.adapters.salesforce import SalesforceCrm, salesforce_consent
from frontdesk.kernel.clock import FrozenClock
from frontdesk.ports.consent import AccessExpired, ConsentRefused, ProviderTrouble, Tokens
from frontdesk.ports.crm import CrmRefused, Person


@dataclass
class At:
    """Salesforce and what speaks with it."""

    fake: FakeSalesforce
    crm: SalesforceCrm
    consent: OAuthConsent
    tokens: Tokens


@pytest.fixture
async def at(clock: FrozenClock) -> AsyncIterator[At]:
    """Salesforce, running, with somebody's consent."""
    fake, app = FakeSalesforce(), web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("")).rstrip("/")
        crm = SalesforceCrm()
        consent = salesforce_consent(crm, CLIENT["client_id"], CLIENT["client_secret"], clock, fake.url)
        tokens, account = await consent.exchange("code-1", ask())
        assert (account.id, account.label) == ("00D1", "ada@example.com")
        yield At(fake, crm, consent, tokens)
        await crm.close()
    assert fake.breaches == []


async def test_consent(at: At) -> None:
    wanted = dict(parse_qsl(urlsplit(at.consent.address(ask())).query))
    assert (wanted["state"], wanted["code_challenge_method"]) == ("state-1", "S256")
    assert {"api", "refresh_token"} <= set(wanted["scope"].split())
    renewed = await at.consent.renew(at.tokens)
    assert (renewed.refresh_token, renewed.more["instance_url"]) == (at.tokens.refresh_token, at.fake.url)
    await at.consent.revoke(renewed)
    with pytest.raises(ConsentRefused):
        await at.consent.renew(renewed)


async def test_somebody_new_is_a_lead_and_a_contact_stays_one(at: At) -> None:
    fake, crm, tokens = at.fake, at.crm, at.tokens
    dana = await crm.contact(tokens, DANA, None)
    assert (fake.objects[dana]["LastName"], fake.objects[dana]["Company"]) == ("Doe", "Not given")
    assert await crm.contact(tokens, DANA, dana) == await crm.contact(tokens, DANA, None) == dana
    there = fake.holds("Contact", LastName="O'Hara", MobilePhone="+447700900556", Email=None)
    scarlett = Person(first_name="Scarlett", phone="+447700900556", email="o'hara@example.com")
    assert await crm.contact(tokens, scarlett, None) == there
    assert (fake.objects[there]["LastName"], fake.objects[there]["Email"]) == ("O'Hara", "o'hara@example.com")
    nobody = await crm.contact(tokens, Person(phone="+447700900557"), None)
    assert fake.objects[nobody]["LastName"] == "+447700900557"
    assert len(fake.of("Lead")) == 2


async def test_calls_and_appointments(at: At) -> None:
    fake, crm, tokens = at.fake, at.crm, at.tokens
    dana = await crm.contact(tokens, DANA, None)
    call = await crm.activity(tokens, dana, CALL, None, maybe_there=False)
    kept = fake.objects[call]
    assert (kept["WhoId"], kept["CallDurationInSeconds"], kept["CallType"]) == (dana, 90, "Inbound")
    assert await crm.activity(tokens, dana, CALL, None, maybe_there=True) == call
    visit = await crm.activity(tokens, dana, VISIT, None, maybe_there=False)
    assert await crm.activity(tokens, dana, VISIT, None, maybe_there=True) == visit
    other = await crm.activity(
        tokens, dana, structs.replace(VISIT, start=START + timedelta(days=1), end=START + timedelta(days=1, hours=1)),
        None, maybe_there=True,
    )  # fmt: skip
    assert other != visit
    off = structs.replace(VISIT, cancelled=True)
    assert await crm.activity(tokens, dana, off, visit, maybe_there=False) == visit
    assert fake.objects[visit]["Subject"] == "Cancelled: Visit"


async def test_trouble_is_told_apart(at: At) -> None:
    at.fake.limited = True
    with pytest.raises(ProviderTrouble) as busy:
        await at.crm.contact(at.tokens, DANA, None)
    assert busy.value.retry_after == 900
    at.fake.limited = False
    with pytest.raises(CrmRefused, match="cross reference"):
        await at.crm.activity(at.tokens, "00Qnobody", CALL, None, maybe_there=False)
    at.fake.access.clear()
    with pytest.raises(AccessExpired):
        await at.crm.contact(at.tokens, DANA, None)
