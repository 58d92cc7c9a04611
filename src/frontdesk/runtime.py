"""What every process of the program is made of: database, ports, background loops. Composition only."""

import asyncio
import contextlib
import functools
import itertools
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from frontdesk.adapters.documents.reader import ProcessReader
from frontdesk.adapters.files.local import LocalFiles
from frontdesk.adapters.google import GoogleCalendar, google_consent
from frontdesk.adapters.hubspot import HubSpotConsent, HubSpotCrm
from frontdesk.adapters.mail.captured import CapturedMailer
from frontdesk.adapters.mail.smtp import SmtpMailer
from frontdesk.adapters.microsoft import OutlookCalendar, microsoft_consent
from frontdesk.adapters.oauth import OAuthConsent
from frontdesk.adapters.offline.brain import OfflineBrain
from frontdesk.adapters.offline.call_reader import OfflineCallReader
from frontdesk.adapters.outbound.poster import GuardedPoster
from frontdesk.adapters.salesforce import SalesforceCrm, salesforce_consent
from frontdesk.adapters.sandbox.calendars import SandboxCalendar
from frontdesk.adapters.sandbox.carrier import WEBHOOK_PATH, SandboxCarrier
from frontdesk.adapters.sandbox.consent import SandboxAccounts, SandboxConsent
from frontdesk.adapters.sandbox.crm import SandboxCrm
from frontdesk.adapters.sandbox.numbers import SandboxNumbers
from frontdesk.adapters.sandbox.payments import SandboxPayments
from frontdesk.adapters.stripe import StripePayments
from frontdesk.adapters.stripe.api import StripeApi
from frontdesk.adapters.twilio import Credentials, Line, TwilioAccount, TwilioVendor
from frontdesk.domain.identity.model import Realm
from frontdesk.domain.integrations.model import PROVIDERS, Kind
from frontdesk.jobs.billing import cancel_subscription
from frontdesk.jobs.bulk import change_leads
from frontdesk.jobs.calls import analyze_call, leave_message, place_call
from frontdesk.jobs.imports import import_file
from frontdesk.jobs.knowledge import read_document
from frontdesk.jobs.notifications import mail_notifications
from frontdesk.jobs.periodic import PERIODIC
from frontdesk.jobs.readers import READERS
from frontdesk.jobs.replies import answer, deliver
from frontdesk.jobs.scheduling import settle_calendar_entry
from frontdesk.jobs.sending import CampaignPump
from frontdesk.jobs.webhooks import WebhookPump
from frontdesk.kernel.clock import Clock, SystemClock
from frontdesk.platform import outbox, queue
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import KeyedHash, Vault
from frontdesk.platform.database import PooledConnections, Works, connect
from frontdesk.platform.loops import close, pause, supervise
from frontdesk.platform.postgres.migrations import ensure_database, migrate
from frontdesk.platform.postgres.roles import check_role, refuse_transaction_pooler
from frontdesk.platform.postgres.server import EmbeddedServer, attach
from frontdesk.platform.secrets import Secrets, load_or_make_secrets
from frontdesk.platform.settings import OFFLINE, Settings
from frontdesk.ports.call_reading import CallReader
from frontdesk.ports.calling import VoiceAddresses
from frontdesk.ports.llm import LanguageModel, TextWriter
from frontdesk.worker import run_worker

HANDLERS = [
    analyze_call,
    answer,
    cancel_subscription,
    change_leads,
    deliver,
    import_file,
    leave_message,
    mail_notifications,
    outbox.send_owed,
    place_call,
    read_document,
    settle_calendar_entry,
]


