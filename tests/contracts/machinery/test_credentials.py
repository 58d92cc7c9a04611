"""Who passes: every kind of credential, and what is refused before anything else is looked at."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from tests.contracts.clients import PUBLIC_URL, ClientFor, TokenFor
from tests.fixtures.organizations import Organization

from frontdesk.domain.organizations.model import NewApiKey
from frontdesk.domain.organizations.service import keys
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.database import Works

BASE = "/reactivation"
LEADS = "/api/leads"


async def an_api_key(works: Works, org: Organization, role: Role = Role.AGENT) -> str:
    async with works.begin(org.actor) as work:
        _, secret = await keys.create_api_key(work, NewApiKey(name="Importer", role=role))
    return secret


async def test_every_way_to_show_a_credential(
    client_for: ClientFor, token_for: TokenFor, works: Works, org: Organization
) -> None:
    token, key = await token_for(org), await an_api_key(works, org)
    for headers in (
        {"Authorization": f"Bearer {token}"},
        {"Authorization": f"bearer {token}"},
        {"Authorization": f"Bearer {key}"},
        {"X-API-Key": key},
        {"Cookie": f"sb-access-token={token}"},
    ):
        client = await client_for(base=BASE)
        assert (await client.get(LEADS, headers=headers)).status_code == 200, headers


async def test_what_is_no_credential(client_for: ClientFor, token_for: TokenFor, org: Organization) -> None:
    token = await token_for(org)
    client = await client_for(base=BASE)
    for headers in (
        {},
        {"Authorization": token},
        {"Authorization": f"Basic {token}"},
        {"Authorization": f"Bearer {token[:-2]}"},
        {"Authorization": "Bearer "},
        {"Authorization": b"Bearer \xe9\x00"},
        {"Authorization": "Bearer sk_live_" + "a" * 40},
        {"X-API-Key": "sk_live_short"},
        {"X-API-Key": "something"},
        {"Cookie": "sb-access-token=x"},
    ):
        refused = await client.get(LEADS, headers=headers)  # pyright: ignore
        assert refused.status_code == 401, headers
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.json()["error"]["message"]


async def test_an_anonymous_request_is_refused_before_its_body_and_path_are_looked_at(client_for: ClientFor) -> None:
    client = await client_for(base=BASE)
    assert (await client.post("/api/datasets", content=b"{broken")).status_code == 401
    assert (await client.get("/api/leads?page=x")).status_code == 401
    assert (await client.get("/api/leads/not-an-id")).status_code == 401
    assert (await client.post("/api/datasets", content=b"x" * (11 * 1024 * 1024))).status_code == 401


async def test_a_credential_is_worth_nothing_once_it_is_withdrawn(
    client_for: ClientFor, token_for: TokenFor, works: Works, org: Organization, clock: FrozenClock
) -> None:
    client = await client_for(base=BASE)
    key, revoked, expired = await an_api_key(works, org), await token_for(org), await token_for(org)
    headers = {"Authorization": f"Bearer {revoked}"}
    async with works.across_tenants("tests") as work:
        await work.execute("update sessions set revoked_at = $1", work.now)
        await work.execute("update api_keys set revoked_at = $1", work.now)
    assert (await client.get(LEADS, headers=headers)).status_code == 401
    assert (await client.get(LEADS, headers={"X-API-Key": key})).status_code == 401
    clock.move(timedelta(days=2))
    assert (await client.get(LEADS, headers={"Authorization": f"Bearer {expired}"})).status_code == 401


async def test_somebody_without_an_organisation_may_do_nothing_yet(
    client_for: ClientFor, token_for: TokenFor, works: Works, org: Organization
) -> None:
    client = await client_for(base=BASE, Authorization=f"Bearer {await token_for(org)}")
    async with works.across_tenants("tests") as work:
        await work.execute("update memberships set status = 'suspended'")
    for answer in (
        await client.get(LEADS),
        await client.post("/api/datasets", json={"name": "a"}, headers={"Idempotency-Key": "k"}),
        await client.get("/api/events"),
    ):
        assert answer.status_code == 403, answer.text


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 201),
        (PUBLIC_URL, 201),
        ("https://app.example.com", 201),
        ("https://evil.example", 403),
        ("null", 403),
    ],
)
async def test_a_cookie_does_not_serve_other_sites(
    client_for: ClientFor,
    token_for: TokenFor,
    org: Organization,
    with_settings: Callable[..., object],
    origin: str | None,
    status: int,
) -> None:
    app = with_settings(cors_origins=("https://app.example.com",))
    client = await client_for(base=BASE, of=app, Cookie=f"sb-access-token={await token_for(org)}")
    headers = {"Origin": origin} if origin else {}
    assert (await client.post("/api/datasets", json={"name": "a"}, headers=headers)).status_code == status
    assert (await client.get(LEADS, headers=headers)).status_code == 200


async def test_an_api_key_is_held_to_its_role(client_for: ClientFor, works: Works, org: Organization) -> None:
    viewer = await client_for(base=BASE, **{"X-API-Key": await an_api_key(works, org, Role.VIEWER)})
    assert (await viewer.get(LEADS)).status_code == 200
    refused: httpx.Response = await viewer.post("/api/datasets", json={"name": "a"})
    assert refused.status_code == 403
