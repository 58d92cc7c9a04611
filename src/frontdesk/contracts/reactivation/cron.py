"""The scheduled jobs as the reactivation API publishes them: docs/contracts/reactivation.openapi.yaml, Cron Jobs.

The worker does the same work by itself; these routes let an outside scheduler do it, or do it sooner."""

from litestar import get

from frontdesk.contracts._http.auth import Auth
from frontdesk.contracts._http.given import Given
from frontdesk.contracts.reactivation.shapes.cron import CronResult
from frontdesk.domain.campaigns.service import sending
from frontdesk.domain.conversations.service import replies
from frontdesk.platform.context import Context


@get("/api/cron/send-m1", operation_id="cron_send_m1", auth=Auth.CRON)
async def cron_send_m1(context: Given[Context]) -> CronResult:
    return CronResult(await sending.run_due(context, 1))


@get("/api/cron/send-m2", operation_id="cron_send_m2", auth=Auth.CRON)
async def cron_send_m2(context: Given[Context]) -> CronResult:
    return CronResult(await sending.run_due(context, 2))


@get("/api/cron/send-m3", operation_id="cron_send_m3", auth=Auth.CRON)
async def cron_send_m3(context: Given[Context]) -> CronResult:
    return CronResult(await sending.run_due(context, 3))


@get("/api/cron/process-ai-responses", operation_id="cron_process_ai_responses", auth=Auth.CRON)
async def cron_process_ai_responses(context: Given[Context]) -> CronResult:
    return CronResult(await replies.process_pending(context))


ROUTES = [cron_send_m1, cron_send_m2, cron_send_m3, cron_process_ai_responses]
