"""GoTrue's routes: their shapes, their errors, and who may knock."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.contracts.supabase.conftest import GoTrue, vendor

ADA = {"email": "ada@example.com", "password": "correct horse"}
CURRENT = {"X-Supabase-Api-Version": "2024-01-01"}


def bearer(session: dict) -> dict[str, str]:
    return {"Authorization": f"Bearer {session['access_token']}"}


async def sign_up(client: httpx.AsyncClient, **more) -> dict:
    answer = await client.post("/signup", json={**ADA, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_signing_up_is_being_signed_in(gotrue: GoTrue, check_shape):
    client = gotrue()
    session = await sign_up(client, data={"first_name": "Ada", "company_name": "Byron & Co"}, gotrue_meta_security={})
    check_shape("AccessTokenResponseSchema", session)
    user = (await client.get("/user", headers=bearer(session))).json()
    check_shape("UserSchema", user)
    assert user == session["user"]
    assert user["user_metadata"] == {"first_name": "Ada", "company_name": "Byron & Co"}
    assert user["app_metadata"]["client_id"] == user["app_metadata"]["org_id"] is not None
    assert user["app_metadata"]["role"] == "owner"
    assert user["identities"][0]["identity_data"]["email_verified"] is False
    assert (session["token_type"], session["expires_in"]) == ("bearer", 3600)


async def test_the_shapes_are_those_that_were_seen_on_the_wire(gotrue: GoTrue):
    seen = vendor("wire-samples.json")["supabase"]
    session = await sign_up(gotrue())
    assert set(seen["user"]) <= set(session["user"])
    signed_in = next(each for each in seen["http"] if each["client"] == "auth.signInWithPassword")
    assert set(signed_in["response"]) == set(session)
    refused = await gotrue().post(
        "/token?grant_type=password", json={**ADA, "password": "pw", "gotrue_meta_security": {}}, headers=CURRENT
    )
    assert refused.status_code == signed_in["error"]["status"]
    assert set(refused.json()) == set(signed_in["error"]["body"])
    assert refused.json()["code"] == signed_in["error"]["body"]["code"]
    for name, value in signed_in["error"]["headers"].items():
        assert refused.headers[name] == value


async def test_both_grants(gotrue: GoTrue, check_shape, clock):
    client = gotrue()
    first = await sign_up(client)
    answer = await client.post("/token?grant_type=password", json=ADA)
    assert answer.status_code == 200
    check_shape("AccessTokenResponseSchema", answer.json())
    clock.move(timedelta(minutes=50))
    refreshed = await client.post("/token?grant_type=refresh_token", json={"refresh_token": first["refresh_token"]})
    assert refreshed.status_code == 200
    assert refreshed.json()["refresh_token"] != first["refresh_token"]
    clock.move(timedelta(minutes=30))
    assert (await client.get("/user", headers=bearer(first))).json()["error_code"] == "bad_jwt"
    assert (await client.get("/user", headers=bearer(refreshed.json()))).status_code == 200
    reused = await client.post("/token?grant_type=refresh_token", json={"refresh_token": first["refresh_token"]})
    assert (reused.status_code, reused.json()["error_code"]) == (400, "refresh_token_already_used")
    assert (await client.get("/user", headers=bearer(refreshed.json()))).json()["error_code"] == "session_not_found"


@pytest.mark.parametrize(
    ("scope", "here", "there"), [("", 401, 401), ("?scope=local", 401, 200), ("?scope=others", 200, 401)]
)
async def test_logging_out(gotrue: GoTrue, scope: str, here: int, there: int):
    client = gotrue()
    await sign_up(client)
    mine, other = [(await client.post("/token?grant_type=password", json=ADA)).json() for _ in range(2)]
    answer = await client.post(f"/logout{scope}", headers=bearer(mine))
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get("/user", headers=bearer(mine))).status_code == here
    assert (await client.get("/user", headers=bearer(other))).status_code == there


async def test_changing_the_user(gotrue: GoTrue, check_shape, mailed):
    client = gotrue()
    session = await sign_up(client, data={"a": 1, "b": 2})
    answer = await client.put(
        "/user", json={"password": "battery staple", "email": "New@example.com", "data": {"b": None}},
        headers=bearer(session),
    )  # fmt: skip
    user = answer.json()
    check_shape("UserSchema", user)
    assert (user["email"], user["new_email"], user["user_metadata"]) == ("ada@example.com", "new@example.com", {"a": 1})
    token = mailed("new@example.com")
    changed = await client.post("/verify", json={"type": "email_change", "token_hash": token})
    assert changed.json()["user"]["email"] == "new@example.com"
    again = {"email": "new@example.com", "password": "battery staple"}
    assert (await client.post("/token?grant_type=password", json=again)).status_code == 200
    same = await client.put("/user", json={"password": "battery staple"}, headers=bearer(session))
    assert (same.status_code, same.json()["error_code"]) == (400, "same_password")


# --- mailed links -----------------------------------------------------------------------------------------------------


async def test_recovering_by_a_link_that_leads_back_to_the_client(gotrue: GoTrue, mailed, context):
    client = gotrue(cors_origins=("https://app.example.com",))
    await sign_up(client)
    asked = await client.post(
        "/recover?redirect_to=https://app.example.com/reset%3Fx%3D1%23y", json={"email": ADA["email"]}
    )
    assert (asked.status_code, asked.json()) == (200, {})
    link = context.mailer.sent[-1].text.split("http://127.0.0.1:8000")[1].split()[0]
    assert link.startswith("/supabase/auth/v1/verify?type=recovery&redirect_to=")
    anonymous = httpx.AsyncClient(transport=client._transport, base_url="http://127.0.0.1:8000")
    followed = await anonymous.get(link)  # from a mail: no key
    assert followed.status_code == 302
    where, _, fragment = followed.headers["location"].partition("#")
    assert where == "https://app.example.com/reset?x=1"
    granted = {name: value[0] for name, value in parse_qs(fragment).items()}
    assert (granted["type"], granted["token_type"]) == ("recovery", "bearer")
    assert (await client.put("/user", json={"password": "battery staple"}, headers=bearer(granted))).status_code == 200
    once_more = await anonymous.get(link)
    assert parse_qs(urlsplit(once_more.headers["location"]).fragment)["error_code"] == ["otp_expired"]


@pytest.mark.parametrize(
    "target",
    ["", "https://evil.example/", "http://127.0.0.1:8000@evil.example/", "javascript:alert(1)", "//evil.example",
     "http://127.0.0.1:8001/", "https://app.example.com.evil.example/", "http://[", "https://app.example.com\\@evil/"],
)  # fmt: skip
async def test_tokens_go_nowhere_else(gotrue: GoTrue, context, target: str):
    client = gotrue(cors_origins=("https://app.example.com", "*"))
    await sign_up(client)
    await client.post("/recover", params={"redirect_to": target}, json={"email": ADA["email"]})
    assert "http://127.0.0.1:8000/console/reset-password?token=" in context.mailer.sent[-1].text
    token = context.mailer.sent[-1].text.split("token=")[1].split()[0]
    followed = await client.get("/verify", params={"type": "recovery", "token": token, "redirect_to": target})
    assert followed.headers["location"] == f"http://127.0.0.1:8000/console/reset-password?token={token}"
    verified = await client.get("/verify", params={"type": "signup", "token": "x", "redirect_to": target})
    assert verified.headers["location"].startswith("http://127.0.0.1:8000/console#error=access_denied")


async def test_an_address_is_confirmed_before_signing_in_where_the_operator_wants_it(
    gotrue: GoTrue, mailed, check_shape, clock
):
    client = gotrue(email_confirmation=True)
    user = (await client.post("/signup", json={**ADA, "data": {"k": 1}})).json()
    check_shape("UserSchema", user)
    assert "access_token" not in user
    assert "email_confirmed_at" not in user
    refused = await client.post("/token?grant_type=password", json=ADA)
    assert (refused.status_code, refused.json()["error_code"]) == (400, "email_not_confirmed")
    again = await client.post("/signup", json={**ADA, "data": {"k": 1}})
    assert again.status_code == 200
    assert set(again.json()) == set(user)
    assert again.json()["id"] != user["id"]
    clock.move(timedelta(minutes=2))
    assert (await client.post("/resend", json={"type": "signup", "email": ADA["email"]})).json() == {}
    session = await client.post(
        "/verify", json={"type": "signup", "token": mailed(ADA["email"]), "email": ADA["email"]}
    )
    assert session.json()["user"]["email_confirmed_at"]
    assert (await client.post("/token?grant_type=password", json=ADA)).status_code == 200


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/signup", {**ADA, "email": "eve@example.com", "password": "short"}, "weak_password"),
        ("/signup", ADA, "user_already_exists"),
        ("/signup", {"email": "eve@example.com"}, "validation_failed"),
        ("/signup", {"phone": "+447700900123", "password": "correct horse"}, "validation_failed"),
        ("/signup", {**ADA, "email": "eve"}, "validation_failed"),
        ("/signup", {**ADA, "email": 5}, "validation_failed"),
        ("/signup", {**ADA, "data": "x"}, "validation_failed"),
        ("/signup", {**ADA, "email": "eve@example.com", "data": {"a": "\0"}}, "validation_failed"),
        ("/signup", {**ADA, "email": "eve@example.com", "data": {"first_name": "x" * 101}}, "validation_failed"),
        ("/signup", {**ADA, "email": "eve@example.com", "data": {"company_name": "x" * 201}}, "validation_failed"),
        ("/signup", [], "validation_failed"),
        ("/signup", b"{", "validation_failed"),
        ("/signup", b"", "validation_failed"),
        ("/signup", b"\xff\xfe", "validation_failed"),
        ("/signup", b'{"email": "\\ud800@x.org", "password": "correct horse"}', "validation_failed"),
        ("/token?grant_type=password", {**ADA, "password": "wrong"}, "invalid_credentials"),
        ("/token?grant_type=password", {"email": "nobody@example.com", "password": "x"}, "invalid_credentials"),
        ("/token?grant_type=password", {"email": ADA["email"]}, "validation_failed"),
        ("/token?grant_type=password", {**ADA, "password": 12345678}, "validation_failed"),
        ("/token?grant_type=refresh_token", {"refresh_token": "x"}, "refresh_token_not_found"),
        ("/token?grant_type=refresh_token", {}, "validation_failed"),
        ("/token?grant_type=pkce", {}, "validation_failed"),
        ("/token", ADA, "validation_failed"),
        ("/token?grant_type=password&grant_type=password", ADA, "validation_failed"),
        ("/recover", {"email": "x"}, "validation_failed"),
        ("/recover", {}, "validation_failed"),
        ("/resend", {"email": ADA["email"], "type": "sms"}, "validation_failed"),
        ("/verify", {"type": "signup"}, "validation_failed"),
        ("/verify", {"type": "magiclink", "token": "x"}, "validation_failed"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_400_in_gotrues_words(gotrue: GoTrue, check_shape, path, body, code):
    client = gotrue()
    await sign_up(client)
    content = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = await client.post(path, headers={"Content-Type": "application/json"}, **content)
    assert answer.status_code == 400, answer.text
    assert (answer.json()["code"], answer.json()["error_code"]) == (400, code)
    assert answer.headers["x-sb-error-code"] == code
    check_shape("ErrorSchema", answer.json())
    current = await client.post(path, headers={"Content-Type": "application/json", **CURRENT}, **content)
    assert (current.json()["code"], current.headers["x-supabase-api-version"]) == (code, "2024-01-01")
    assert current.json()["message"]


async def test_a_spent_link_and_a_closed_door(gotrue: GoTrue):
    client = gotrue(signup="closed")
    spent = await client.post("/verify", json={"type": "recovery", "token": "x"})
    assert (spent.status_code, spent.json()["error_code"]) == (403, "otp_expired")
    closed = await client.post("/signup", json=ADA)
    assert (closed.status_code, closed.json()["error_code"]) == (403, "signup_disabled")
    assert (await client.get("/settings")).json()["disable_signup"] is True
    assert (await gotrue().get("/settings")).json()["disable_signup"] is False


async def test_a_locked_account_says_when_to_come_back(gotrue: GoTrue):
    client = gotrue()
    await sign_up(client)
    for _ in range(10):
        await client.post("/token?grant_type=password", json={**ADA, "password": "wrong"})
    locked = await client.post("/token?grant_type=password", json=ADA)
    assert (locked.status_code, locked.json()["error_code"]) == (429, "over_request_rate_limit")
    assert locked.headers["retry-after"] == "900"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/user"), ("PUT", "/user"), ("POST", "/logout"), ("POST", "/logout?scope=nonsense")],
)
async def test_without_a_session_there_is_401_whatever_the_body(gotrue: GoTrue, check_shape, method, path):
    client = gotrue()
    for authorization in ("", "Bearer anon", "Bearer a.b.c", "Basic x", "Bearer sk_live_" + "x" * 40):
        answer = await client.request(method, path, content=b"{", headers={"Authorization": authorization})
        assert answer.status_code == 401, answer.text
        check_shape("ErrorSchema", answer.json())
        current = await client.request(method, path, headers={"Authorization": authorization, **CURRENT})
        assert current.headers["x-supabase-api-version"] == "2024-01-01"
        assert current.json()["code"] in ("no_authorization", "bad_jwt")


async def test_malformed_changes_of_a_user_are_400(gotrue: GoTrue):
    client = gotrue()
    session = await sign_up(client)
    for body in (
        b"{",
        b"[]",
        b'{"data": 1}',
        b'{"email": "x"}',
        b'{"password": "short"}',
        b'{"data": {"a": "\\u0000"}}',
    ):
        answer = await client.put("/user", content=body, headers=bearer(session))
        assert answer.status_code == 400, body
    assert (await client.post("/logout?scope=nonsense", headers=bearer(session))).status_code == 400


# --- the door ---------------------------------------------------------------------------------------------------------


async def test_the_anonymous_key_is_demanded(gotrue: GoTrue):
    for path in ("/health", "/settings"):
        for key in ("", "  "):
            answer = await gotrue().get(path, headers={"apikey": key})
            assert (answer.status_code, answer.json()["error_code"]) == (401, "no_authorization")
    assert (await gotrue().get("/health")).json()["name"] == "GoTrue"
    assert (await gotrue().get("/health?apikey=anon", headers={"apikey": ""})).status_code == 200
    keyed = gotrue(anon_key="the-key")
    assert (await keyed.get("/health")).status_code == 401
    assert (await keyed.get("/health", headers={"apikey": "the-key"})).status_code == 200
    assert (await gotrue().get("/.well-known/jwks.json", headers={"apikey": ""})).json() == {"keys": []}


async def test_too_many_sign_ins_from_one_address_are_refused(gotrue: GoTrue):
    client = gotrue(limits=True)
    statuses = [
        (await client.post("/token?grant_type=password", json={**ADA, "password": ""})).status_code for _ in range(61)
    ]
    assert statuses[-1] == 429
    assert set(statuses[:60]) == {400}
    refused = await client.post("/signup", json=ADA)
    assert refused.json()["error_code"] == "over_request_rate_limit"
    assert int(refused.headers["retry-after"]) <= 60
    assert (await client.post("/token?grant_type=refresh_token", json={"refresh_token": "x"})).status_code == 400


async def test_nothing_is_cached_and_wrong_paths_are_told(gotrue: GoTrue):
    client = gotrue()
    assert (await client.post("/signup", json=ADA)).headers["cache-control"] == "no-store"
    assert (await client.get("/nothing")).status_code == 404
    assert (await client.delete("/user")).status_code == 405
