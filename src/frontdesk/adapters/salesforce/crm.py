"""Salesforce's REST API, of whoever consented: leads and contacts, tasks for calls, events for appointments. Implements
`ports.crm.Crm`.

Every call goes to the company's own host, which the consent names. It has no schema of the vendor's; errors are lists.
"""

from datetime import datetime
from typing import Any, cast

from frontdesk.adapters.oauth import OAuthConsent, Provider
from frontdesk.adapters.rest import Answer, Rest
from frontdesk.kernel.clock import Clock
from frontdesk.ports.consent import Account, ProviderTrouble, Tokens
from frontdesk.ports.crm import Activity, ActivityKind, CrmRefused, Person

NAME = "Salesforce"
LOGIN = "https://login.salesforce.com"
_DATA = "/services/data/v60.0"
_INSTANCE = "instance_url"
_UNKNOWN = "Not given"
"""A lead there must have a last name and a company."""
_ALLOW_DUPLICATES = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}

Json = dict[str, Any]


class SalesforceCrm:
    """Everybody's, by their tokens."""

    def __init__(self) -> None:
        self._hosts: dict[str, Rest] = {}

    async def close(self) -> None:
        """End all connections."""
        for rest in self._hosts.values():
            await rest.close()

    async def whose(self, tokens: Tokens) -> Account:
        """Whose account it is."""
        told = _done(await self._call(tokens, "GET", "/services/oauth2/userinfo"))
        company = str(told.get("organization_id") or "")
        if not company:
            raise ProviderTrouble(f"{NAME} does not say whose account it is.")
        return Account(company, str(told.get("preferred_username") or told.get("email") or company))

    async def contact(self, tokens: Tokens, person: Person, known: str | None) -> str:
        """As the port says. Somebody new is a lead; who is a contact there already stays one."""
        wanted = {
            "FirstName": person.first_name, "LastName": person.last_name, "Phone": person.phone, "Email": person.email,
        }  # fmt: skip
        found = await self._known(tokens, known) or await self._find(tokens, person)
        if found is None:
            made = {name: value for name, value in wanted.items() if value} | {
                "LastName": person.last_name or person.first_name or person.phone or _UNKNOWN,
                "Company": person.company or _UNKNOWN,
                "LeadSource": "Phone",
            }
            if not person.last_name:
                made.pop("FirstName", None)
            if person.reason:
                made["Description"] = person.reason
            return await self._make(tokens, "Lead", made)
        lacking = {name: value for name, value in wanted.items() if value and not found.get(name)}
        if lacking:
            place = f"{_DATA}/sobjects/{_object_of(str(found['Id']))}/{found['Id']}"
            _done(await self._call(tokens, "PATCH", place, json=lacking, headers=_ALLOW_DUPLICATES))
        return str(found["Id"])

    async def activity(
        self, tokens: Tokens, contact: str, activity: Activity, known: str | None, *, maybe_there: bool
    ) -> str:
        """As the port says."""
        objects, told = _activity(activity)
        if known is None and maybe_there:
            known = await self._made_before(tokens, contact, activity, objects)
        if known is not None:
            changed = await self._call(tokens, "PATCH", f"{_DATA}/sobjects/{objects}/{known}", json=told)
            if changed.status != 404:
                _done(changed)
                return known
        return await self._make(tokens, objects, {"WhoId": contact, **told})

    async def _known(self, tokens: Tokens, known: str | None) -> Json | None:
        if known is None:
            return None
        found = await self._call(
            tokens, "GET", f"{_DATA}/sobjects/{_object_of(known)}/{known}",
            query={"fields": "Id,FirstName,LastName,Phone,Email"},
        )  # fmt: skip
        return None if found.status == 404 else _done(found)

    async def _find(self, tokens: Tokens, person: Person) -> Json | None:
        """By the address, else by the number: contacts before leads."""
        by = [("Email", person.email), ("Phone", person.phone), ("MobilePhone", person.phone)]
        where = [f"{name} = {_quoted(value)}" for name, value in by if value]
        if not where:
            return None
        for objects, also in (("Contact", ""), ("Lead", " AND IsConverted = false")):
            found = await self._query(
                tokens,
                f"SELECT Id, FirstName, LastName, Phone, Email FROM {objects} "
                f"WHERE ({' OR '.join(where)}){also} ORDER BY CreatedDate LIMIT 10",
            )
            email = person.email.lower()
            same = [each for each in found if email and str(each.get("Email") or "").lower() == email]
            if found:
                return (same or found)[0]
        return None

    async def _made_before(self, tokens: Tokens, contact: str, activity: Activity, objects: str) -> str | None:
        if activity.kind is ActivityKind.CALL:
            where = f"CallObject = {_quoted(activity.reference)}"
        else:
            where = f"WhoId = {_quoted(contact)} AND StartDateTime = {_iso(activity.start)}"
        found = await self._query(tokens, f"SELECT Id FROM {objects} WHERE {where} LIMIT 1")
        return str(found[0]["Id"]) if found else None

    async def _query(self, tokens: Tokens, soql: str) -> list[Json]:
        told = _done(await self._call(tokens, "GET", f"{_DATA}/query", query={"q": soql}))
        return cast("list[Json]", told.get("records") or [])

    async def _make(self, tokens: Tokens, objects: str, fields: Json) -> str:
        place = f"{_DATA}/sobjects/{objects}"
        return str(_done(await self._call(tokens, "POST", place, json=fields, headers=_ALLOW_DUPLICATES))["id"])

    async def _call(self, tokens: Tokens, method: str, path: str, **how: Any) -> Answer:
        host = tokens.more.get(_INSTANCE, "")
        if not host:
            raise ProviderTrouble(f"{NAME} did not say where the company's data is.")
        rest = self._hosts.setdefault(host, Rest(NAME, host))
        answer = await rest.call(method, path, tokens.access_token, **how)
        if answer.status == 403 and _error(answer).get("errorCode") == "REQUEST_LIMIT_EXCEEDED":
            raise ProviderTrouble(f"{NAME}'s limit of calls is reached.", retry_after=900)
        return answer


