"""The assistant on a call: what it keeps of what a caller tells, and of what they take back."""

from tests.fixtures.calls import CALLER, MakeCall
from tests.fixtures.organizations import Organization

from frontdesk.domain.calls.model import Call
from frontdesk.domain.calls.service import assisting
from frontdesk.domain.leads.service import leads
from frontdesk.platform.context import Context


async def talked(context: Context, org: Organization, call: Call, *said: str) -> assisting.Memory:
    memory = assisting.remembered(call, [])
    for words in said:
        memory, _ = await assisting.reply(context, org.id, call, memory, words)
    return memory


async def test_what_a_caller_puts_right_is_right_in_the_lead(
    context: Context, org: Organization, a_call: MakeCall
) -> None:
    opened = await a_call()
    memory = await talked(
        context, org, opened.call, "It's Tom Smith. My boiler is leaking. My e-mail is T O M at example dot com.",
        "No, it's D O M at example dot com.", "Yes.", "Sorry, it's Smythe, S M Y T H E.",
    )  # fmt: skip
    assert memory.lead_id
    async with context.works.begin(org.actor) as work:
        lead = await leads.get(work, memory.lead_id)
    assert (lead.name, lead.email, lead.phone) == ("Tom Smythe", "dom@example.com", CALLER)


async def test_what_is_known_from_elsewhere_is_not_put_right_by_a_caller(
    context: Context, org: Organization, a_call: MakeCall
) -> None:
    first = await a_call()
    await talked(context, org, first.call, "It's Tom Smith. My e-mail is T O M at example dot com.")
    later = await a_call()
    told = "It's Ann Gray, my boiler is leaking. My e-mail is A N N at example dot com."
    memory = await talked(context, org, later.call, told, "No, that's wrong.")
    assert memory.lead_id
    async with context.works.begin(org.actor) as work:
        lead = await leads.get(work, memory.lead_id)
    assert (lead.name, lead.email) == ("Tom Smith", "tom@example.com")
