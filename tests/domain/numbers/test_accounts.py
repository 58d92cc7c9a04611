"""Accounts with a carrier: connected only when they work, seen masked, spoken for by their organisation alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from tests.fakes.twilio import Account, FakeTwilio
from tests.fixtures.business import MakeDataset, MakeLead, RememberingCarrier
from tests.fixtures.organizations import Organization
from twilio.request_validator import RequestValidator

from frontdesk.adapters.twilio import Credentials, Line, TwilioAccount
from frontdesk.domain.activity.model import sentence
from frontdesk.domain.campaigns.service import stopping
from frontdesk.domain.contactability.model import Word
from frontdesk.domain.conversations.errors import NotContactable, SendFailed
from frontdesk.domain.conversations.service import delivery, inbound, sending, threads
from frontdesk.domain.leads.model import CampaignStatus, Stage
from frontdesk.domain.leads.service import leads
from frontdesk.domain.numbers.errors import CampaignsRunning, CarrierRefuses, NotConnected, NumberNotFound, NumberTaken
from frontdesk.domain.numbers.service import accounts, carriers
from frontdesk.kernel.access import PERMISSIONS_OF, Role
from frontdesk.kernel.clock import FrozenClock
from frontdesk.kernel.errors import Forbidden, Invalid
from frontdesk.platform.context import Context
from frontdesk.platform.events import Event
from frontdesk.ports.calling import VoiceAddresses

SENDER, HANDSET = "+447700900555", "+447700900101"
VOICE = VoiceAddresses.below("http://127.0.0.1:8000")
WEBHOOK = "http://127.0.0.1:8000/reactivation/api/webhooks/twilio"


def given(account: Account, **more: str) -> dict[str, str]:
    return {"account_sid": account.sid, "auth_token": account.token, "answers_stop": "on", **more}


async def connected(context: Context, org: Organization, account: Account, **more: str) -> None:
    await accounts.connect(context, org.actor, "twilio", given(account, **more))
    await accounts.use(context, org.actor, SENDER)


@pytest.fixture
def account(fake_twilio: FakeTwilio) -> Account:
    fake_twilio.delivers = False
    return fake_twilio.account(SENDER)


async def test_an_account_is_kept_once_it_works_and_seen_masked(
    with_twilio: Context, org: Organization, account: Account
) -> None:
    with pytest.raises(CarrierRefuses, match="does not accept the auth token"):
        await accounts.connect(with_twilio, org.actor, "twilio", {**given(account), "auth_token": "0" * 32})
    with pytest.raises(NotConnected):
        await accounts.choices(with_twilio, org.actor)
    kept = await accounts.connect(with_twilio, org.actor, "twilio", given(account))
    assert kept.shown["auth_token"] == f"…{account.token[-4:]}"
    async with with_twilio.works.begin(org.actor) as work:
        stored = await work.fetchval("select row_to_json(a)::text from carrier_accounts a")
        assert account.token not in stored
    assert [(each.number.phone, each.in_use) for each in await accounts.choices(with_twilio, org.actor)] == [
        (SENDER, False)
    ]


async def test_a_chosen_number_sends_and_gets_its_texts_here(
    with_twilio: Context, org: Organization, account: Account, a_lead: MakeLead, carrier: RememberingCarrier
) -> None:
    lead = await a_lead(phone=HANDSET)
    await connected(with_twilio, org, account)
    number = account.number(SENDER)
    assert [number[name] for name in ("sms_url", "voice_url", "status_callback")] == [
        WEBHOOK, VOICE.incoming, VOICE.status,
    ]  # fmt: skip
    message = await sending.send_by_hand(with_twilio, org.actor, lead.id, "Hello from Acme")
    assert (message.sender, message.provider, message.status) == (SENDER, "twilio", "sent")
    assert account.texts(HANDSET) == ["Hello from Acme"]
    await accounts.disconnect(with_twilio, org.actor, "twilio")
    assert [account.number(SENDER)[name] for name in ("sms_url", "voice_url", "status_callback")] == ["", "", ""]
    await sending.send_by_hand(with_twilio, org.actor, lead.id, "Only a rehearsal")
    assert carrier.texts_to(HANDSET) == ["Only a rehearsal"]
    assert len(account.texts()) == 1


async def test_what_cannot_be_chosen(
    with_twilio: Context, org: Organization, other_org: Organization, account: Account, fake_twilio: FakeTwilio
) -> None:
    account.owns("+442079460111", sms=False)
    await connected(with_twilio, org, account)
    with pytest.raises(CarrierRefuses, match="cannot send texts"):
        await accounts.use(with_twilio, org.actor, "+442079460111")
    with pytest.raises(NumberNotFound):
        await accounts.use(with_twilio, org.actor, other_org.number)
    await accounts.connect(with_twilio, other_org.actor, "twilio", given(account))
    with pytest.raises(NumberTaken):
        await accounts.use(with_twilio, other_org.actor, SENDER)
    with pytest.raises(Invalid) as refused:
        await accounts.use_as_told(with_twilio, other_org.actor, "+447700900999")
    assert refused.value.fields["field"] == "number"
    assert (await accounts.use(with_twilio, org.actor, org.number)).sandbox


async def test_only_who_manages_the_organisation(with_twilio: Context, org: Organization, account: Account) -> None:
    await connected(with_twilio, org, account)
    manager = type(org.actor)(
        type=org.actor.type, id=org.owner_id, org_id=org.id, role=Role.MANAGER, permissions=PERMISSIONS_OF[Role.MANAGER]
    )
    for refused in (
        accounts.connect(with_twilio, manager, "twilio", given(account)), accounts.choices(with_twilio, manager),
        accounts.use(with_twilio, manager, SENDER), accounts.check(with_twilio, manager),
        accounts.disconnect(with_twilio, manager, "twilio"),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await refused
    async with with_twilio.works.begin(manager) as work:
        standing = await accounts.standing(with_twilio, work)
    assert standing.account is None
    assert standing.number is not None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("", "cannot post to http://127"),
        ("elsewhere", "posted elsewhere"),
        ("calls", "Calls to the number go elsewhere"),
        ("gone", "not in the account any more"),
    ],
)
async def test_the_test_tells_what_is_wrong(
    with_twilio: Context, org: Organization, account: Account, wrong: str, words: str
) -> None:
    await connected(with_twilio, org, account)
    if wrong == "elsewhere":
        account.number(SENDER)["sms_url"] = "https://elsewhere.example"
    elif wrong == "calls":
        account.number(SENDER)["voice_url"] = "https://elsewhere.example"
    elif wrong == "gone":
        account.numbers.clear()
    found = await accounts.check(with_twilio, org.actor)
    assert found[0].ok
    assert any(words in each.says for each in found if not each.ok)


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://desk.example.com", True), ("https://203.0.113.7.sslip.io", True), ("http://desk.example.com", False),
        ("https://localhost", False), ("https://192.168.1.5", False), ("https://desk.local", False),
    ],
)  # fmt: skip
def test_which_addresses_a_carrier_can_post_to(url: str, fine: bool) -> None:
    assert accounts.reachable(url).ok is fine


# --- whose word it is -------------------------------------------------------------------------------------------------


async def test_an_account_speaks_for_its_own_organisation_only(
    with_twilio: Context, org: Organization, other_org: Organization, account: Account, a_lead: MakeLead
) -> None:
    await connected(with_twilio, org, account)
    victim = await a_lead(of=other_org, phone=HANDSET)
    # The owner of `org` knows its token, and would have the neighbour's lead opted out.
    form = {"MessageSid": "SM1", "From": SENDER, "To": other_org.number, "Body": "STOP"}
    signature = RequestValidator(account.token).compute_signature(WEBHOOK, form)
    signer = await carriers.signed_by(with_twilio, WEBHOOK, form, signature)
    assert signer is not None
    assert signer.org_id == org.id
    for sender in (SENDER, HANDSET):
        assert not await inbound.receive(
            with_twilio, other_org.number, sender, "STOP", "twilio", "SM1", only=signer.org_id
        )
    async with with_twilio.works.begin(other_org.actor) as work:
        assert (await leads.get(work, victim.id)).stage is Stage.NEW
    forged = {**form, "From": HANDSET}
    signature = RequestValidator(account.token).compute_signature(WEBHOOK, forged)
    assert await carriers.signed_by(with_twilio, WEBHOOK, forged, signature) is None


@pytest.fixture
async def operators(with_twilio: Context, account: Account, fake_twilio: FakeTwilio) -> AsyncIterator[Context]:
    """A server with a Twilio account of its own."""
    line = Line(fake_twilio.url)
    vendor = with_twilio.vendors["twilio"]
    credentials = Credentials(account_sid=account.sid, auth_token=account.token)
    vendor.operators = TwilioAccount(line, credentials, WEBHOOK, with_twilio.works.clock, VOICE)  # pyright: ignore
    yield with_twilio
    await line.close()


async def test_the_operator_gives_out_the_numbers_of_the_server_s_account(
    operators: Context, org: Organization, account: Account
) -> None:
    with pytest.raises(NotConnected):
        await accounts.choices(operators, org.actor)
    with pytest.raises(NotConnected):
        await accounts.use(operators, org.actor, SENDER)
    operator = type(org.actor)(
        type=org.actor.type, id=org.owner_id, org_id=org.id, role=Role.OWNER, permissions=org.actor.permissions,
        platform_admin=True,
    )  # fmt: skip
    assert (await accounts.use(operators, operator, SENDER)).provider == "twilio"
    form = {"MessageSid": "SM1", "From": HANDSET, "To": SENDER, "Body": "Hello"}
    signature = RequestValidator(account.token).compute_signature(WEBHOOK, form)
    signer = await carriers.signed_by(operators, WEBHOOK, form, signature)
    assert signer is not None
    assert signer.org_id is None


# --- when the carrier refuses -----------------------------------------------------------------------------------------


async def test_a_refused_account_is_told_and_stops_campaigns(
    with_twilio: Context, org: Organization, account: Account, fake_twilio: FakeTwilio, a_lead: MakeLead,
    a_dataset: MakeDataset,
) -> None:  # fmt: skip
    lead, dataset = await a_lead(phone=HANDSET), await a_dataset()
    await connected(with_twilio, org, account)
    works = with_twilio.works
    async with works.begin(org.actor) as work:
        await work.execute("update datasets set campaign_status = 'active' where id = $1", dataset.id)
    with pytest.raises(CampaignsRunning):
        await accounts.disconnect(with_twilio, org.actor, "twilio")
    fake_twilio.refuse(20003, 401, times=1)
    with pytest.raises(SendFailed, match="does not accept the account's credentials"):
        await sending.send_by_hand(with_twilio, org.actor, lead.id, "Hello")
    async with works.begin(org.actor) as work:
        standing = await accounts.standing(with_twilio, work)
        assert standing.number is not None
        assert "credentials" in standing.number.problem
        told = await work.fetchrow("select * from events where type = 'number.out_of_service'")
        assert told is not None
        assert "campaigns were paused" in str(sentence(told["type"], told["payload"], ""))
        event = Event(
            told["id"], org.id, told["type"], "number", told["subject_id"], "system", None, told["payload"], 1,
            work.now, 1, 1,
        )  # fmt: skip
        await stopping.heed(work, event)
        status = await work.fetchval("select campaign_status from datasets where id = $1", dataset.id)
        assert status == CampaignStatus.PAUSED
    await sending.send_by_hand(with_twilio, org.actor, lead.id, "Hello again")
    async with works.begin(org.actor) as work:
        standing = await accounts.standing(with_twilio, work)
        assert standing.number is not None
        assert standing.number.problem == ""


async def test_credentials_that_cannot_be_read_any_more_are_told(
    with_twilio: Context, org: Organization, account: Account, a_lead: MakeLead
) -> None:
    lead = await a_lead(phone=HANDSET)
    await connected(with_twilio, org, account)
    async with with_twilio.works.begin(org.actor) as work:
        await work.execute("update carrier_accounts set sealed = 'under a key that is gone'")
    with pytest.raises(SendFailed, match="cannot be read any more"):
        await sending.send_by_hand(with_twilio, org.actor, lead.id, "Hello")
    with pytest.raises(CarrierRefuses, match="connect again"):
        await accounts.choices(with_twilio, org.actor)
    await connected(with_twilio, org, account)
    await sending.send_by_hand(with_twilio, org.actor, lead.id, "Hello")
    assert account.texts(HANDSET) == ["Hello"]


@pytest.mark.parametrize(
    ("code", "stage"), [(21610, Stage.OPTED_OUT), (21614, Stage.INVALID), (21211, Stage.INVALID), (21408, Stage.NEW)]
)
async def test_what_a_refusal_says_of_a_lead(
    with_twilio: Context, org: Organization, account: Account, fake_twilio: FakeTwilio, a_lead: MakeLead, code: int,
    stage: Stage,
) -> None:  # fmt: skip
    lead = await a_lead(phone=HANDSET)
    await connected(with_twilio, org, account)
    fake_twilio.refuse(code)
    with pytest.raises(SendFailed):
        await sending.send_by_hand(with_twilio, org.actor, lead.id, "Hello")
    async with with_twilio.works.begin(org.actor) as work:
        assert (await leads.get(work, lead.id)).stage is stage
        assert await work.fetchval("select count(*) from suppressions") == (code == 21610)
        # A country that is not enabled is told too, and stops nothing.
        assert await work.fetchval("select problem_code from numbers where phone = $1", SENDER) == (
            "21408" if code == 21408 else None
        )


@pytest.mark.parametrize("answers", ["on", ""])
async def test_stop_is_confirmed_by_whoever_does_it(
    with_twilio: Context, org: Organization, account: Account, a_lead: MakeLead, answers: str
) -> None:
    lead = await a_lead(phone=HANDSET)
    await connected(with_twilio, org, account, answers_stop=answers)
    assert await inbound.receive(with_twilio, SENDER, HANDSET, "Stop", "twilio", "SM1")
    async with with_twilio.works.begin(org.actor) as work:
        assert (await leads.get(work, lead.id)).stage is Stage.OPTED_OUT
        queued = await work.fetchval("select count(*) from messages where direction = 'outbound'")
    assert queued == (0 if answers else 1)


async def test_a_word_that_twilio_does_not_know_is_confirmed_and_then_nothing_is_sent(
    with_twilio: Context, org: Organization, account: Account, a_lead: MakeLead
) -> None:
    lead = await a_lead(phone=HANDSET)
    await connected(with_twilio, org, account)
    assert await inbound.receive(with_twilio, SENDER, HANDSET, "Opt out", "twilio", "SM1")
    await delivery.send_waiting(with_twilio)
    assert ["unsubscribed" in text for text in account.texts(HANDSET)] == [True]
    with pytest.raises(NotContactable):
        await sending.send_by_hand(with_twilio, org.actor, lead.id, "But wait")


async def test_a_text_of_the_evening_is_not_delivered_at_night(
    with_twilio: Context, org: Organization, account: Account, fake_twilio: FakeTwilio, a_lead: MakeLead,
    clock: FrozenClock,
) -> None:  # fmt: skip
    lead = await a_lead(phone=HANDSET)
    await connected(with_twilio, org, account)
    clock.set(datetime(2026, 3, 10, 20, 30, tzinfo=UTC))
    await sending.send_by_hand(with_twilio, org.actor, lead.id, "Good evening")
    assert dict(fake_twilio.last_form)["ValidityPeriod"] == "1800"


async def test_a_draft_from_before_the_number_was_changed_goes_out_from_the_new_one(
    with_twilio: Context, org: Organization, account: Account, a_lead: MakeLead, carrier: RememberingCarrier
) -> None:
    lead = await a_lead(phone=HANDSET)
    await inbound.receive(with_twilio, org.number, HANDSET, "Tell me more", "sandbox", "SM1")
    async with with_twilio.works.begin(org.actor) as work:
        thread = await threads.thread_of_lead(work, lead.id)
    assert thread is not None
    draft = await sending.draft_reply(with_twilio, org.actor, lead.id, thread.conversation.id)
    await connected(with_twilio, org, account)
    sent = await sending.send_ai(with_twilio, org.actor, lead.id, draft.message.id)
    assert (sent.sender, sent.provider) == (SENDER, "twilio")
    assert account.texts(HANDSET) == [draft.message.body]
    assert carrier.taken == []


async def test_a_word_that_the_carrier_obeys_is_a_stop_whatever_it_is(
    with_twilio: Context, org: Organization, account: Account, a_lead: MakeLead
) -> None:
    lead = await a_lead(phone=HANDSET)
    await connected(with_twilio, org, account, answers_stop="")
    assert await inbound.receive(with_twilio, SENDER, HANDSET, "Arret", "twilio", "SM1", obeyed=Word.STOP)
    async with with_twilio.works.begin(org.actor) as work:
        assert (await leads.get(work, lead.id)).stage is Stage.OPTED_OUT
        assert await work.fetchval("select count(*) from messages where direction = 'outbound'") == 0
