"""HubSpot, held to the vendor's documents on a real socket."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from tests.fakes.hubspot import CLIENT, FakeHubSpot
from tests.fakes.openapi import document
from tests.fixtures.specs import SPECS, spec

from frontdesk.adapters.hubspot import HubSpotConsent, HubSpotCrm
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.ports.consent import AccessExpired, Account, Ask, ConsentRefused, ProviderTrouble, Tokens
from frontdesk.ports.crm import Activity, ActivityKind, CrmRefused, Person

FILES = [
    SPECS / name
    for name in ("hubspot-contacts-v3.trimmed.json", "hubspot-calls-v3.trimmed.json", "hubspot-oauth-v1.json")
]
START = datetime(2026, 3, 6, 12, tzinfo=UTC)
DANA = Person(first_name="Dana", last_name="Doe", phone="+447700900555", email="dana@example.com")
CALL = Activity(
    kind=ActivityKind.CALL, reference="frontdesk01", title="Call from Dana", body="A <leak>\nUrgent", start=START,
    end=START + timedelta(seconds=90), sender="+447700900555", receiver="+447700900001",
)  # fmt: skip
VISIT = Activity(
    kind=ActivityKind.APPOINTMENT, reference="frontdesk02", title="Visit", body="New tap", start=START,
    end=START + timedelta(minutes=30),
)  # fmt: skip


@dataclass
class At:
    """HubSpot and what speaks with it."""

    fake: FakeHubSpot
    crm: HubSpotCrm
    consent: HubSpotConsent
    tokens: Tokens


def ask() -> Ask:
    return Ask(org_id=new_id(), state="state-1", verifier="v" * 43, callback="https://desk.example/callback")


@pytest.fixture
async def at(clock: FrozenClock) -> AsyncIterator[At]:
    """HubSpot, running, with somebody's consent. At the end nothing may have been against its documents."""
    for file in FILES:
        spec(file.name)
    fake = FakeHubSpot(*(document(file) for file in FILES))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        crm = HubSpotCrm(url)
        consent = HubSpotConsent(crm, CLIENT["client_id"], CLIENT["client_secret"], clock, url)
        tokens, _ = await consent.exchange("code-1", ask())
        yield At(fake, crm, consent, tokens)
        await crm.close()
    assert fake.breaches == []


async def test_consent_is_asked_for_exchanged_renewed_and_given_back(at: At, clock: FrozenClock) -> None:
    wanted = dict(parse_qsl(urlsplit(at.consent.address(ask())).query))
    assert (wanted["state"], wanted["client_id"]) == ("state-1", CLIENT["client_id"])
    assert "crm.objects.contacts.write" in wanted["scope"].split()
    tokens, account = await at.consent.exchange("code-1", ask())
    assert account == Account("62515", "ada@example.com")
    assert tokens.expires_at == clock.wall_time(clock.now()) + timedelta(minutes=30)
    renewed = await at.consent.renew(tokens)
    assert renewed.access_token != tokens.access_token
    await at.consent.revoke(renewed)
    with pytest.raises(ConsentRefused):
        await at.consent.renew(renewed)
    with pytest.raises(ConsentRefused):
        await at.consent.exchange("another", ask())


async def test_somebody_new_somebody_known_and_somebody_found(at: At) -> None:
    fake, crm, tokens = at.fake, at.crm, at.tokens
    dana = await crm.contact(tokens, DANA, None)
    assert fake.objects["contacts"][dana]["properties"]["firstname"] == "Dana"
    assert await crm.contact(tokens, DANA, dana) == dana
    assert await crm.contact(tokens, DANA, None) == dana
    bob = fake.holds("contacts", phone="+447700900556", firstname="Robert")
    told = Person(first_name="Bob", phone="+447700900556", email="bob@example.com")
    assert await crm.contact(tokens, told, None) == bob
    assert fake.objects["contacts"][bob]["properties"]["firstname"] == "Robert"  # theirs is kept
    assert fake.objects["contacts"][bob]["properties"]["email"] == "bob@example.com"  # ours is added
    del fake.objects["contacts"][dana]
    assert await crm.contact(tokens, DANA, dana) != dana
    assert len(fake.objects["contacts"]) == 2


async def test_who_has_no_address_that_the_crm_takes_is_there_all_the_same(at: At) -> None:
    id_ = await at.crm.contact(at.tokens, Person(first_name="Eve", email="nonsense", phone="+447700900557"), None)
    assert at.fake.objects["contacts"][id_]["properties"] == {"firstname": "Eve", "phone": "+447700900557"}


async def test_a_contact_that_the_search_does_not_see_yet(at: At) -> None:
    """The search lags behind: making it again tells which it is."""
    there = at.fake.holds("contacts", email="dana@example.com")
    at.fake.objects["contacts"][there]["properties"]["email"] = "dana@example.com"
    assert await at.crm._make(at.tokens, {"email": "dana@example.com"}) == there  # pyright: ignore[reportPrivateUsage]


async def test_calls_and_meetings(at: At) -> None:
    fake, crm, tokens = at.fake, at.crm, at.tokens
    dana = await crm.contact(tokens, DANA, None)
    call = await crm.activity(tokens, dana, CALL, None, maybe_there=False)
    kept = fake.objects["calls"][call]
    assert kept["contact"] == dana
    assert kept["properties"]["hs_call_duration"] == "90000"
    assert "A &lt;leak&gt;<br>Urgent" in kept["properties"]["hs_call_body"]
    assert await crm.activity(tokens, dana, CALL, None, maybe_there=True) == call
    visit = await crm.activity(tokens, dana, VISIT, None, maybe_there=True)
    off = Activity(**{name: getattr(VISIT, name) for name in VISIT.__struct_fields__} | {"cancelled": True})
    assert await crm.activity(tokens, dana, off, visit, maybe_there=False) == visit
    assert fake.objects["meetings"][visit]["properties"]["hs_meeting_outcome"] == "CANCELED"
    del fake.objects["meetings"][visit]
    assert await crm.activity(tokens, dana, off, visit, maybe_there=False) != visit
    assert len(fake.objects["calls"]) == 1


async def test_trouble_is_told_apart(at: At) -> None:
    at.fake.trouble = [(429, {"Retry-After": "7"})]
    with pytest.raises(ProviderTrouble) as busy:
        await at.crm.contact(at.tokens, DANA, None)
    assert busy.value.retry_after == 7
    for status, kind in ((503, ProviderTrouble), (403, CrmRefused), (400, CrmRefused)):
        at.fake.trouble = [(status, {})]
        with pytest.raises(kind):
            await at.crm.contact(at.tokens, DANA, None)
    at.fake.access.clear()
    with pytest.raises(AccessExpired):
        await at.crm.contact(at.tokens, DANA, None)
