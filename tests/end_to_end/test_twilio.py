"""A whole campaign through Twilio: the program in its own process, the carrier on a socket, by the vendor's document.

One business connects its account and does everything with it, because a start of the program costs more than the rest.
"""

import asyncio
import re
from collections import Counter

import httpx
import pytest
from tests.end_to_end.business import Business, handsets
from tests.end_to_end.conftest import Found, Install
from tests.end_to_end.installation import Installation
from tests.fakes.twilio import Account, FakeTwilio
from tests.fixtures.waiting import until

pytestmark = pytest.mark.process

SENDER = "+447700900555"
WEBHOOK = "/reactivation/api/webhooks/twilio"
LIMIT = 60.0


async def in_console(us: Business, path: str, **fields: str) -> str:
    """Send a form of the settings as the business; the page that it leads to."""
    cookies = {"fd_session": us.http.headers["Authorization"].removeprefix("Bearer ")}
    async with httpx.AsyncClient(base_url=us.http.base_url, cookies=cookies, follow_redirects=True) as browser:
        page = await browser.get("/console/settings/number")
        found = re.search(r'data-csrf="([0-9a-f]+)"', page.text)
        assert found, page.text
        if not fields:
            return page.text
        answer = await browser.post(f"/console/settings/number/{path}", data={"csrf_token": found[1], **fields})
        assert answer.status_code in (200, 400), answer.text
        return answer.text


async def let_claims_be_old(here: Installation) -> None:
    """Let what was claimed so far be a minute older, so that the test need not wait until it belongs to nobody."""
    async with here.database() as database:
        orgs = await database.fetch("select org_id from organizations")
        await database.execute("set role frontdesk_app")
        for org in orgs:
            await database.execute(f"set app.org_id = '{org['org_id']}'")
            await database.execute("update messages set claimed_at = claimed_at - interval '1 minute'")


async def stages(us: Business, dataset_id: str) -> dict[str, str]:
    return {phone: lead["contact_status"] for phone, lead in (await us.leads(dataset_id)).items()}


async def statuses(us: Business, dataset_id: str) -> Counter[str]:
    """How many leads have what became of their first text."""
    threads = await asyncio.gather(*(us.thread(lead["id"]) for lead in (await us.leads(dataset_id)).values()))
    return Counter(thread[0]["delivery_status"] if thread else "none" for thread in threads)


async def test_a_campaign_through_twilio(install: Install, found: Found, fake_twilio: FakeTwilio) -> None:
    here = install(TWILIO_BASE_URL=fake_twilio.url)
    account = fake_twilio.account(SENDER)
    up = await here.serve("up")
    us = await found(here)
    page = await in_console(us, "connect", account_sid=account.sid, auth_token="0" * 32, answers_stop="on")
    assert "Twilio does not accept the auth token." in page
    page = await in_console(us, "connect", account_sid=account.sid, auth_token=account.token, answers_stop="on")
    assert account.token not in page
    assert "Texts go out from" in await in_console(us, "use", phone=SENDER)
    assert account.number(SENDER)["sms_url"] == here.url + WEBHOOK
    assert (await us.get("settings/client"))["settings"]["twilio_phone_number"] == SENDER

    # M1, with a recipient who opted out, a landline, a handset that is off, a carrier that is busy at first, and a
    # process that dies while its texts are on their way.
    numbers = handsets(12)
    opted_out, landline, off, curious, stops = numbers[:5]
    fake_twilio.blocked.add((opted_out, SENDER))
    fake_twilio.refuse(21614, to=landline)
    fake_twilio.refuse(20429, 429, times=2, retry_after=0.5)
    fake_twilio.outcomes[off] = 30003
    fake_twilio.holds = asyncio.Event()
    dataset_id = await us.campaign(numbers, m2_delay_hours=1000)
    await until(lambda: len(account.messages) >= 4, LIMIT)
    await up.kill()
    held = len(account.messages)
    fake_twilio.holds.set()  # the answers, and what Twilio then tells of delivery, find nobody
    fake_twilio.holds = None
    await until(lambda: len(fake_twilio.posted) >= 2 * held, LIMIT)
    await let_claims_be_old(here)
    up = await here.serve("up")

    async def all_is_told() -> bool:
        return await statuses(us, dataset_id) == {"delivered": 9, "failed": 3}

    await until(all_is_told, LIMIT)
    assert set(account.counted().values()) == {1}
    assert fake_twilio.requests["GET Messages.json"] >= held  # which it had, and nobody here knew
    assert {to for to, _ in account.counted()} == {*numbers} - {opted_out, landline}
    told = await stages(us, dataset_id)
    assert (told[opted_out], told[landline], told[off]) == ("OPTED_OUT", "INVALID", "CONTACTED_1")
    async with here.database() as database:
        assert await database.fetchval("select count(*) from suppressions where reason = 'carrier'") == 1

    await replies_are_answered_once(us, account, fake_twilio, curious, dataset_id)
    await stop_is_left_to_twilio(us, account, fake_twilio, stops, dataset_id)
    await forged_texts_are_refused(us, fake_twilio, numbers[5], dataset_id)
    await refused_credentials_pause_campaigns(us, fake_twilio, handsets(15)[12:])
    assert await up.stop() == 0


