"""A business at its client program: it signed up, and does everything over HTTP. With it, the handsets of its leads."""

import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from frontdesk.demo.seed import day_number
from frontdesk.kernel.ids import new_id

Json = dict[str, Any]


def handsets(count: int) -> list[str]:
    """Up to 100 fictional numbers where it is day now."""
    assert count <= 100
    now = datetime.now(UTC)
    return [day_number(now, place) for place in range(count)]


def first_name(place: int) -> str:
    """A first name for the lead at a place: of letters alone, as names in texts are."""
    return f"Le{chr(97 + place // 26)}{chr(97 + place % 26)}"


def csv_of(numbers: Sequence[str]) -> str:
    """A file as a business uploads it: a lead for each number."""
    rows = [f"{first_name(place)},Test,{number},a new kitchen" for place, number in enumerate(numbers)]
    return "\n".join(["First Name,Last Name,Mobile,Enquiry", *rows])


MAPPING = {
    "first_name": "First Name", "last_name": "Last Name", "phone_number": "Mobile", "service_interest": "Enquiry",
}  # fmt: skip


class Business:
    """One signed-in owner. Calls that are refused fail the test, unless `refused` makes them."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.number = ""
        """The sandbox number it texts from."""

    async def sign_up(self, name: str = "Harbour Kitchens") -> "Business":
        """Make the account and sign in with it."""
        body = {
            "email": f"{new_id().hex}@business.example", "password": "correct horse battery",
            "data": {"first_name": "Olive", "company_name": name},
        }  # fmt: skip
        session = await self._call("POST", "/supabase/auth/v1/signup", json=body, headers={"apikey": "anon"})
        return await self._signed_in(session)

    async def sign_in(self, email: str, password: str) -> "Business":
        """Sign in to an account that is there."""
        session = await self._call(
            "POST", "/supabase/auth/v1/token?grant_type=password",
            json={"email": email, "password": password}, headers={"apikey": "anon"},
        )  # fmt: skip
        return await self._signed_in(session)

    async def _signed_in(self, session: Json) -> "Business":
        self.http.headers["Authorization"] = f"Bearer {session['access_token']}"
        settings = await self.get("settings/client")
        self.number = settings["settings"]["twilio_phone_number"]
        return self

    async def _call(self, method: str, path: str, status: int = 200, **how: Any) -> Json:
        answer = await self.http.request(method, path, **how)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def get(self, path: str, **query: Any) -> Json:
        """GET below the reactivation API."""
        return await self._call("GET", f"/reactivation/api/{path}", params=query)

    async def post(self, path: str, body: Json, status: int = 200) -> Json:
        """POST below the reactivation API."""
        return await self._call("POST", f"/reactivation/api/{path}", status, json=body)

    async def refused(self, path: str, body: Json) -> Json:
        """POST below the reactivation API, which is refused with 400; the error."""
        return (await self.post(path, body, 400))["error"]

    # --- campaigns ----------------------------------------------------------------------------------------------------

    async def imported(self, csv: str, mapping: Json | None = None, **settings: Any) -> Json:
        """Upload a file into a new dataset and import it; the answer to the import."""
        dataset = await self.post("datasets", {"name": "Old enquiries"}, 201)
        files = {"file": ("old-enquiries.csv", csv.encode(), "text/csv")}
        fields = {"dataset_id": dataset["dataset"]["id"]}
        upload = await self._call("POST", "/reactivation/api/datasets/upload", files=files, data=fields)
        body = {
            "upload_id": upload["upload"]["id"], "dataset_id": dataset["dataset"]["id"],
            "column_mapping": mapping or MAPPING, "campaign_settings": settings,
        }  # fmt: skip
        return await self.post("datasets/map-and-import", body)

    async def campaign(self, numbers: Sequence[str], **settings: Any) -> str:
        """Import a lead for each number and start the campaign, as fast as it may go unless told; the dataset's id."""
        settings = {"rate_limit_messages_per_minute": 100_000, "ai_response_delay_seconds": 0.2} | settings
        dataset_id = (await self.imported(csv_of(numbers), **settings))["dataset_id"]
        started = await self.post("campaigns/start", {"dataset_id": dataset_id})
        assert started["preflight"]["eligible"] == len(numbers)
        return dataset_id

    async def progress(self, dataset_id: str) -> Json:
        """The campaign in figures."""
        return (await self.get(f"datasets/{dataset_id}/progress"))["progress"]

    async def is_done(self, dataset_id: str) -> bool:
        """Whether the campaign has come to its end."""
        return (await self.progress(dataset_id))["status"] == "completed"

    async def leads(self, dataset_id: str) -> dict[str, Json]:
        """The dataset's leads as the list shows them, by number."""
        found: dict[str, Json] = {}
        for page in itertools.count(1):
            listed = await self.get("leads", dataset_id=dataset_id, limit=100, page=page)
            found |= {lead["phone_number"]: lead for lead in listed["leads"]}
            if not listed["leads"] or len(found) >= listed["pagination"]["total"]:
                return found
        raise AssertionError

    async def thread(self, lead_id: str) -> list[Json]:
        """All messages of the lead's conversation."""
        lead = (await self.get(f"leads/{lead_id}"))["lead"]
        if lead["conversation"] is None:
            return []
        return (await self.get(f"conversations/{lead['conversation']['id']}"))["messages"]

    # --- the sandbox --------------------------------------------------------------------------------------------------

    async def on_handset(self, number: str) -> list[tuple[str, str]]:
        """The texts on a handset, oldest first: (inbound or outbound as the business sees it, body)."""
        listed = await self._call("GET", f"/sandbox/handsets/{number}/messages")
        return [(text["direction"], text["body"]) for text in listed["messages"]]

    async def received(self, number: str) -> list[str]:
        """The texts that reached a handset."""
        return [body for direction, body in await self.on_handset(number) if direction == "outbound"]

    async def text(self, number: str, body: str) -> None:
        """Let a handset text the business."""
        await self._call("POST", "/sandbox/messages", 201, json={"from": number, "to": self.number, "body": body})

    async def fault(self, kind: str, rate: float = 1.0, seconds: float = 600.0) -> None:
        """Let the carrier fail."""
        await self._call("POST", "/sandbox/faults", 201, json={"kind": kind, "rate": rate, "seconds": seconds})


@contextlib.asynccontextmanager
async def business(url: str, name: str = "Harbour Kitchens") -> AsyncIterator[Business]:
    """A business that has just signed up at the server at `url`."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        yield await Business(http).sign_up(name)
