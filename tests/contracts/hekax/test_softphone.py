"""Calls that members dial in their browsers, as the carrier asks about them: who may, whom it rings, and the record."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from xml.etree import ElementTree

import httpx
import pytest
from cryptography.fernet import Fernet
from tests.contracts.clients import PUBLIC_URL
from tests.contracts.hekax.conftest import BASE
from tests.contracts.hekax.test_voice import STATUS, SigningCarrier, post, verbs
from tests.fixtures.business import MakeLead
from tests.fixtures.organizations import Organization

from frontdesk.adapters.signatures import Signatures
from frontdesk.adapters.twilio import Line, TwilioVendor
from frontdesk.domain.contactability import service as contactability
from frontdesk.domain.numbers import store as numbers
from frontdesk.domain.numbers.service import carriers
from frontdesk.kernel.access import Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.ids import new_id
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import Vault
from frontdesk.platform.database import Works
from frontdesk.ports.calling import VoiceAddresses

DIAL = "/api/voice/dial"
PARENT, LEG = "CA" + "1" * 32, "CA" + "2" * 32


@pytest.fixture
def carrier() -> SigningCarrier:
    return SigningCarrier()


class Softphone:
    """The handset that a member's browser is, with the carrier behind it."""

    def __init__(self, client: httpx.AsyncClient, org: Organization, owner: UUID) -> None:
        self.client, self.org, self.identity = client, org, str(owner)

    async def dials(self, to: str, sid: str = PARENT, **more: str) -> ElementTree.Element:
        form = {
            "CallSid": sid, "From": f"client:{self.identity}", "To": to, "CallStatus": "ringing",
            "Direction": "inbound", "organization": str(self.org.id), **more,
        }  # fmt: skip
        return await post(self.client, DIAL, form)

    async def told(self, dial: ElementTree.Element, word: str, seconds: int = 0) -> None:
        """The carrier tells of the telephone that it rings."""
        number = dial.find("Number")
        assert number is not None
        path = STATUS + "?" + number.attrib["statusCallback"].partition("?")[2]
        form = {
            "CallSid": LEG, "ParentCallSid": PARENT, "From": self.org.number, "To": number.text or "",
            "CallStatus": word, "Direction": "outbound-dial", "CallDuration": str(seconds),
        }  # fmt: skip
        await post(self.client, path, form)


def refusal(answered: ElementTree.Element) -> str:
    """Why nobody is rung, as the member hears it."""
    assert verbs(answered) == ["Say", "Hangup"]
    return answered[0].text or ""


@pytest.fixture
def softphone(anonymous: httpx.AsyncClient, org: Organization) -> Softphone:
    return Softphone(anonymous, org, org.owner_id)


async def test_a_member_dials_a_lead_and_the_record_tells_it(
    api: httpx.AsyncClient, softphone: Softphone, a_lead: MakeLead, org: Organization, clock: FrozenClock
) -> None:
    lead = await a_lead()
    assert lead.phone is not None
    dial = (await softphone.dials("07700 " + lead.phone[-6:])).find("Dial")
    assert dial is not None
    number = dial.find("Number")
    assert number is not None
    assert (number.text, dial.attrib["callerId"], dial.attrib["answerOnBridge"]) == (lead.phone, org.number, "true")
    again = (await softphone.dials("07700 " + lead.phone[-6:])).find("Dial")  # the carrier missed the answer
    assert again is not None
    assert ElementTree.tostring(again) == ElementTree.tostring(dial)
    (call,) = (await api.get("/api/calls")).json()["calls"]
    assert (call["direction"], call["callSid"], call["toNumber"], call["leadId"], call["handledByAI"]) == (
        "OUTBOUND", PARENT, lead.phone, str(lead.id), False,
    )  # fmt: skip
    await softphone.told(dial, "ringing")
    await softphone.told(dial, "in-progress")
    clock.move(timedelta(seconds=42))
    await softphone.told(dial, "completed", 42)
    path, _, query = dial.attrib["action"].partition("?")
    assert path.endswith("/api/voice/dialled")
    form = {"CallSid": PARENT, "From": f"client:{org.owner_id}", "To": lead.phone, "DialCallStatus": "completed"}
    assert verbs(await post(softphone.client, f"/api/voice/dialled?{query}", form)) == ["Hangup"]
    done = (await api.get(f"/api/calls/{call['id']}")).json()
    assert (done["status"], done["endedReason"], done["duration"]) == ("COMPLETED", "transferred", 42)
    assert verbs(await softphone.dials(lead.phone)) == ["Hangup"]  # played back, it rings nobody


@pytest.mark.parametrize(
    ("word", "status", "reason"),
    [("busy", "BUSY", "busy"), ("no-answer", "MISSED", "no_answer"), ("canceled", "CANCELED", "canceled")],
)
async def test_a_lead_who_is_not_reached(
    api: httpx.AsyncClient, softphone: Softphone, word: str, status: str, reason: str
) -> None:
    dial = (await softphone.dials("07700 900321")).find("Dial")  # a number that no lead has becomes one
    assert dial is not None
    assert refusal(await softphone.dials("07700 900321", "CA3")) == "This number is being called at this moment."
    await softphone.told(dial, word)
    (call,) = (await api.get("/api/calls")).json()["calls"]
    assert (call["status"], call["endedReason"], call["duration"]) == (status, reason, 0)
    assert call["leadId"]


