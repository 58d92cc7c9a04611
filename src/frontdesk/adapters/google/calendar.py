"""Google Calendar v3, of whoever consented: their primary calendar. Implements `ports.calendar.Calendar`.

An entry's id is chosen by us, so that Google itself refuses a second one. Nobody is invited: whom we write to is for
the contactability gate to say.
"""

from datetime import UTC, datetime
from typing import Any, cast

from frontdesk.adapters.oauth import OAuthConsent, Provider
from frontdesk.adapters.rest import Answer, Rest
from frontdesk.kernel.clock import Clock
from frontdesk.ports.calendar import Event, Placed, Span
from frontdesk.ports.consent import Account, ConsentRefused, ProviderTrouble, Tokens

NAME = "Google Calendar"
_SCOPE = "https://www.googleapis.com/auth/calendar."
SCOPES = (f"{_SCOPE}events", f"{_SCOPE}freebusy", f"{_SCOPE}calendars.readonly")
_EVENTS = "/calendars/primary/events"

Json = dict[str, Any]


class GoogleCalendar:
    """Everybody's, by their tokens."""

    def __init__(self, base_url: str | None = None) -> None:
        """`base_url` stands in for all of Google's hosts."""
        self._rest = Rest(NAME, f"{base_url or 'https://www.googleapis.com'}/calendar/v3")

    async def close(self) -> None:
        """End all connections."""
        await self._rest.close()

    async def whose(self, tokens: Tokens) -> Account:
        """Whose calendar it is: the primary calendar's id is their address."""
        told = self._done(await self._rest.call("GET", "/calendars/primary", tokens.access_token))
        return Account(str(told["id"]), str(told["id"]))

    async def busy(self, tokens: Tokens, start: datetime, end: datetime) -> list[Span]:
        """As the port says. A calendar that cannot be read is not free."""
        asked = {"timeMin": _rfc3339(start), "timeMax": _rfc3339(end), "items": [{"id": "primary"}]}
        told = self._done(await self._rest.call("POST", "/freeBusy", tokens.access_token, json=asked))
        try:
            (calendar,) = cast("dict[str, Json]", told["calendars"]).values()
            if calendar.get("errors"):
                raise ProviderTrouble(f"{NAME} cannot say when it is busy.")
            return sorted(Span(_instant(each["start"]), _instant(each["end"])) for each in calendar.get("busy", []))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ProviderTrouble(f"{NAME} said something senseless.") from error

    async def place(self, tokens: Tokens, event: Event) -> Placed | None:
        """As the port says."""
        made = await self._rest.call(
            "POST",
            _EVENTS,
            tokens.access_token,
            query={"conferenceDataVersion": "1", "sendUpdates": "none"},
            json={
                "id": event.reference.hex,
                "summary": event.title,
                "description": event.description,
                "start": {"dateTime": _rfc3339(event.start), "timeZone": event.time_zone},
                "end": {"dateTime": _rfc3339(event.end), "timeZone": event.time_zone},
                "conferenceData": {
                    "createRequest": {
                        "requestId": event.reference.hex,
                        "conferenceSolutionKey": {"type": "hangoutsMeet"},
                    }
                },
            },
        )
        if made.status == 409:  # it was entered before
            return await self.find(tokens, event)
        return _placed(self._done(made))

    async def find(self, tokens: Tokens, event: Event) -> Placed | None:
        """As the port says. A deleted entry keeps its id and is cancelled."""
        found = await self._rest.call("GET", f"{_EVENTS}/{event.reference.hex}", tokens.access_token)
        if found.status in (404, 410) or found.body.get("status") == "cancelled":
            return None
        return _placed(self._done(found))

    async def remove(self, tokens: Tokens, event: Event) -> None:
        """As the port says."""
        gone = await self._rest.call(
            "DELETE", f"{_EVENTS}/{event.reference.hex}", tokens.access_token, query={"sendUpdates": "none"}
        )
        if gone.status not in (404, 410):
            self._done(gone)

    def _done(self, answer: Answer) -> Json:
        """The body of what was done. Google's 403 may be about the pace."""
        if answer.ok:
            return answer.body
        error = cast(Json, answer.body.get("error") or {})
        reasons = [str(each.get("reason", "")) for each in cast("list[Json]", error.get("errors") or [])]
        if answer.status == 403 and not any("imitExceeded" in reason for reason in reasons):
            raise ConsentRefused(f"{NAME} does not allow it.")
        raise ProviderTrouble(f"{NAME} answered {answer.status}.")


def google_consent(
    calendar: GoogleCalendar, client_id: str, client_secret: str, clock: Clock, base_url: str | None = None
) -> OAuthConsent:
    """The consent of Google, for calendars. Only a consent that is asked for each time gives a refresh token."""
    accounts, tokens = base_url or "https://accounts.google.com", base_url or "https://oauth2.googleapis.com"
    provider = Provider(
        name=NAME,
        authorize_url=f"{accounts}/o/oauth2/v2/auth",
        token_url=f"{tokens}/token",
        revoke_url=f"{tokens}/revoke",
        scopes=SCOPES,
        asks={"access_type": "offline", "prompt": "consent"},
        whose=calendar.whose,
    )
    return OAuthConsent(provider, client_id, client_secret, clock)


def _placed(told: Json) -> Placed:
    conference = cast(Json, told.get("conferenceData") or {})
    points = cast("list[Json]", conference.get("entryPoints") or [])
    video = next((str(each.get("uri", "")) for each in points if each.get("entryPointType") == "video"), "")
    link = str(told.get("hangoutLink") or video)
    made = cast(Json, cast(Json, conference.get("createRequest") or {}).get("status") or {}).get("statusCode")
    return Placed(str(told.get("id", "")), link, link_follows=not link and made == "pending")


def _rfc3339(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at.astimezone(UTC)
