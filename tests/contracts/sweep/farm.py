"""One of everything in an organisation, so that others can be seen not to get at it; and every route there is."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from litestar.handlers import HTTPRouteHandler
from tests.fixtures.calls import connected, told
from tests.fixtures.organizations import Organization

from frontdesk.app import CONTRACTS
from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.contract import Contract
from frontdesk.contracts.sandbox.routes import sandbox_contract
from frontdesk.domain.agents.service import files
from frontdesk.domain.calls import service as calls
from frontdesk.domain.calls.model import EndedReason, Speaker, Turn
from frontdesk.domain.campaigns.service import campaigns
from frontdesk.domain.conversations.service import inbound, sending
from frontdesk.domain.integrations import store
from frontdesk.domain.integrations.model import Kind
from frontdesk.domain.leads.service import datasets, imports, leads
from frontdesk.domain.leads.service.capturing import Contact
from frontdesk.domain.notifications.service import telling
from frontdesk.domain.notifications.service.telling import Told
from frontdesk.domain.numbers.service import buying
from frontdesk.domain.organizations import service as organizations
from frontdesk.domain.organizations.model import NewInvitation
from frontdesk.domain.scheduling import service as scheduling
from frontdesk.domain.webhooks.service import endpoints, replaying
from frontdesk.kernel.access import Role
from frontdesk.kernel.ids import new_id
from frontdesk.kernel.phone import E164
from frontdesk.platform.context import Context
from frontdesk.ports.consent import Account

HANDSET = "+447700900201"
FILE = b"First Name,Mobile\nAda,07700900201\nBob,12\n"
SAFE = ("GET", "HEAD")


@dataclass(frozen=True)
class Route:
    """One method at one path of one application."""

    contract: Contract
    handler: HTTPRouteHandler
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.contract.name} {self.method} {self.path}"

    @property
    def auth(self) -> Auth:
        return self.handler.opt.get("auth", Auth.USER)

    @property
    def name(self) -> str:
        return self.handler.fn.__name__

    @property
    def parameters(self) -> list[str]:
        """Names of what stands in the path."""
        return re.findall(r"\{(\w+)", self.path)

    @property
    def takes_body(self) -> bool:
        return "data" in self.handler.fn.__annotations__

    def url(self, values: dict[str, Any]) -> str:
        """The path below the server's root, with `values` in the place of its parameters."""
        return self.contract.prefix + re.sub(r"\{(\w+)[^}]*\}", lambda found: str(values[found[1]]), self.path)


def all_routes() -> Iterator[Route]:
    """Every route of every contract."""
    for contract in (*CONTRACTS, sandbox_contract(None)):  # pyright: ignore[reportArgumentType]
        for handler in contract.routes:
            for path in sorted(handler.paths):
                for method in sorted(map(str, handler.http_methods)):
                    yield Route(contract, handler, method, path)


@dataclass
class Farm:
    """The ids of one of everything, by the names that paths and bodies call them by."""

    ids: dict[str, UUID | str] = field(default_factory=dict[str, UUID | str])

    def body(self, route: Route) -> dict[str, Any]:
        """Keyword arguments of a request that `route` takes: `json` or `files`. KeyError: give an example below."""
        if route.handler.opt.get("upload"):
            fields = {"dataset_id": str(self.ids["dataset_id"])} if route.contract.name == "reactivation" else {}
            return {"files": {"file": ("leads.csv", FILE, "text/csv")}, "data": fields}
        if not route.takes_body:
            return {}
        return {"json": {name: self._value(value) for name, value in EXAMPLES[route.name].items()}}

    def _value(self, value: Any) -> Any:
        return str(self.ids[value[1:]]) if isinstance(value, str) and value.startswith("$") else value

    def secrets(self) -> list[str]:
        """What nobody else may ever be shown."""
        return [str(value) for value in self.ids.values()]


QUERIES = {"get_calendar_availability": {"date": "2026-03-12"}, "search_knowledge": {"q": "secret"}}
"""The query of routes that need one."""

EXAMPLES: dict[str, dict[str, Any]] = {
    "create_dataset": {"name": "Leads of spring"},
    "update_dataset": {"name": "Leads of autumn"},
    "import_dataset_leads": {
        "upload_id": "$upload_id",
        "dataset_id": "$dataset_id",
        "column_mapping": {"first_name": "First Name", "phone_number": "Mobile"},
    },
    "update_lead": {"notes": "Seen"},
    "set_lead_manual_mode": {"enabled": True},
    "send_message": {"lead_id": "$lead_id", "content": "Hello", "message_category": "human_manual"},
    "generate_ai_message": {"lead_id": "$lead_id", "conversation_id": "$conversation_id"},
    "send_ai_message": {"lead_id": "$lead_id", "message_id": "$message_id"},
    "start_campaign": {"dataset_id": "$dataset_id"},
    "pause_campaign": {"dataset_id": "$dataset_id"},
    "resume_campaign": {"dataset_id": "$dataset_id"},
    "change_notification": {"read": True},
    "update_client_settings": {"company_name": "Renamed"},
    "signup": {"email": "new@example.com", "password": "correct horse", "name": "Ada Byron", "orgName": "Engines"},
    "login": {"email": "ada@example.com", "password": "correct horse"},
    "verify_email": {"code": "123456"},
    "forgot_password": {"email": "ada@example.com"},
    "reset_password": {"token": "x", "password": "correct horse"},
    "update_organization": {"name": "Renamed", "voiceId": "sage", "aiEnabled": False},
    "update_ai_settings": {"maxCallDuration": 300, "maxTurns": 7},
    "place_call": {"leadId": "$lead_id", "purpose": "the kitchen"},
    "update_voice_settings": {"recording": False, "ringNumbers": ["+447700900301"]},
    "create_checkout": {"priceId": "price_starter_monthly"},
    "purchase_addon": {"productId": "ai_boost_250"},
    "purchase_phone_number": {"number": "+14155550150"},
    "update_phone_number": {"routeToAI": False},
    "invite_team_member": {"email": "new@example.com", "role": "AGENT"},
    "accept_invite": {"token": "x", "password": "correct horse"},
    "book_appointment": {
        "date": "2026-03-12",
        "time": "10:00",
        "callerName": "Ada",
        "callerPhone": "+447700900298",
        "duration": 30,
    },
    "update_team_member_role": {"role": "MANAGER"},
    "create_webhook": {"url": "http://127.0.0.1:9/hook", "events": ["call.completed"], "description": "CRM"},
    "update_webhook": {
        "url": "http://127.0.0.1:9/other",
        "events": ["call.started"],
        "description": "",
        "enabled": False,
    },
    "replay_webhook_deliveries": {"since": "2026-03-01T00:00:00Z", "status": "FAILED"},
    "text_us": {"from": HANDSET, "to": "$number", "body": "Hello"},
    "set_fault": {"kind": "busy", "rate": 0.0, "seconds": 1.0},
}
"""A body that each route takes, by the handler's name; `$name` stands for an id of the farm. A route that is not here
fails the sweep."""


