"""One behaviour of calendars and of consent to them: the sandbox's, Google's, Outlook's."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs
from tests.fixtures.calendars import AtCalendar, event

from frontdesk.adapters.google import GoogleCalendar, google_consent
from frontdesk.adapters.microsoft import OutlookCalendar, microsoft_consent
from frontdesk.adapters.oauth import OAuthConsent
from frontdesk.kernel.clock import FrozenClock
from frontdesk.ports.calendar import Span
from frontdesk.ports.consent import AccessExpired, ConsentRefused, ProviderTrouble

TEN = datetime(2026, 3, 27, 10, 0, tzinfo=UTC)
HALF = timedelta(minutes=30)
DAY = timedelta(days=1)


async def test_consent_gives_tokens_once(at_calendar: AtCalendar) -> None:
    at, ask = at_calendar, at_calendar.ask()
    code = await at.code(ask)
    with pytest.raises(ConsentRefused):
        await at.consent.exchange("x" + code, ask)
    code = await at.code(ask)
    with pytest.raises(ConsentRefused):
        await at.consent.exchange(code, structs.replace(ask, verifier="w" * 43))
    code = await at.code(ask)
    tokens, account = await at.consent.exchange(code, ask)
    assert "@" in account.label
    assert tokens.refresh_token
    assert tokens.expires_at == datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    assert await at.calendar.busy(tokens, TEN - DAY, TEN + DAY) == []


async def test_tokens_are_renewed_until_consent_is_taken_back(at_calendar: AtCalendar, clock: FrozenClock) -> None:
    at, tokens = at_calendar, await at_calendar.tokens()
    clock.move(timedelta(hours=1))
    if at.fake is not None:
        at.fake.expire()
    with pytest.raises(AccessExpired):
        await at.calendar.busy(tokens, TEN, TEN + HALF)
    fresh = await at.consent.renew(tokens)
    assert fresh.access_token != tokens.access_token
    assert await at.calendar.busy(fresh, TEN, TEN + HALF) == []
    await at.consent.revoke(fresh)
    if at.provider == "outlook" and at.fake is not None:  # which a program cannot tell: the owner does so there
        at.fake.revoke()
    for call in (at.calendar.busy(fresh, TEN, TEN + HALF), at.calendar.place(fresh, event(TEN, TEN + HALF))):
        with pytest.raises(AccessExpired):
            await call
    with pytest.raises(ConsentRefused):
        await at.consent.renew(fresh)


async def test_busy_times(at_calendar: AtCalendar) -> None:
    at, tokens = at_calendar, await at_calendar.tokens()
    summer = TEN + 3 * DAY  # the clocks go forward in between
    for start in (TEN, summer, TEN + 40 * DAY):
        await at.take(tokens, start, start + HALF)
    found = await at.calendar.busy(tokens, TEN - DAY, TEN + 14 * DAY)
    assert found == [Span(TEN, TEN + HALF), Span(summer, summer + HALF)]


async def test_an_entry_is_made_once_and_taken_out(at_calendar: AtCalendar) -> None:
    at, tokens, entry = at_calendar, await at_calendar.tokens(), event(TEN, TEN + HALF)
    made = await at.calendar.place(tokens, entry)
    assert made is not None
    assert made.link.startswith("http")
    assert await at.calendar.place(tokens, entry) == made == await at.calendar.find(tokens, entry)
    assert await at.calendar.busy(tokens, TEN, TEN + HALF) == [Span(TEN, TEN + HALF)]
    for _ in range(2):
        await at.calendar.remove(tokens, entry)
    assert await at.calendar.busy(tokens, TEN, TEN + HALF) == []
    assert await at.calendar.find(tokens, entry) is None
    await at.calendar.remove(tokens, event(TEN, TEN + HALF))


async def test_a_link_that_follows_is_found_later(at_vendor: AtCalendar) -> None:
    at, tokens, entry = at_vendor, await at_vendor.tokens(), event(TEN, TEN + HALF)
    assert at.fake is not None
    at.fake.link_pending = 1
    made = await at.calendar.place(tokens, entry)
    assert made is not None
    assert (made.link, made.link_follows) == ("", True)
    found = await at.calendar.find(tokens, entry)
    assert found is not None
    assert found.link
    assert not found.link_follows


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_trouble_is_told_apart_from_refusal(at_vendor: AtCalendar, status: int) -> None:
    at, tokens = at_vendor, await at_vendor.tokens()
    assert at.fake is not None
    at.fake.faults = [(status, {"Retry-After": "7"}), (403, {})]
    with pytest.raises(ProviderTrouble) as trouble:
        await at.calendar.busy(tokens, TEN, TEN + HALF)
    assert trouble.value.retry_after == 7
    with pytest.raises(ConsentRefused):
        await at.calendar.place(tokens, event(TEN, TEN + HALF))
    at.fake.unreadable = True
    with pytest.raises(ProviderTrouble):
        await at.calendar.busy(tokens, TEN, TEN + HALF)


async def test_the_operators_keys_are_looked_at(at_vendor: AtCalendar, clock: FrozenClock) -> None:
    at = at_vendor
    assert isinstance(at.consent, OAuthConsent)
    assert at.fake
    assert await at.consent.check() == ""
    wrong = (
        google_consent(GoogleCalendar(), "client-1", "wrong", clock, at.fake.url)
        if at.provider == "google"
        else microsoft_consent(OutlookCalendar(), "client-1", "wrong", clock, at.fake.url)
    )
    assert "does not know the client id and secret" in await wrong.check()


async def test_a_provider_that_is_not_there(at_vendor: AtCalendar) -> None:
    at, tokens = at_vendor, await at_vendor.tokens()
    gone = type(at.calendar)("http://127.0.0.1:1")
    with pytest.raises(ProviderTrouble):
        await gone.busy(tokens, TEN, TEN + HALF)
    await gone.close()  # pyright: ignore
