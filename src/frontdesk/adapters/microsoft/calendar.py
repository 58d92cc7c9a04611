"""Outlook calendars through Microsoft Graph v1.0, of whoever consented. Implements `ports.calendar.Calendar`.

An entry carries our reference as its `transactionId`, by which Graph makes no second one and we find it again: it has
no id that we could choose. Nobody is invited: whom we write to is for the contactability gate to say.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from frontdesk.adapters.oauth import ACCOUNT, OAuthConsent, Provider
from frontdesk.adapters.rest import Answer, Rest
from frontdesk.kernel.clock import Clock
from frontdesk.ports.calendar import Event, Placed, Span
from frontdesk.ports.consent import Account, ConsentRefused, ProviderTrouble, Tokens

NAME = "Microsoft Outlook"
SCOPES = ("offline_access", "User.Read", "Calendars.ReadWrite")
_IN_UTC = {"Prefer": 'outlook.timezone="UTC"'}
_TAKEN = frozenset({"busy", "oof", "tentative"})
_MOST_PAGES = 20

Json = dict[str, Any]


class OutlookCalendar:
    """Everybody's, by their tokens."""

    def __init__(self, base_url: str | None = None) -> None:
        """`base_url` stands in for all of Microsoft's hosts."""
        self._rest = Rest(NAME, f"{base_url or 'https://graph.microsoft.com'}/v1.0")

    async def close(self) -> None:
        """End all connections."""
        await self._rest.close()

    async def whose(self, tokens: Tokens) -> Account:
        """Whose calendar it is."""
        told = self._done(await self._rest.call("GET", "/me/calendar", tokens.access_token))
        address = cast(Json, told.get("owner") or {}).get("address")
        if not isinstance(address, str) or not address:
            raise ProviderTrouble(f"{NAME} does not say whose calendar it is.")
        return Account(address.lower(), address)

    async def busy(self, tokens: Tokens, start: datetime, end: datetime) -> list[Span]:
        """As the port says. A schedule that cannot be read is not free."""
        told = self._done(
            await self._rest.call(
                "POST",
                "/me/calendar/getSchedule",
                tokens.access_token,
                headers=_IN_UTC,
                json={
                    "schedules": [tokens.more.get(ACCOUNT, "")],
                    "startTime": _local(start),
                    "endTime": _local(end),
                    "availabilityViewInterval": 30,
                },
            )
        )
        try:
            (schedule,) = cast("list[Json]", told["value"])
            if schedule.get("error"):
                raise ProviderTrouble(f"{NAME} cannot say when it is busy.")
            return sorted(
                Span(_instant(each["start"]), _instant(each["end"]))
                for each in schedule.get("scheduleItems", [])
                if each.get("status") in _TAKEN
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProviderTrouble(f"{NAME} said something senseless.") from error

    async def place(self, tokens: Tokens, event: Event) -> Placed | None:
        """As the port says. Graph may answer a repetition with the entry or with a conflict."""
        made = await self._rest.call(
            "POST",
            "/me/events",
            tokens.access_token,
            headers=_IN_UTC,
            json={
                "transactionId": str(event.reference),
                "subject": event.title,
                "body": {"contentType": "text", "content": event.description},
                "start": _local(event.start),
                "end": _local(event.end),
                "isOnlineMeeting": True,
                "onlineMeetingProvider": "teamsForBusiness",
            },
        )
        if made.status == 409:
            return await self.find(tokens, event)
        return _placed(self._done(made))

    async def find(self, tokens: Tokens, event: Event) -> Placed | None:
        """As the port says: among the entries around its time, for a person may have moved it a little."""
        path, query = "/me/calendarView", {
            "startDateTime": f"{event.start - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
            "endDateTime": f"{event.end + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
            "$select": "id,transactionId,isCancelled,isOnlineMeeting,onlineMeeting",
            "$top": "100",
        }  # fmt: skip
        for _ in range(_MOST_PAGES):
            told = self._done(
                await self._rest.call("GET", path, tokens.access_token, headers=_IN_UTC, query=query or None)
            )
            for each in cast("list[Json]", told.get("value") or []):
                if each.get("transactionId") == str(event.reference) and not each.get("isCancelled"):
                    return _placed(each)
            following = told.get("@odata.nextLink")
            if not isinstance(following, str):
                return None
            path, query = following, {}
        raise ProviderTrouble(f"{NAME} has too many entries to find one.")

    async def remove(self, tokens: Tokens, event: Event) -> None:
        """As the port says."""
        found = await self.find(tokens, event)
        if found is None:
            return
        gone = await self._rest.call("DELETE", f"/me/events/{found.event_id}", tokens.access_token)
        if gone.status not in (404, 410):
            self._done(gone)

    def _done(self, answer: Answer) -> Json:
        if answer.ok:
            return answer.body
        if answer.status == 403:
            raise ConsentRefused(f"{NAME} does not allow it.")
        raise ProviderTrouble(f"{NAME} answered {answer.status}.")


def microsoft_consent(
    calendar: OutlookCalendar,
    client_id: str,
    client_secret: str,
    clock: Clock,
    base_url: str | None = None,
    tenant: str = "organizations",
) -> OAuthConsent:
    """The consent of Microsoft, for calendars. It cannot be given back by a program: the person does so in their
    account."""
    login = f"{base_url or 'https://login.microsoftonline.com'}/{tenant}/oauth2/v2.0"
    provider = Provider(
        name=NAME,
        authorize_url=f"{login}/authorize",
        token_url=f"{login}/token",
        scopes=SCOPES,
        asks={"prompt": "select_account"},
        whose=calendar.whose,
    )
    return OAuthConsent(provider, client_id, client_secret, clock)


def _placed(told: Json) -> Placed:
    link = str(cast(Json, told.get("onlineMeeting") or {}).get("joinUrl") or "")
    return Placed(str(told.get("id", "")), link, link_follows=not link and bool(told.get("isOnlineMeeting")))


def _local(at: datetime) -> Json:
    """An instant as Graph takes it: without an offset, beside its zone."""
    return {"dateTime": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}


def _instant(told: Json) -> datetime:
    """Graph writes seven digits of a second and no offset."""
    text, zone = str(told["dateTime"]).partition(".")[0].removesuffix("Z"), str(told["timeZone"])
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