@dataclass(frozen=True)
class Runtime:
    """One process's hold on the product. `dsn` is the owner's."""

    settings: Settings
    secrets: Secrets
    dsn: str
    context: Context
    realm: Realm
    sandbox: SandboxCarrier

    async def run_background(self, stop: asyncio.Event) -> None:
        """Do all background work until `stop`: queue, readers, periodic work, campaigns, webhooks."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(
                run_worker(self.context, self.dsn, handlers=HANDLERS, periodic=PERIODIC, readers=READERS, stop=stop)
            )
            tasks.create_task(supervise("campaigns", CampaignPump(self.context).run, stop))
            tasks.create_task(supervise("webhooks", WebhookPump(self.context).run, stop))


@asynccontextmanager
async def database(settings: Settings) -> AsyncGenerator[str]:
    """A migrated database, as the DSN of its owner: the embedded one unless the settings name another.

    Raises what `platform.postgres.errors` has, each a sentence for the operator.
    """
    server: EmbeddedServer | None = None
    if settings.database_url is None:
        server = await _attached(settings.data_dir)
        dsn = server.dsn()
    else:
        dsn = settings.database_url
        await ensure_database(dsn)
        await refuse_transaction_pooler(dsn)
    try:
        await migrate(dsn, after=[queue.install])
        connection = await connect(dsn)
        try:
            await check_role(connection)
        finally:
            await connection.close()
        async with _kept_running(server):
            yield dsn
    finally:
        if server is not None:
            await asyncio.shield(asyncio.to_thread(server.detach))


async def _attached(data_dir: Path) -> EmbeddedServer:
    """Attach, and let go again when told to end meanwhile: the thread that attaches cannot be stopped half-way."""
    attaching = asyncio.create_task(asyncio.to_thread(attach, data_dir))
    try:
        return await asyncio.shield(attaching)
    except asyncio.CancelledError:
        server = await attaching
        await asyncio.to_thread(server.detach)
        raise


LOOKS_AFTER_THE_SERVER = 5.0
"""Seconds between looks at whether the embedded server still takes connections."""

_LOOKS_TO_A_TRIM = 720


@asynccontextmanager
async def _kept_running(server: EmbeddedServer | None) -> AsyncGenerator[None]:
    """Meanwhile, start the embedded server again when it dies under us, and keep its log within bounds."""
    if server is None:
        yield
        return
    stop = asyncio.Event()
    watch = asyncio.create_task(supervise("database", functools.partial(_watch, server), stop))
    try:
        yield
    finally:
        stop.set()
        await watch


async def _watch(server: EmbeddedServer, stop: asyncio.Event) -> None:
    for look in itertools.count(1):
        if await pause(stop, LOOKS_AFTER_THE_SERVER):
            return
        try:
            await close(await connect(server.dsn()))
        except (OSError, asyncpg.PostgresError):  # died, starts, or has no connection to spare
            await asyncio.to_thread(server.ensure_running)
        if look % _LOOKS_TO_A_TRIM == 0:
            await asyncio.to_thread(server.trim_log)


@asynccontextmanager
async def _brains(settings: Settings) -> AsyncGenerator[tuple[LanguageModel, TextWriter | None, CallReader]]:
    """What answers leads, what words campaign texts and what reads calls: the model of the settings, guarded, or the
    offline ones, of which there is none for texts."""
    if settings.model == OFFLINE:
        yield OfflineBrain(), None, OfflineCallReader()
        return
    # The vendors' libraries take seconds to load: only for who uses them.
    from frontdesk.adapters.models.opening import open_model

    async with open_model(settings.model, settings.model_timeout) as models:
        yield models.brain, models.writer, models.reader


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, clock: Clock | None = None, loopback_url: str | None = None
) -> AsyncGenerator[Runtime]:
    """The product, connected. `loopback_url` is where this machine reaches its own routes."""
    clock = clock or SystemClock()
    secrets = load_or_make_secrets(settings)
    async with database(settings) as dsn, _brains(settings) as (llm, writer, reader):
        connections = await PooledConnections.open(dsn, size=16, system_size=6)
        to_twilio = Line(settings.twilio_base_url)
        real = providers_of(settings, clock)
        to_stripe = StripeApi(settings.stripe_secret_key or "", settings.stripe_base_url)
        try:
            works = Works(connections, clock, KeyedHash(secrets.consent_key))
            sandbox = SandboxCarrier(
                works, secrets.sandbox_account_sid, secrets.sandbox_auth_token, settings.public_url,
                loopback_url or f"http://127.0.0.1:{settings.port}", clock,
            )  # fmt: skip
            mailer = SmtpMailer(settings.smtp_url, settings.mail_from) if settings.smtp_url else CapturedMailer(works)
            vault = Vault(secrets.encryption_keys)
            accounts = SandboxAccounts(works, vault, settings.public_url)
            till = None if settings.stripe_secret_key else SandboxPayments(works, settings.public_url)
            context = Context(
                works=works,
                carriers={sandbox.name: sandbox},
                llm=llm,
                call_reader=reader,
                writer=writer,
                mailer=mailer,
                files=LocalFiles(settings.data_dir / "files"),
                documents=ProcessReader(),
                poster=GuardedPoster(settings.outbound_allow),
                public_url=settings.public_url,
                vault=vault,
                payments=till or StripePayments(to_stripe, settings.stripe_webhook_secret or "", clock),
                till=till,
                calls_at_once=settings.calls_at_once or 2 * (os.cpu_count() or 1),
                seller=SandboxNumbers(works),
                vendors={TwilioVendor.name: twilio(settings, vault, to_twilio, clock)},
                consents={
                    each.id: real.consents.get(each.id) or SandboxConsent(accounts, each.id, each.name)
                    for each in PROVIDERS
                },
                calendars={
                    each.id: real.calendars.get(each.id) or SandboxCalendar(accounts, settings.public_url)
                    for each in PROVIDERS
                    if each.kind is Kind.CALENDAR
                },
                crms={
                    each.id: real.crms.get(each.id) or SandboxCrm(accounts)
                    for each in PROVIDERS
                    if each.kind is Kind.CRM
                },
                consent_page=accounts,
            )
            yield Runtime(settings, secrets, dsn, context, Realm.of(secrets, settings), sandbox)
        finally:
            await to_twilio.close()
            await to_stripe.close()
            for each in (*real.calendars.values(), *real.crms.values()):
                await each.close()
            with contextlib.suppress(Exception):
                await connections.close()


@dataclass(frozen=True)
class Providers:
    """Outside systems for which the settings have keys; the sandbox stands in for the others."""

    consents: dict[str, OAuthConsent]
    calendars: dict[str, GoogleCalendar | OutlookCalendar]
    crms: dict[str, HubSpotCrm | SalesforceCrm]


def providers_of(settings: Settings, clock: Clock) -> Providers:
    """Those that organisations connect by consent."""
    found = Providers({}, {}, {})
    if settings.google_client_id and settings.google_client_secret:
        google = GoogleCalendar(settings.google_base_url)
        found.calendars["google"] = google
        found.consents["google"] = google_consent(
            google, settings.google_client_id, settings.google_client_secret, clock, settings.google_base_url
        )
    if settings.microsoft_client_id and settings.microsoft_client_secret:
        outlook = OutlookCalendar(settings.microsoft_base_url)
        found.calendars["outlook"] = outlook
        found.consents["outlook"] = microsoft_consent(
            outlook, settings.microsoft_client_id, settings.microsoft_client_secret, clock,
            settings.microsoft_base_url, settings.microsoft_tenant,
        )  # fmt: skip
    if settings.hubspot_client_id and settings.hubspot_client_secret:
        hubspot = HubSpotCrm(settings.hubspot_base_url)
        found.crms["hubspot"] = hubspot
        found.consents["hubspot"] = HubSpotConsent(
            hubspot, settings.hubspot_client_id, settings.hubspot_client_secret, clock, settings.hubspot_base_url
        )
    if settings.salesforce_client_id and settings.salesforce_client_secret:
        salesforce = SalesforceCrm()
        found.crms["salesforce"] = salesforce
        found.consents["salesforce"] = salesforce_consent(
            salesforce, settings.salesforce_client_id, settings.salesforce_client_secret, clock,
            settings.salesforce_base_url,
        )  # fmt: skip
    return found


def twilio(settings: Settings, vault: Vault, line: Line, clock: Clock) -> TwilioVendor:
    """Twilio, for the operator's account and for those of organisations."""
    operators = operators_twilio(settings, line, clock)
    voice = VoiceAddresses.below(settings.public_url)
    for_trials = settings.twilio_sells_to_trials or settings.signup == "closed"
    webhook = settings.public_url + WEBHOOK_PATH
    return TwilioVendor(line, vault, webhook, clock, voice, operators, sells_to_trials=for_trials)


def operators_twilio(settings: Settings, line: Line, clock: Clock) -> TwilioAccount | None:
    """The operator's own Twilio account, where the settings name one."""
    if not settings.twilio_account_sid or not settings.twilio_auth_token:
        return None
    given = Credentials(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        api_key_sid=settings.twilio_api_key_sid or "",
        api_key_secret=settings.twilio_api_key_secret or "",
        messaging_service_sid=settings.twilio_messaging_service_sid or "",
        twiml_app_sid=settings.twilio_twiml_app_sid or "",
        answers_stop=settings.twilio_answers_stop,
    )
    voice = VoiceAddresses.below(settings.public_url)
    return TwilioAccount(line, given, settings.public_url + WEBHOOK_PATH, clock, voice)
