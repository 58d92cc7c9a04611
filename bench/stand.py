"""The stand that everything is measured on: one embedded PostgreSQL, organisations with people who are signed in.

Here: making it. Its leads are `bench.people`; what is measured on it is elsewhere.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg

from frontdesk.domain.identity import service as identity
from frontdesk.domain.identity.model import NewUser
from frontdesk.domain.leads.service import datasets
from frontdesk.kernel.access import PERMISSIONS_OF, Actor, ActorType, Role
from frontdesk.platform.crypto import make_token
from frontdesk.platform.settings import Settings
from frontdesk.runtime import Runtime, open_runtime

PUBLIC_URL = "http://frontdesk.bench"
"""What signatures cover, at every server alike."""

PEER = "bench_peer"
"""The role that the peers sign in as. They filter by organisation in their own words, so row-level security is not
laid on them."""


@dataclass(frozen=True)
class Tenant:
    """An organisation of the stand, with somebody who is signed in."""

    org_id: UUID
    user_id: UUID
    token: str
    number: str
    """The number that its leads text."""
    dataset_ids: list[UUID] = field(default_factory=list[UUID])

    @property
    def actor(self) -> Actor:
        """Its owner at work."""
        return Actor(
            type=ActorType.USER, id=self.user_id, org_id=self.org_id, role=Role.OWNER,
            permissions=PERMISSIONS_OF[Role.OWNER],
        )  # fmt: skip


@dataclass(frozen=True)
class Stand:
    """The running database, and the product on it. `admin` may do everything: it makes data, and is never measured."""

    runtime: Runtime
    admin: asyncpg.Connection

    @property
    def data_dir(self) -> Path:
        """Where the program keeps everything."""
        return self.runtime.settings.data_dir

    @property
    def socket_dir(self) -> str:
        """The directory of PostgreSQL's socket."""
        return parse_qs(urlsplit(self.runtime.dsn).query)["host"][0]

    @property
    def peer_env(self) -> dict[str, str]:
        """How libpq and its kin find the database as a peer."""
        return {"PGHOST": self.socket_dir, "PGPORT": "5432", "PGUSER": PEER, "PGDATABASE": "frontdesk"}

    async def sign_up(self, name: str) -> Tenant:
        """A new organisation and its owner's session."""
        new = NewUser(
            email=f"owner@{name.lower().replace(' ', '-')}.example", password=make_token(),
            metadata={"company_name": name}, email_verified=True,
        )  # fmt: skip
        tokens = (await identity.sign_up(self.runtime.context, self.runtime.realm, new)).tokens
        assert tokens is not None
        assert tokens.org_id is not None
        number = await self.admin.fetchval("select number from organizations where org_id = $1", tokens.org_id)
        return Tenant(tokens.org_id, tokens.user.id, tokens.access_token, number)

    async def roll_up(self) -> None:
        """Fold the counts, as a worker does in the background."""
        await datasets.roll_up_counts(self.runtime.context.works)

    async def settle(self) -> None:
        """Bring statistics and the visibility map up to date: no vacuum is to come in the middle of a measurement."""
        await self.admin.execute("vacuum (analyze)", timeout=600)
        await self.admin.execute("checkpoint", timeout=600)


@asynccontextmanager
async def stand(data_dir: Path) -> AsyncGenerator[Stand]:
    """The stand in `data_dir`, which is to be empty."""
    settings = Settings(data_dir=data_dir, public_url=PUBLIC_URL, limits=False, log_level="warning", calls_at_once=1000)
    async with open_runtime(settings) as runtime:
        parts = urlsplit(runtime.dsn)
        admin = await asyncpg.connect(parts._replace(netloc="postgres@").geturl())
        try:
            await admin.execute(
                f"""create role {PEER} login bypassrls;
                    grant select, insert, update, delete on all tables in schema public to {PEER};
                    grant usage on all sequences in schema public to {PEER}"""
            )
            yield Stand(runtime, admin)
        finally:
            await admin.close()