async def replies_are_answered_once(
    us: Business, account: Account, fake: FakeTwilio, handset: str, dataset_id: str
) -> None:
    fake.repeats_webhooks = True
    assert await fake.text(account, handset, SENDER, "How much does it cost?") == 200
    await until(lambda: len(account.texts(handset)) == 2, LIMIT)
    lead = (await us.leads(dataset_id))[handset]

    async def delivered() -> bool:
        fates = [each["delivery_status"] for each in await us.thread(lead["id"])]
        return fates == ["delivered", "received", "delivered"]

    await until(delivered, LIMIT)
    fake.repeats_webhooks = False


async def stop_is_left_to_twilio(
    us: Business, account: Account, fake: FakeTwilio, handset: str, dataset_id: str
) -> None:
    assert await fake.text(account, handset, SENDER, "STOP") == 200
    lead = (await us.leads(dataset_id))[handset]
    assert lead["contact_status"] == "OPTED_OUT"
    body = {"lead_id": lead["id"], "content": "But wait", "message_category": "human_manual"}
    await us.refused("messages/send", body)
    assert [each["direction"] for each in await us.thread(lead["id"])] == ["outbound", "inbound"]
    assert fake.answered_itself == [(handset, "STOP")]
    assert len(account.texts(handset)) == 1


async def forged_texts_are_refused(us: Business, fake: FakeTwilio, handset: str, dataset_id: str) -> None:
    account, other = fake.account("+447700900556"), fake.account("+447700900557")
    url = str(us.http.base_url) + WEBHOOK
    form = {"MessageSid": "SM1", "AccountSid": account.sid, "From": handset, "To": SENDER, "Body": "STOP"}
    for stranger in (account, other):
        assert await fake.post(stranger, url, form) == 401
    assert (await us.leads(dataset_id))[handset]["contact_status"] == "CONTACTED_1"


async def refused_credentials_pause_campaigns(us: Business, fake: FakeTwilio, numbers: list[str]) -> None:
    fake.refuse(20003, 401)
    dataset_id = await us.campaign(numbers, m2_delay_hours=1000)

    async def paused() -> bool:
        return (await us.progress(dataset_id))["status"] == "paused"

    await until(paused, LIMIT)
    # Nobody is lost over it: the texts wait.
    assert set(await statuses(us, dataset_id)) <= {"queued", "none"}
    assert "does not accept the account&#39;s credentials" in await in_console(us, "")


async def test_the_operator_s_account_is_looked_at(install: Install, fake_twilio: FakeTwilio) -> None:
    account = fake_twilio.account(SENDER)
    here = install(
        TWILIO_BASE_URL=fake_twilio.url, TWILIO_ACCOUNT_SID=account.sid, TWILIO_AUTH_TOKEN=account.token,
        PUBLIC_URL="http://127.0.0.1:8000",
    )  # fmt: skip
    status, said = await here.run("doctor")
    assert status == 1
    assert "Twilio: the credentials of Harbour Kitchens Ltd work" in said
    [bad] = [line for line in said.splitlines() if line.startswith("bad")]
    assert "Set FRONTDESK_PUBLIC_URL to an https address" in bad
    assert account.token not in said
