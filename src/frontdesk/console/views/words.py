"""Words and forms for people: statuses, reasons, dates, numbers, initials. The filters of the templates."""

import zlib
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

STATUS_WORDS = {
    "READY": ("Ready", ""),
    "CONTACTED_1": ("Contacted, M1", "cold"),
    "CONTACTED_2": ("Contacted, M2", "cold"),
    "CONTACTED_3": ("Contacted, M3", "cold"),
    "HOT": ("Hot", "hot"),
    "WARM": ("Warm", "warm"),
    "COLD": ("Cold", "cold"),
    "CALL_BOOKED": ("Call booked", "good"),
    "CONVERTED": ("Converted", "good"),
    "LOST": ("Lost", ""),
    "OPTED_OUT": ("Opted out", "bad"),
    "INVALID": ("Invalid number", "bad"),
    "draft": ("Draft", ""),
    "active": ("Running", "good"),
    "paused": ("Paused", "warm"),
    "completed": ("Completed", "note"),
    "queued": ("Waiting", ""),
    "sending": ("Sending", "cold"),
    "sent": ("Sent", ""),
    "delivered": ("Delivered", "good"),
    "failed": ("Failed", "bad"),
    "unknown": ("Unknown", "warm"),
    "canceled": ("Cancelled", ""),
    "received": ("Received", ""),
    "needs_human": ("Wants a person", "hot"),
    "closed": ("Closed", ""),
}
"""A word and a tone for every status that is shown."""

REASON_WORDS = {
    "allowed": "May be sent",
    "suppressed": "The number has opted out",
    "opted_out": "The lead has opted out",
    "invalid_lead": "The number is invalid",
    "no_phone": "There is no phone number",
    "archived": "The lead is archived",
    "manual_mode": "A person has taken over",
    "replied": "The lead has replied",
    "closed_lead": "The lead is booked, won or lost",
    "quiet_hours": "It is night for the lead",
    "outside_schedule": "Outside the campaign's hours",
    "daily_cap": "Enough texts for one day",
    "weekly_cap": "Enough texts for one week",
    "no_time_zone": "The lead's time zone is not known",
    "no_sender": "There is no number to send from",
    "already_contacted": "Already contacted",
    "in_another_campaign": "Another campaign is writing to them",
    "stale": "Too late to be sent",
    "done": "All texts sent",
    "overtaken": "Overtaken by something newer",
    "campaign_over": "The campaign is over",
    "withdrawn": "Taken back before it went out",
}
"""What the gate's reasons mean, for people."""

CATEGORY_WORDS = {
    "m1": "M1", "m2": "M2", "m3": "M3", "ai_response": "AI", "human_manual": "By hand", "system": "Automatic",
    "inbound": "Lead", "ai_call": "Call by the AI", "hand_call": "Call by hand",
}  # fmt: skip

TASK_WORDS = {
    "messages.waiting": "Send the texts that wait",
    "messages.in_doubt": "Ask the carrier about unclear texts",
    "calls.abandoned": "End calls that broke off",
    "calls.in_doubt": "Ask the carrier about unclear calls",
    "calls.place": "Place a call",
    "calls.leave_message": "Leave a message on a machine",
    "calls.analyze": "Read what came of a call",
    "replies.forgotten": "Answer what was left unanswered",
    "calendar.looks": "Look into connected calendars",
    "calendar.entries": "Enter bookings into connected calendars",
    "numbers.in_doubt": "Ask the carrier about unclear numbers",
    "crm.records": "Pass leads and calls on to CRM systems",
    "billing.cancel": "End a plan that another has replaced",
    "calendar.settle": "Enter a booking into a connected calendar",
    "imports.forgotten": "Find imports that stopped",
    "campaigns.texts": "Write the campaigns' next texts",
    "leads.counts": "Count the leads of each list",
    "housekeeping": "Clear away what is old",
    "conversations.reply": "Answer a lead",
    "conversations.deliver": "Send a text",
    "notifications.mail": "Mail notifications",
    "knowledge.read": "Read a document",
    "leads.import": "Import a file",
    "leads.bulk": "Change many leads",
    "mail.send": "Send a mail",
}
"""What the background tasks do. One that is not here goes by its own name."""


def status_pill(status: str) -> Markup:
    """A status as a pill with its tone."""
    word, tone = STATUS_WORDS.get(str(status), (str(status).replace("_", " ").capitalize(), ""))
    return Markup('<span class="pill {}">{}</span>').format(tone, word)


def status_word(status: str) -> str:
    """A status in words."""
    return STATUS_WORDS.get(str(status), (str(status).replace("_", " ").capitalize(), ""))[0]


def reason_words(reason: str) -> str:
    """A reason of the gate in words."""
    return REASON_WORDS.get(str(reason), str(reason).replace("_", " ").capitalize())


