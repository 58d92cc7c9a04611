"""HubSpot's CRM v3, of whoever consented: contacts, calls and meetings. Implements `ports.crm.Crm`.

Property values are texts; those of activities are shown as HTML, so what people said is escaped.
"""

import html
import re
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

from frontdesk.adapters.rest import Answer, Rest
from frontdesk.ports.consent import Account, ProviderTrouble, Tokens
from frontdesk.ports.crm import Activity, ActivityKind, CrmRefused, Person

NAME = "HubSpot"
_CONTACTS = "/crm/v3/objects/contacts"
_PLACES = {
    ActivityKind.CALL: ("calls", 194, "hs_call_body"),
    ActivityKind.APPOINTMENT: ("meetings", 200, "hs_meeting_body"),
}
"""Of each kind its objects, the type of their association with a contact, and where their text stands."""
_EXISTING = re.compile(r"Existing ID: (\d+)")

Json = dict[str, Any]


class HubSpotCrm:
    """Everybody's, by their tokens."""

    def __init__(self, base_url: str | None = None) -> None:
        self.rest = Rest(NAME, base_url or "https://api.hubapi.com")

    async def close(self) -> None:
        """End all connections."""
        await self.rest.close()

    async def whose(self, tokens: Tokens) -> Account:
        """Whose account it is."""
        told = await self.rest.call(
            "GET", f"/oauth/v1/access-tokens/{quote(tokens.access_token, safe='')}", tokens.access_token
        )
        hub = str(_done(told).get("hub_id") or "")
        if not hub:
            raise ProviderTrouble(f"{NAME} does not say whose account it is.")
        return Account(hub, str(told.body.get("user") or told.body.get("hub_domain") or hub))

    async def contact(self, tokens: Tokens, person: Person, known: str | None) -> str:
        """As the port says."""
        wanted = {name: value for name, value in _contact(person).items() if value}
        found = await self._known(tokens, known, wanted) or await self._find(tokens, person, wanted)
        if found is None:
            return await self._make(tokens, wanted)
        held = cast("dict[str, str | None]", found.get("properties") or {})
        if lacking := {name: value for name, value in wanted.items() if not held.get(name)}:
            await self._call(tokens, "PATCH", f"{_CONTACTS}/{found['id']}", {"properties": lacking})
        return str(found["id"])

    async def activity(
        self, tokens: Tokens, contact: str, activity: Activity, known: str | None, *, maybe_there: bool
    ) -> str:
        """As the port says. A search sees what was made some seconds ago."""
        objects, association, text = _PLACES[activity.kind]
        place, properties = f"/crm/v3/objects/{objects}", _activity(activity)
        if known is None and maybe_there:
            asked = {"propertyName": text, "operator": "CONTAINS_TOKEN", "value": activity.reference}
            known = _first_id(await self._search(tokens, place, [[asked]], [text]))
        if known is not None:
            changed = await self.rest.call(
                "PATCH", f"{place}/{known}", tokens.access_token, json={"properties": properties}
            )
            if changed.status != 404:
                return str(_done(changed)["id"])
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": association}]
        made = {"properties": properties, "associations": [{"to": {"id": contact}, "types": types}]}
        return str((await self._call(tokens, "POST", place, made))["id"])

    async def _known(self, tokens: Tokens, known: str | None, wanted: dict[str, str]) -> Json | None:
        if known is None:
            return None
        query = {"properties": ",".join(wanted)}
        found = await self.rest.call("GET", f"{_CONTACTS}/{known}", tokens.access_token, query=query)
        return None if found.status == 404 else _done(found)

    async def _find(self, tokens: Tokens, person: Person, wanted: dict[str, str]) -> Json | None:
        """By the address, else by the number."""
        asked = [("email", person.email), ("phone", person.phone), ("mobilephone", person.phone)]
        groups = [
            [{"propertyName": name, "operator": "EQ", "value": value}] for name, value in asked if value
        ]  # fmt: skip
        if not groups:
            return None
        found = await self._search(tokens, _CONTACTS, groups, list(wanted))
        same = [each for each in found if person.email and _email_of(each) == person.email.lower()]
        return (same or found or [None])[0]

    async def _make(self, tokens: Tokens, wanted: dict[str, str]) -> str:
        made = await self._post_contact(tokens, wanted)
        if made.status == 400 and "email" in wanted and "email" in _message(made).lower():  # it is no address there
            made = await self._post_contact(tokens, {name: value for name, value in wanted.items() if name != "email"})
        if made.status == 409 and (there := _EXISTING.search(_message(made))):
            return there[1]
        return str(_done(made)["id"])

    async def _post_contact(self, tokens: Tokens, properties: dict[str, str]) -> Answer:
        body: Json = {"properties": properties, "associations": []}
        return await self.rest.call("POST", _CONTACTS, tokens.access_token, json=body)

    async def _search(self, tokens: Tokens, place: str, groups: list[list[Json]], properties: list[str]) -> list[Json]:
        """The oldest first."""
        asked = {
            "filterGroups": [{"filters": filters} for filters in groups], "properties": ["email", *properties],
            "sorts": ["createdate"], "limit": 10, "after": "0",
        }  # fmt: skip
        return cast("list[Json]", (await self._call(tokens, "POST", f"{place}/search", asked)).get("results") or [])

    async def _call(self, tokens: Tokens, method: str, path: str, body: Json) -> Json:
        return _done(await self.rest.call(method, path, tokens.access_token, json=body))


def _contact(person: Person) -> dict[str, str]:
    return {
        "firstname": person.first_name, "lastname": person.last_name, "phone": person.phone, "email": person.email,
        "company": person.company,
    }  # fmt: skip


def _activity(activity: Activity) -> dict[str, str]:
    body = "<br>".join(html.escape(line) for line in [*activity.body.splitlines(), activity.reference] if line)
    if activity.kind is ActivityKind.CALL:
        return {
            "hs_timestamp": _iso(activity.start),
            "hs_call_title": activity.title,
            "hs_call_body": body,
            "hs_call_duration": str(round((activity.end - activity.start).total_seconds() * 1000)),
            "hs_call_from_number": activity.sender,
            "hs_call_to_number": activity.receiver,
            "hs_call_direction": "INBOUND" if activity.inbound else "OUTBOUND",
            "hs_call_status": "COMPLETED",
        }
    return {
        "hs_timestamp": _iso(activity.start),
        "hs_meeting_title": activity.title,
        "hs_meeting_body": body,
        "hs_meeting_start_time": _iso(activity.start),
        "hs_meeting_end_time": _iso(activity.end),
        "hs_meeting_outcome": "CANCELED" if activity.cancelled else "SCHEDULED",
    }


def _done(answer: Answer) -> Json:
    if not answer.ok:
        raise CrmRefused(f"{NAME}: {_message(answer) or answer.status}")
    return answer.body


def _message(answer: Answer) -> str:
    return str(answer.body.get("message") or "")[:300]


def _email_of(contact: Json) -> str:
    return str(cast(Json, contact.get("properties") or {}).get("email") or "").lower()


def _first_id(found: list[Json]) -> str | None:
    return str(found[0]["id"]) if found else None


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
