"""`frontdesk doctor`: looks whether the parts are as they should be, and says what to do where they are not."""

import os
import shutil
from collections.abc import AsyncGenerator

import asyncpg
from msgspec import Struct

from frontdesk.adapters.speech import chosen
from frontdesk.adapters.stripe.api import StripeApi
from frontdesk.adapters.stripe.checking import look_at as look_at_stripe
from frontdesk.adapters.twilio import Line
from frontdesk.answering import missing
from frontdesk.domain.integrations.model import PROVIDERS
from frontdesk.domain.integrations.service.connecting import callback_path
from frontdesk.domain.numbers.service import accounts
from frontdesk.kernel.clock import SystemClock
from frontdesk.platform.database import connect
from frontdesk.platform.postgres.errors import PostgresError
from frontdesk.platform.secrets import load_or_make_secrets
from frontdesk.platform.settings import OFFLINE, Settings, SettingsError
from frontdesk.ports.carrier import AccountProblem
from frontdesk.ports.consent import ProviderTrouble
from frontdesk.ports.speech import SpeechFailed
from frontdesk.runtime import database, operators_twilio, providers_of

STRIPE_WEBHOOK = "/hekax/api/webhooks/stripe"
ROOMY = 1024**3
"""Bytes that should be free on the disk."""


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    ok: bool
    says: str


async def examine(settings: Settings) -> AsyncGenerator[Finding]:
    """Look at everything, in the order in which a start needs it."""
    yield Finding("settings", True, f"read; data in {settings.data_dir}, public URL {settings.public_url}")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    yield Finding("disk", free > ROOMY, f"{free / 1024**3:.1f} GiB free" + ("" if free > ROOMY else ": make room"))
    try:
        load_or_make_secrets(settings)
        yield Finding("secrets", True, "there")
    except SettingsError as problem:
        yield Finding("secrets", False, str(problem))
    try:
        async with database(settings) as dsn:
            connection = await connect(dsn)
            try:
                async for finding in _database(connection):
                    yield finding
            finally:
                await connection.close()
    except (PostgresError, OSError, asyncpg.PostgresError) as problem:
        yield Finding("database", False, str(problem))
    mail = (
        f"sent through {settings.smtp_url.rsplit('@', 1)[-1]}"
        if settings.smtp_url
        else "captured, shown in the console"
    )
    yield Finding("mail", True, mail)
    yield await _brain(settings)
    async for finding in _speech(settings):
        yield finding
    async for finding in _carrier(settings):
        yield finding
    async for finding in _payments(settings):
        yield finding
    async for finding in _consents(settings):
        yield finding
    yield Finding("processors", True, f"{os.cpu_count()}")


async def _brain(settings: Settings) -> Finding:
    if settings.model == OFFLINE:
        return Finding("model", True, "the offline brain answers leads; no model is configured")
    from frontdesk.adapters.models.opening import look_at  # slow to load: only for who uses it

    return Finding("model", *await look_at(settings.model))


async def _speech(settings: Settings) -> AsyncGenerator[Finding]:
    """Each outside provider of speech, tried as a call would: it hears half a second, or says one word."""
    if not settings.voice:
        yield Finding("calls", True, "not answered: FRONTDESK_VOICE is off")
        return
    if lacking := missing():
        says = f"not answered: {', '.join(lacking)} is not there: install the extra `voice`, or set FRONTDESK_VOICE=off"
        yield Finding("calls", False, says)
        return
    legs = (("hearing", chosen.hearing(settings), "Whisper"), ("speaking", chosen.speaking(settings), "Piper"))
    for leg, providers, here in legs:
        if not providers:
            yield Finding(leg, True, f"{here} on this machine")
        for provider in providers:
            try:
                await provider.warm()
                yield Finding(leg, True, f"{provider.name} works; {here} on this machine takes over where it does not")
            except SpeechFailed as problem:
                yield Finding(leg, False, f"{provider.name}: {problem}; {here} on this machine does it meanwhile")
            finally:
                await provider.close()


async def _carrier(settings: Settings) -> AsyncGenerator[Finding]:
    """The server's own Twilio account; those that organisations connect have a test in the console."""
    line = Line(settings.twilio_base_url)
    try:
        account = operators_twilio(settings, line, SystemClock())
        if account is None:
            yield Finding("carrier", True, "sandbox; organisations may connect Twilio accounts of their own")
            return
        try:
            yield Finding("Twilio", True, f"the credentials of {await account.check()} work")
            used = [number for number in await account.numbers() if account.posts_here(number) and number.can_call]
            apart = sum(not account.rings_here(number) for number in used)
            yield Finding(
                "Twilio calls",
                not apart,
                f"calls to {apart} numbers whose texts come here go elsewhere: give them to their organisations again"
                if apart
                else f"answered here for {len(used)} numbers",
            )
        except AccountProblem as problem:
            yield Finding("Twilio", False, str(problem))
        posts = accounts.reachable(settings.public_url)
        yield Finding("Twilio webhooks", posts.ok, posts.says)
    finally:
        await line.close()


async def _payments(settings: Settings) -> AsyncGenerator[Finding]:
    if settings.stripe_secret_key is None:
        yield Finding("payments", True, "the sandbox's till: no money moves")
        return
    api = StripeApi(settings.stripe_secret_key, settings.stripe_base_url)
    try:
        address = settings.public_url + STRIPE_WEBHOOK
        async for name, ok, says in look_at_stripe(api, settings.stripe_secret_key, address):
            yield Finding(name, ok, says)
        if not accounts.reachable(settings.public_url).ok:
            yield Finding("Stripe reach", False, f"Stripe cannot post to {address}: set FRONTDESK_PUBLIC_URL")
    finally:
        await api.close()


async def _consents(settings: Settings) -> AsyncGenerator[Finding]:
    """The keys of calendars that organisations connect."""
    providers = providers_of(settings, SystemClock())
    try:
        for provider in PROVIDERS:
            consent = providers.consents.get(provider.id)
            if consent is None:
                continue
            registered = f"register {settings.public_url}{callback_path(provider.kind, provider.id)} there"
            try:
                wrong = await consent.check()
            except ProviderTrouble as problem:
                wrong = str(problem)
            yield Finding(provider.name, not wrong, wrong or f"the keys work; {registered}")
        if not providers.consents:
            yield Finding("integrations", True, "the sandbox stands in for calendars and CRMs; no keys are configured")
    finally:
        for each in (*providers.calendars.values(), *providers.crms.values()):
            await each.close()


async def _database(connection: asyncpg.Connection) -> AsyncGenerator[Finding]:
    version = await connection.fetchval("show server_version")
    yield Finding("database", True, f"PostgreSQL {version}, migrated")
    waiting: int = await connection.fetchval(
        "select count(*) from pgqueuer where status = 'queued' and execute_after < now() - interval '5 minutes'"
    )
    failed: int = await connection.fetchval(
        "select count(*) from dead_letters where replayed_at is null and discarded_at is null"
    )
    yield Finding(
        "queue",
        waiting == 0,
        f"{waiting} jobs wait for more than five minutes" + (": is a worker running?" if waiting else ""),
    )
    yield Finding("failed jobs", failed == 0, f"{failed} jobs failed" + (": see Jobs in the console" if failed else ""))