def salesforce_consent(
    crm: SalesforceCrm, client_id: str, client_secret: str, clock: Clock, base_url: str | None = None
) -> OAuthConsent:
    """The operator's app with Salesforce. `base_url` is where people sign in."""
    login = base_url or LOGIN
    provider = Provider(
        name=NAME,
        authorize_url=f"{login}/services/oauth2/authorize",
        token_url=f"{login}/services/oauth2/token",
        revoke_url=f"{login}/services/oauth2/revoke",
        scopes=("api", "refresh_token", "openid"),
        keeps=(_INSTANCE,),
        whose=crm.whose,
    )
    return OAuthConsent(provider, client_id, client_secret, clock)


def _activity(activity: Activity) -> tuple[str, Json]:
    if activity.kind is ActivityKind.CALL:
        return "Task", {
            "Subject": activity.title[:255],
            "Description": activity.body,
            "Status": "Completed",
            "TaskSubtype": "Call",
            "CallType": "Inbound" if activity.inbound else "Outbound",
            "CallDurationInSeconds": round((activity.end - activity.start).total_seconds()),
            "CallObject": activity.reference,
            "ActivityDate": activity.start.date().isoformat(),
        }
    return "Event", {
        "Subject": f"{'Cancelled: ' if activity.cancelled else ''}{activity.title}"[:255],
        "Description": activity.body,
        "StartDateTime": _iso(activity.start),
        "EndDateTime": _iso(activity.end),
    }


def _object_of(id_: str) -> str:
    """What an id is of, by its first three characters."""
    return "Contact" if id_.startswith("003") else "Lead"


def _done(answer: Answer) -> Json:
    if not answer.ok:
        told = _error(answer)
        raise CrmRefused(f"{NAME}: {str(told.get('message') or answer.status)[:300]}")
    return answer.body


def _error(answer: Answer) -> Json:
    items = answer.body.get("items")
    return cast(Json, items[0]) if isinstance(items, list) and items and isinstance(items[0], dict) else answer.body


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
