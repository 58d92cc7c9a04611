"""Tokens of handsets: of the account with an API key, else of the operator's, else of the sandbox."""

from datetime import timedelta

import jwt
from tests.fixtures.organizations import Organization

from frontdesk.adapters.twilio import Credentials, Line, TwilioAccount
from frontdesk.domain.numbers.service import carriers
from frontdesk.kernel.clock import SystemClock
from frontdesk.platform.context import Context
from frontdesk.ports.calling import VoiceAddresses

HOUR, TOLD = timedelta(hours=1), {"organization": "018f"}
GIVEN = Credentials(
    account_sid="AC" + "a" * 32, auth_token="t" * 32, api_key_sid="SK" + "b" * 32, api_key_secret="s" * 32,
    twiml_app_sid="AP" + "c" * 32,
)  # fmt: skip


def account(given: Credentials) -> TwilioAccount:
    return TwilioAccount(
        Line(), given, "https://desk.example/hook", SystemClock(), VoiceAddresses.below("https://desk.example")
    )


def test_the_token_is_twilios_own_kind_signed_by_the_key() -> None:
    token = account(GIVEN).handset_token("somebody", HOUR, TOLD)
    assert token is not None
    assert jwt.get_unverified_header(token)["cty"] == "twilio-fpa;v=1"
    claims = jwt.decode(token, GIVEN.api_key_secret, algorithms=["HS256"])
    assert (claims["iss"], claims["sub"]) == (GIVEN.api_key_sid, GIVEN.account_sid)
    assert claims["grants"]["identity"] == "somebody"
    assert claims["grants"]["voice"] == {
        "incoming": {"allow": True}, "outgoing": {"application_sid": GIVEN.twiml_app_sid, "params": TOLD},
    }  # fmt: skip
    assert claims["exp"] - claims["nbf"] == 3600


def test_without_a_key_there_is_none() -> None:
    assert account(Credentials(account_sid="AC1", auth_token="t")).handset_token("somebody", HOUR, TOLD) is None


class OperatorsOnly:
    """A vendor of whom only the operator has an account."""

    name = "twilio"
    operators = account(GIVEN)


async def test_the_operators_key_comes_before_the_sandbox(context: Context, org: Organization) -> None:
    made = await carriers.handset_token(context, org.actor, HOUR)
    assert jwt.decode(made.token, options={"verify_signature": False})["iss"] == "AC1"
    context.vendors["twilio"] = OperatorsOnly()  # pyright: ignore
    made = await carriers.handset_token(context, org.actor, HOUR)
    assert jwt.decode(made.token, options={"verify_signature": False})["iss"] == GIVEN.api_key_sid
    assert made.identity == str(org.owner_id)
