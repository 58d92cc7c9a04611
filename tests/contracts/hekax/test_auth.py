"""Signing up and in over the HEKAX API."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from tests.contracts.clients import ClientFor
from tests.contracts.hekax.conftest import BASE
from tests.fixtures.organizations import Organization
from tests.fixtures.people import PASSWORD

from frontdesk.contracts._http.dispatcher import Dispatcher
from frontdesk.kernel.clock import FrozenClock
from frontdesk.platform.context import Context

ADA = {"email": "ada@example.com", "password": PASSWORD, "name": "Ada Byron King", "orgName": "Analytical Engines"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def sign_up(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/api/auth/signup", json={**ADA, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


def code_mailed(context: Context, to: str = ADA["email"]) -> str:
    sent = [mail for mail in context.mailer.sent if mail.to == to]  # pyright: ignore
    return re.findall(r"\b\d{6}\b", sent[-1].text)[0]


async def test_signing_up_makes_an_account_an_organisation_and_a_token(anonymous: httpx.AsyncClient) -> None:
    made = await sign_up(anonymous)
    assert made["user"]["name"] == ADA["name"]
    assert made["user"]["emailVerified"] is False
    assert (made["organization"]["slug"], made["organization"]["plan"]) == ("analytical-engines", "TRIAL")
    claims = jwt.decode(made["token"], options={"verify_signature": False})
    assert claims["userId"] == made["user"]["id"]
    assert claims["organizationId"] == made["organization"]["id"]
    assert claims["role"] == "OWNER"
    assert claims["exp"] - claims["iat"] == 24 * 3600
    own = (await anonymous.get("/api/organization", headers=bearer(made["token"]))).json()
    assert (own["id"], own["name"]) == (made["organization"]["id"], "Analytical Engines")


async def test_two_organisations_of_one_name_have_slugs_of_their_own(anonymous: httpx.AsyncClient) -> None:
    slugs = [(await sign_up(anonymous, email=f"{n}@example.com"))["organization"]["slug"] for n in range(3)]
    assert slugs == ["analytical-engines", "analytical-engines-2", "analytical-engines-3"]


async def test_a_token_is_good_at_every_contract_and_for_a_day(
    anonymous: httpx.AsyncClient, client_for: ClientFor, clock: FrozenClock
) -> None:
    headers = bearer((await sign_up(anonymous))["token"])
    elsewhere = await client_for(base="/reactivation")
    assert (await elsewhere.get("/api/settings/client", headers=headers)).status_code == 200
    clock.move(timedelta(hours=23, minutes=59))
    assert (await anonymous.get("/api/organization", headers=headers)).status_code == 200
    clock.move(timedelta(minutes=2))
    assert (await anonymous.get("/api/organization", headers=headers)).status_code == 401


async def test_signing_in(anonymous: httpx.AsyncClient) -> None:
    made = await sign_up(anonymous)
    told = (await anonymous.post("/api/auth/login", json={"email": "ADA@example.com", "password": PASSWORD})).json()
    assert told["user"] == made["user"]
    assert told["user"]["role"] == "OWNER"
    assert told["organization"] == made["organization"]
    wrong = await anonymous.post("/api/auth/login", json={"email": ADA["email"], "password": "wrong"})
    nobody = await anonymous.post("/api/auth/login", json={"email": "bob@example.com", "password": PASSWORD})
    assert wrong.status_code == nobody.status_code == 401
    assert wrong.json() == nobody.json()
    assert wrong.json()["code"] == "INVALID_CREDENTIALS"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nothing"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "password"}, "password"),
        ({"orgName": "  "}, "orgName"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"country": "XX"}, "country"),
    ],
)
async def test_what_cannot_be_is_named(anonymous: httpx.AsyncClient, change: dict[str, Any], field: str) -> None:
    refused = await anonymous.post("/api/auth/signup", json={**ADA, **change})
    assert refused.status_code == 400
    assert refused.json()["details"]["field"] == field


async def test_a_taken_address_is_refused(anonymous: httpx.AsyncClient) -> None:
    await sign_up(anonymous)
    again = await anonymous.post("/api/auth/signup", json=ADA)
    assert (again.status_code, again.json()["code"]) == (400, "EMAIL_TAKEN")


async def test_ten_wrong_passwords_lock(anonymous: httpx.AsyncClient) -> None:
    await sign_up(anonymous)
    body = {"email": ADA["email"], "password": "wrong"}
    assert {(await anonymous.post("/api/auth/login", json=body)).status_code for _ in range(10)} == {401}
    locked = await anonymous.post("/api/auth/login", json={**body, "password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (429, "ACCOUNT_LOCKED")
    assert int(locked.headers["retry-after"]) > 800


async def test_the_code_from_the_mail_confirms_the_address(anonymous: httpx.AsyncClient, context: Context) -> None:
    headers = bearer((await sign_up(anonymous))["token"])
    code = code_mailed(context)
    other = f"{(int(code) + 1) % 1_000_000:06}"
    wrong = await anonymous.post("/api/auth/verify-email", json={"code": other}, headers=headers)
    assert (wrong.status_code, wrong.json()["code"]) == (400, "CODE_INVALID")
    assert (await anonymous.post("/api/auth/verify-email", json={"code": code})).status_code == 401
    right = await anonymous.post("/api/auth/verify-email", json={"code": code}, headers=headers)
    assert right.json() == {"verified": True}
    told = await anonymous.post("/api/auth/login", json={"email": ADA["email"], "password": PASSWORD})
    assert told.json()["user"]["emailVerified"] is True


async def test_a_code_is_nobody_elses(anonymous: httpx.AsyncClient, context: Context) -> None:
    await sign_up(anonymous)
    code = code_mailed(context)
    other = bearer((await sign_up(anonymous, email="bob@example.com"))["token"])
    refused = await anonymous.post("/api/auth/verify-email", json={"code": code}, headers=other)
    assert refused.status_code == 400 or code == code_mailed(context, "bob@example.com")


async def test_ten_wrong_codes_kill_it_and_another_may_be_asked_for(
    anonymous: httpx.AsyncClient, context: Context, clock: FrozenClock
) -> None:
    headers = bearer((await sign_up(anonymous))["token"])
    code = code_mailed(context)
    for _ in range(10):
        await anonymous.post("/api/auth/verify-email", json={"code": "x"}, headers=headers)
    dead = await anonymous.post("/api/auth/verify-email", json={"code": code}, headers=headers)
    assert dead.status_code == 400
    clock.move(timedelta(minutes=2))
    assert (await anonymous.post("/api/auth/resend-code", headers=headers)).status_code == 200
    fresh = await anonymous.post("/api/auth/verify-email", json={"code": code_mailed(context)}, headers=headers)
    assert fresh.json() == {"verified": True}


async def test_a_reset_password_ends_all_sessions(anonymous: httpx.AsyncClient, mailed: Callable[..., str]) -> None:
    headers = bearer((await sign_up(anonymous))["token"])
    asked = [await anonymous.post("/api/auth/forgot-password", json={"email": to}) for to in (ADA["email"], "x@y.com")]
    assert asked[0].json() == asked[1].json() == {"message": "If an account exists, a reset link has been sent"}
    body = {"token": mailed(ADA["email"], "new password"), "password": "another horse"}
    assert (await anonymous.post("/api/auth/reset-password", json=body)).json() == {"success": True}
    assert (await anonymous.get("/api/organization", headers=headers)).status_code == 401
    again = await anonymous.post("/api/auth/reset-password", json=body)
    assert (again.status_code, again.json()["code"]) == (400, "LINK_INVALID")
    login = {"email": ADA["email"], "password": "another horse"}
    assert (await anonymous.post("/api/auth/login", json=login)).status_code == 200


async def test_five_calls_a_minute_on_all_of_them_together(
    client_for: ClientFor, with_settings: Callable[..., Dispatcher], org: Organization
) -> None:
    app = with_settings(limits=True)
    app._serving.limiter._now = lambda: 1_773_144_000.0  # pyright: ignore[reportPrivateUsage]
    nobody, member = await client_for(base=BASE, of=app), await client_for(org, base=BASE, of=app)
    tries = [
        await nobody.post("/api/auth/login", json={"email": "a@b.co", "password": "x"}),
        await nobody.post("/api/auth/signup", json={}),
        await nobody.post("/api/auth/forgot-password", json={"email": "a@b.co"}),
        await member.post("/api/auth/verify-email", json={"code": "1"}),
        await nobody.post("/api/auth/reset-password", json={"token": "x", "password": "correct horse"}),
        await nobody.post("/api/auth/login", json={"email": "a@b.co", "password": "x"}),
    ]
    assert [answer.headers["x-ratelimit-remaining"] for answer in tries] == ["4", "3", "2", "1", "0", "0"]
    assert [answer.status_code for answer in tries] == [401, 400, 200, 200, 400, 429]
    assert tries[-1].headers["retry-after"] == "60"
    assert tries[-1].json()["code"] == "RATE_LIMITED"
    other = await member.get("/api/organization")
    assert (other.status_code, other.headers["x-ratelimit-limit"]) == (200, "100")


async def test_at_the_root_of_its_own_host(client_for: ClientFor, with_settings: Callable[..., Dispatcher]) -> None:
    app = with_settings(hosts={"api.hekax.example": "hekax"})
    client = await client_for(of=app, Host="api.hekax.example")
    made = await client.post("/api/auth/signup", json=ADA)
    assert made.status_code == 201
    own = await client.get("/api/organization", headers=bearer(made.json()["token"]))
    assert own.json()["name"] == ADA["orgName"]