def category_word(category: str) -> str:
    """Why a message was sent."""
    return CATEGORY_WORDS.get(str(category), str(category))


def number(value: float | None) -> str:
    """A count with thousands set apart."""
    return "–" if value is None else f"{value:,.0f}"


def moment(at: datetime | None, zone: ZoneInfo, now: datetime) -> Markup:
    """An instant in relative words, with the exact one as title."""
    if at is None:
        return Markup('<span class="muted">–</span>')
    local, today = at.astimezone(zone), now.astimezone(zone)
    # What is told in minutes grows older on the page: its script needs the words for when an hour is over.
    ages = timedelta(0) <= today - local < timedelta(hours=1)
    later = Markup(' data-ago="{}"').format(f"{local:%H:%M}") if ages else ""
    return _marked(local, _relative(local, today), later)


def point(at: datetime, zone: ZoneInfo, now: datetime) -> Markup:
    """An instant as it stands after "since" and "until": a time of day or a date, never how long ago."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    return _marked(local, _on_its_day(local, today))


def told_at(at: datetime, zone: ZoneInfo, now: datetime) -> Markup:
    """An instant under the heading of its day: minutes ago, then the time of day alone."""
    if timedelta(0) <= now - at < timedelta(hours=1):
        return moment(at, zone, now)
    local = at.astimezone(zone)
    return _marked(local, f"{local:%H:%M}")


def _marked(local: datetime, words: str, more: str | Markup = "") -> Markup:
    exact = f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S} {local.tzname()}"
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(
        local.astimezone(UTC).isoformat(timespec="seconds"), exact, more, words
    )


def _relative(local: datetime, today: datetime) -> str:
    passed = today - local
    if timedelta(0) <= passed < timedelta(minutes=1):
        return "just now"
    if timedelta(0) <= passed < timedelta(hours=1):
        return f"{int(passed.total_seconds() // 60)} min ago"
    if timedelta(0) < -passed < timedelta(minutes=1):
        return f"in {ceil(-passed.total_seconds())} s"
    if timedelta(0) < -passed < timedelta(hours=1):
        return f"in {int(-passed.total_seconds() // 60)} min"
    return _on_its_day(local, today)


def _on_its_day(local: datetime, today: datetime) -> str:
    days = (local.date() - today.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    if days in (-1, 1):
        return f"{'yesterday' if days < 0 else 'tomorrow'} {local:%H:%M}"
    if 0 < days < 7:
        return f"{local:%a %H:%M}"
    return f"{local.day} {local:%b}" if local.year == today.year else f"{local.day} {local:%b %Y}"


def clock_time(at: datetime | None, zone: ZoneInfo) -> str:
    """Hour and minute in the zone."""
    return "" if at is None else f"{at.astimezone(zone):%H:%M}"


def full_time(at: datetime | None, zone: ZoneInfo) -> str:
    """Day, date and time in the zone, and what the zone is called there."""
    if at is None:
        return "–"
    local = at.astimezone(zone)
    name = local.tzname() or ""  # a mere offset where a zone has no name of its own
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M} {'UTC' if name[:1] in ('+', '-') else ''}{name}"


def day_words(day: date) -> str:
    """A day in words."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def initials(name: str) -> str:
    """Up to two letters for an avatar; of a number its last two digits, which tell it from others."""
    plain = "".join(filter(str.isalnum, str(name)))
    if plain.isdecimal():
        return plain[-2:]
    letters = [word[0] for word in str(name).split() if word[0].isalnum()]
    return "".join([letters[0], letters[-1]] if len(letters) > 1 else letters).upper() or "?"


def hue(name: str) -> str:
    """One of the avatar's colours, always the same for a name."""
    return f"h{zlib.crc32(str(name).encode()) % 6}"


def phone(value: str | None) -> str:
    """A number as people write it."""
    import phonenumbers

    if not value:
        return "–"
    try:
        return phonenumbers.format_number(phonenumbers.parse(value), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return value


def task_word(task: str) -> str:
    """What a background task does."""
    return TASK_WORDS.get(task) or task.replace("_", " ").replace(".", ": ").capitalize()


def lasting(seconds: float) -> str:
    """A span in the largest unit that it is a whole number of."""
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return unit if count == 1 else f"{count} {unit}s"
    return f"{seconds:g} s"


FILTERS: dict[str, Any] = {
    "task_word": task_word, "lasting": lasting,
    "status_pill": status_pill, "status_word": status_word, "reason_words": reason_words,
    "category_word": category_word, "number": number, "moment": moment, "point": point, "told_at": told_at,
    "clock_time": clock_time,
    "full_time": full_time, "day_words": day_words, "initials": initials, "hue": hue, "phone": phone,
}  # fmt: skip