async def test_a_dialled_call_is_hung_up_by_a_colleague(
    api: httpx.AsyncClient, softphone: Softphone, carrier: SigningCarrier
) -> None:
    dial = (await softphone.dials("07700 900321")).find("Dial")
    assert dial is not None
    await softphone.told(dial, "in-progress")
    (call,) = (await api.get("/api/calls")).json()["calls"]
    assert (await api.post(f"/api/calls/{call['id']}/hang-up")).status_code == 200
    assert carrier.put_down == [PARENT]
    await softphone.told(dial, "completed", 3)
    done = (await api.get(f"/api/calls/{call['id']}")).json()
    assert (done["status"], done["endedReason"]) == ("COMPLETED", "transferred")


async def test_whoever_must_not_be_called_is_not_rung(
    api: httpx.AsyncClient, softphone: Softphone, a_lead: MakeLead, works: Works, org: Organization
) -> None:
    lead = await a_lead()
    async with works.begin(org.actor) as work:
        await contactability.suppress(work, lead.phone, "keyword", "STOP")  # pyright: ignore[reportArgumentType]
    assert "has opted out" in refusal(await softphone.dials(lead.phone or ""))
    assert "08:00 to 21:00" in refusal(await softphone.dials("+14155550123"))
    assert refusal(await softphone.dials("12"))
    assert refusal(await softphone.dials(""))
    async with works.begin(org.actor) as work:
        await work.execute(
            "insert into usage (org_id, kind, subject_id, quantity, occurred_at) values ($1, $2, $1, 3600, $3)",
            org.id, "call_seconds", work.now,
        )  # fmt: skip
    assert "no call minutes left" in refusal(await softphone.dials("07700 900321"))
    assert (await api.get("/api/calls")).json()["calls"] == []


async def joined(works: Works, org: Organization, role: Role, user_id: UUID | None = None) -> UUID:
    """A member of an organisation, new unless named."""
    async with works.across_tenants("tests") as work:
        if user_id is None:
            user_id = new_id()
            await work.execute(
                "insert into users (id, email, email_verified_at, created_at, updated_at) values ($1, $2, $3, $3, $3)",
                user_id, f"{user_id}@example.com", work.now,
            )  # fmt: skip
        await work.execute(
            "insert into memberships (org_id, user_id, role, created_at, updated_at) values ($1, $2, $3, $4, $4)",
            org.id, user_id, role.value, work.now,
        )  # fmt: skip
    return user_id


async def test_only_members_who_may_call_do(
    softphone: Softphone, works: Works, org: Organization, other_org: Organization
) -> None:
    softphone.identity = str(await joined(works, org, Role.AGENT))
    assert verbs(await softphone.dials("07700 900321")) == ["Dial"]
    async with works.across_tenants("tests") as work:
        await work.execute("update memberships set status = 'suspended' where user_id::text = $1", softphone.identity)
    for identity in (str(await joined(works, org, Role.VIEWER)), softphone.identity, str(other_org.owner_id),
                     str(org.id), "nobody"):  # fmt: skip
        softphone.identity = identity
        assert refusal(await softphone.dials("07700 900322", "CA4")), identity


async def test_who_works_for_several_calls_for_the_one_whose_token_it_is(
    api: httpx.AsyncClient, softphone: Softphone, works: Works, org: Organization, other_org: Organization
) -> None:
    await joined(works, other_org, Role.AGENT, org.owner_id)
    token = (await api.get("/api/voice/token")).json()["token"]
    assert token
    assert "several organisations" in refusal(await softphone.dials("07700 900321", organization=""))
    for where, sid in ((org, "CA5"), (other_org, "CA6")):
        dial = (await softphone.dials("07700 900321", sid, organization=str(where.id))).find("Dial")
        assert dial is not None
        assert dial.attrib["callerId"] == where.number


async def test_an_account_of_an_organisation_speaks_for_its_own_members_handsets(
    context: Context, works: Works, org: Organization, other_org: Organization
) -> None:
    vault, voice = Vault([Fernet.generate_key().decode()]), VoiceAddresses.below(PUBLIC_URL)
    vendor = TwilioVendor(Line(), vault, PUBLIC_URL, works.clock, voice)
    sealed = vendor.seal({"account_sid": "AC" + "a" * 32, "auth_token": "t" * 32, "twiml_app_sid": "AP" + "c" * 32})
    async with works.begin(org.actor) as work:
        await numbers.keep_account(work, vendor.name, sealed)
    context = replace(context, vendors={vendor.name: vendor}, carriers={})
    url = PUBLIC_URL + BASE + DIAL
    for user_id, whose in ((org.owner_id, org.id), (other_org.owner_id, None)):
        form = {"CallSid": PARENT, "From": f"client:{user_id}", "To": "+447700900321"}
        signer = await carriers.signed_by(context, url, form, Signatures("t" * 32).of(url, form))
        assert (signer.org_id if signer else None) == whose


async def test_nothing_forged_rings_anybody(
    anonymous: httpx.AsyncClient, api: httpx.AsyncClient, org: Organization
) -> None:
    form = {"CallSid": PARENT, "From": f"client:{org.owner_id}", "To": "+447700900321"}
    signature = SigningCarrier.validator.compute_signature(PUBLIC_URL + BASE + DIAL, {**form, "To": "+447700900322"})
    for headers in ({}, {"X-Twilio-Signature": signature}):
        assert (await anonymous.post(DIAL, data=form, headers=headers)).status_code == 401
    assert (await api.get("/api/calls")).json()["calls"] == []