async def plant(context: Context, org: Organization) -> Farm:
    """Make one of everything in `org`."""
    works, actor = context.works, org.actor
    async with works.begin(actor) as work:
        dataset = await datasets.create(work, "Secret dataset")
    upload = await imports.upload(context, actor, "leads.csv", _chunks(FILE), dataset.id)
    mapping = {"first_name": "First Name", "phone_number": "Mobile"}
    outcome = await campaigns.import_leads(context, actor, upload.id, dataset.id, mapping)
    async with works.begin(actor) as work:
        await campaigns.start(work, dataset.id)
    await inbound.receive(
        context, org.number, HANDSET, "Secret words, can you call me?", "sandbox", f"SM{new_id().hex}"
    )
    async with works.read(actor) as work:
        lead = await leads.of_phone(work, HANDSET)
        assert lead is not None
        conversation = (await leads.detail(work, lead.id)).conversation
    assert conversation is not None
    draft = await sending.draft_reply(context, actor, lead.id, conversation.id)
    notification_id = await telling.send(
        context, org.owner_id, Told(title="Secret", message="Words", channels=frozenset({"in_app"}))
    )
    assert notification_id is not None
    call_id = await call_in(context, org)
    endpoint, _ = await endpoints.register(context, actor, "http://127.0.0.1:9/secret", ["call.completed"])
    delivery = await replaying.try_out(context, actor, endpoint.id)
    async with works.begin(actor) as work:
        start = (await scheduling.free_slots(work))[0].start
        booking = await scheduling.book_caller(work, Contact(phone=E164("+447700900297"), name="Secret caller"), start)
    invitation = await organizations.invite(context, actor, NewInvitation("invited@example.com", Role.AGENT))
    document = await files.upload(context, actor, "secret.txt", _chunks(b"Secret words."))
    async with works.read(actor) as work:
        number = (await buying.list_numbers(work))[0]
    async with works.begin(actor) as work:
        account = Account("secret-account", "secret-calendar@example.com")
        connection = await store.keep(work, Kind.CALENDAR, "google", account, "sealed", sandbox=True)
        crm = await store.keep(work, Kind.CRM, "hubspot", account, "sealed", sandbox=True)
    user_id = new_id()
    async with works.across_tenants("tests") as work:
        await work.execute(
            "insert into users (id, email, created_at, updated_at) values ($1, 'secret@example.com', $2, $2)",
            user_id, work.now,
        )  # fmt: skip
        await work.execute(
            "insert into memberships (org_id, user_id, role, created_at, updated_at) values ($1, $2, 'agent', $3, $3)",
            org.id, user_id, work.now,
        )  # fmt: skip
    return Farm(
        {
            "dataset_id": dataset.id,
            "upload_id": upload.id,
            "import_id": outcome.result.id,
            "lead_id": lead.id,
            "call_id": call_id,
            "conversation_id": conversation.id,
            "message_id": draft.message.id,
            "notification_id": notification_id,
            "user_id": user_id,
            "webhook_id": endpoint.id,
            "delivery_id": delivery.id,
            "booking_id": booking.id,
            "invitation_id": invitation.id,
            "file_id": document.id,
            "number_id": number.id,
            "connection_id": connection.id,
            "crm_id": crm.id,
            "provider": "secret-provider",
            "number": org.number,
        }
    )


async def call_in(context: Context, org: Organization) -> UUID:
    """A call to `org` that was answered, recorded and is over."""
    opened = await connected(context.works, await calls.receive(context, told(org, f"CA{new_id().hex}", HANDSET)))
    turn = Turn(position=0, speaker=Speaker.CALLER, text="Secret words", started_ms=0, ended_ms=900)
    await calls.add_turn(context.works, org.id, opened.call.id, turn)
    await calls.keep_recording(
        context, org.id, opened.call, _chunks(b"RIFFsecret"), content_type="audio/wav", seconds=1, started_ms=0,
        announced=True,
    )  # fmt: skip
    await calls.complete(context.works, org.id, opened.call.id, EndedReason.CALLER_HUNG_UP)
    return opened.call.id


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    yield data
