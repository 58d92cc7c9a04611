"""The words of replies. Short enough for two text messages, honest about what is speaking, in plain characters.

Data and its filling-in only: which of these is said, `brain` decides. Every promise here is kept by an action there.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from frontdesk.adapters.offline.phone.wording import LIMIT as SPOKEN_LIMIT
from frontdesk.adapters.offline.phone.wording import SPOKEN
from frontdesk.adapters.offline.senses import MONTHS, WEEKDAYS
from frontdesk.ports.llm import Brief, Channel

LIMIT = 320
"""Characters of the longest reply."""

# Placeholders: {business}, {agent}, {lead}, {name} (", Dave" or ""), {about} (" about solar panels" or ""), {touch}
# (how the lead came to us), {slots}, {when}, {fact}.
VARIANTS: dict[str, tuple[str, ...]] = {
    "interest_offer": (
        "Great to hear{name}! A quick call is the easiest way to talk it through. I have {slots}. Which suits you?",
        "Lovely{name}. Best next step is a short call with the team: {slots}. Which one works for you?",
        "Glad you're keen{name}. Shall we get a call in? I have {slots} free. Which would you like?",
        "Good stuff{name}. We can go through everything on a short call. {slots}: does one of those work?",
    ),
    "interest_mild": (
        "Thanks{name}. Would a short call to talk it through be useful? Or just ask me anything here.",
        "No problem{name}. Is there anything you'd like to know{about}, or would a short call be easier?",
        "Fair enough{name}. Happy to answer questions here, or set up a quick call if you'd like one?",
    ),
    "info_offer": (
        "Happy to help{name}. The team can go through it all on a short call: {slots}. Which suits? Or ask me here.",
        "Of course{name}. A short call covers it best. I have {slots}. Which works? You can also ask me here.",
    ),
    "write_only": (
        "No problem{name}, we can keep it to text. What would you like to know{about}?",
        "That's fine{name}, no calls. Ask me anything{about} here and I'll help where I can.",
    ),
    "elsewhere": (
        "I can only text{name}, so I'm passing this to the {business} team to send over what you need.",
        "I can't send that myself{name}, so I'm asking someone at {business} to do it.",
    ),
    "call_offer": (
        "Sure{name}. I have {slots}. Which suits you?",
        "No problem{name}, I can do {slots}. Which would you like?",
        "Of course{name}. {slots}: which works best?",
        "Happy to{name}. Free times are {slots}. Which one shall I book?",
    ),
    "call_offer_one": (
        "Sure{name}. I have {slots}. Shall I book that for you?",
        "I can do {slots}{name}. Would you like me to book it?",
        "{slots} is free{name}. Shall I put you in for that?",
    ),
    "call_nearest": (
        "Sorry{name}, nothing is free {when}. The nearest I have: {slots}. Would that suit?",
        "I'm afraid I have nothing {when}{name}. Closest I can do is {slots}. Any good?",
        "Nothing left {when}, sorry{name}. I could do {slots} instead. Would that work?",
    ),
    "call_soonest": (
        "The soonest I have is {slots}. Which suits you{name}?",
        "Soonest free times{name}: {slots}. Shall I book one?",
    ),
    "call_soonest_one": (
        "The soonest I have is {slots}. Shall I book that{name}?",
        "Next free time is {slots}{name}. Want me to book it?",
    ),
    "call_others": (
        "No problem{name}. I also have {slots}. Any of those better?",
        "That's fine{name}. How about {slots}?",
        "OK{name}, other times I have: {slots}. Would one of them work?",
    ),
    "call_others_one": (
        "No problem{name}. I also have {slots}. Would that be better?",
        "That's fine{name}. The other time I have is {slots}. Shall I book it?",
    ),
    "call_none_left": (
        "Those are the only times I have{name}, so I'm passing you to the {business} team to find one that suits.",
        "I've no other times to offer{name}, so I'm handing this to someone at {business} to arrange one with you.",
    ),
    "no_slots": (
        "I have no free times to offer right now{name}, so I'm passing you to the {business} team to arrange a call.",
        "There's nothing free in the calendar{name}. I'm handing this to the {business} team to sort a time with you.",
    ),
    "book": (
        "All done{name}: you're booked for {when}. {business} will call you on this number. Any changes, just reply.",
        "Perfect{name}, you're booked for {when}. {business} will ring this number. Need to change it? Text back.",
        "You're all set{name}: booked for {when}. Expect a call from {business}. Any problems, text me here.",
    ),
    "slot_which": (
        "Happy to book that{name}. Which one would you like: {slots}?",
        "Just so I book the right one{name}: {slots}?",
        "Sure{name}, which is it: {slots}?",
    ),
    "slot_confirm": (
        "Just to check{name}: shall I book {slots}?",
        "Do you want me to book {slots}{name}?",
    ),
    "slot_gone": (
        "Sorry{name}, that time has just been taken. I still have {slots}. Would that suit?",
        "I'm sorry{name}, that one has just gone. Could you do {slots} instead?",
    ),
    "slots_no": (
        "No problem{name}. Would another day suit you better? If so, tell me which.",
        "That's OK{name}. Is there a day or time that works better for you?",
    ),
    "answer": ("{fact}",),
    "answer_call": (
        "{fact} Would a quick call help?",
        "{fact} Shall I set up a short call to go through it?",
        "{fact} Anything else you'd like to know, or would a call be useful?",
    ),
    "answer_slots": (
        "{fact} Would {slots} still suit for a call?",
        "{fact} For the call, I have {slots}. Which suits?",
    ),
    "unknown": (
        "Good question{name}. I don't know and won't guess. The team can tell you: shall I set up a quick call?",
        "I don't know that one{name}. Shall I book a quick call so someone can tell you properly?",
        "That's not something I have an answer to{name}. Would a short call with the team help?",
    ),
    "unknown_slots": (
        "I don't know that and won't guess{name}, but the team can tell you on the call: {slots}. Which suits?",
        "Good question{name}, one for the team on the call as I don't know. I have {slots}. Which works?",
    ),
    "who": (
        "It's {agent}, {business}'s automated assistant. We have you down as {touch} a while back. Still of interest?",
        "This is {agent}, an automated assistant for {business}. We have you {touch} some time ago. Still interested?",
    ),
    "bot": (
        "Yes, I'm {agent}, {business}'s automated assistant. I answer questions and book calls. Want a person instead?",
        "You're right, I'm an automated assistant texting for {business}. Would you prefer that a person takes over?",
    ),
    "source": (
        "It's on {business}'s records from an earlier enquiry{about}. If you'd rather we didn't text, reply STOP.",
        "We have it from when you were in touch with {business}{about}. Reply STOP and we won't text you again.",
    ),
    "scam": (
        "Fair to ask. I'm {business}'s automated assistant and won't ask for bank details. Want a person instead?",
        "This is {business}'s automated assistant; I'll never ask for bank details. Shall I get a person to reply?",
    ),
    "close": (
        "No problem at all{name}, thanks for letting us know. We'll leave it there. All the best!",
        "Thanks for letting me know{name}. We'll leave it there, all the best.",
        "Understood{name}. We'll leave you to it. All the best!",
    ),
    "close_check": (
        "Thanks for letting me know{name}. Shall we leave it there?",
        "Understood{name}. Would you like us to leave it there?",
    ),
    "wrong_check": (
        "Sorry, just to check: is this still the right number for {lead}?",
        "Apologies if I have this wrong: is this the right number for {lead}?",
    ),
    "close_sorted": (
        "Glad you're sorted{name}, and thanks for letting us know. All the best!",
        "Good to hear it's taken care of{name}. Thanks for telling us, all the best!",
    ),
    "close_dear": (
        "Understood{name}, thanks for being straight with us. We'll leave it there. All the best!",
        "That's fair{name}. Thanks for letting us know, we'll leave it there. All the best!",
    ),
    "hand_off": (
        "Of course{name}. I'm passing this to the {business} team, and a person will pick it up from here.",
        "No problem{name}. I'm handing you over to a person at {business}, who will reply here.",
    ),
    "hand_off_complaint": (
        "I'm sorry about that{name}. I'm passing this to a person at {business}, who will pick it up from here.",
        "I'm sorry to hear that{name}. A person at {business} should look at this, so I'm handing it over now.",
    ),
    "hand_off_change": (
        "I can't change a booking myself{name}, so I'm passing this to the {business} team to do it for you.",
        "Changing that needs a person{name}. I'm handing it to the {business} team now.",
    ),
    "hand_off_lost": (
        "I'm not following, sorry{name}. I'm passing this to a person at {business}, who will pick it up from here.",
        "Sorry{name}, I don't want to get this wrong, so I'm handing over to a person at {business}.",
    ),
    "wrong_number": (
        "Sorry about that, we must have the wrong number. We won't text you again.",
        "Apologies for the mix-up. I've noted this is the wrong number, and we won't text again.",
    ),
    "bereaved": (
        "I'm very sorry for your loss, and for troubling you. We won't text this number again.",
        "I'm so sorry to hear that, and sorry to have texted. We won't contact this number again.",
    ),
    "not_now": (
        "No problem{name}, no rush at all. Just text me here whenever you're ready.",
        "Totally understand{name}. There's no rush: reply here when the time is right.",
        "That's fine{name}. Whenever you're ready, just message me here and we'll pick it up.",
    ),
    "not_now_thinking": (
        "Of course{name}, take your time. Any questions, or when you're ready, just text me here.",
        "No rush at all{name}, have a think. I'm here if you have any questions.",
    ),
    "deflect": (
        "I can only help with {business} here, sorry. Any questions{about}, or shall I set up a quick call?",
        "That's not something I can do, sorry. I'm only here for {business}. Anything you'd like to know{about}?",
    ),
    "clarify": (
        "Sorry{name}, I didn't quite catch that. Are you still interested{about}, or shall we leave it?",
        "Sorry{name}, I'm not sure what you mean. Would you like to hear more{about}, or is it not for you?",
        "I want to be sure I understand you{name}: would you like to hear more{about}?",
    ),
    "clarify_offer": (
        "Sorry{name}, I didn't catch that. For the call, would {slots} suit?",
        "Just checking{name}: which would you like, {slots}? Or tell me another time.",
    ),
    "person_no": (
        "OK{name}, I'll carry on then. Would you like to know anything, or shall I set up a quick call?",
        "That's fine{name}. What would you like to know{about}?",
    ),
    "booked_thanks": (
        "You're welcome{name}. Speak to you then!",
        "Any time{name}. Talk soon!",
    ),
}  # fmt: skip


def say(key: str, brief: Brief, **fields: str) -> str:
    """A reply of this kind, filled in: the next variant in turn that the conversation does not hold yet."""
    ours = [turn.text for turn in brief.turns if turn.ours]
    values = {**_fields(brief), **fields}
    variants = _variants(key, brief)
    rendered = [fit(_tidy(_fill(variants[(len(ours) + n) % len(variants)], values))) for n in range(len(variants))]
    return next((text for text in rendered if text not in ours), rendered[0])


def room_for(key: str, brief: Brief, **fields: str) -> int:
    """How many characters a {fact} may have in every variant of this kind."""
    longest = max(
        len(_tidy(_fill(variant, {**_fields(brief), **fields, "fact": ""}))) for variant in _variants(key, brief)
    )
    return (SPOKEN_LIMIT if brief.channel is Channel.VOICE else LIMIT) - longest


def _variants(key: str, brief: Brief) -> tuple[str, ...]:
    return (SPOKEN if brief.channel is Channel.VOICE else VARIANTS)[key]


def sentence(text: str) -> str:
    """`text` with a full stop at its end, where it has none."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def fit(text: str) -> str:
    """`text`, cut between words where it is longer than `LIMIT`."""
    if len(text) <= LIMIT:
        return text
    return text[: LIMIT - 3].rsplit(" ", 1)[0].rstrip(" ,;:") + "..."


def _fill(template: str, values: dict[str, str]) -> str:
    # Not str.format: the values are other people's words and may hold braces.
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], ""), template)


def _tidy(text: str) -> str:
    text = " ".join(text.split())
    return text[:1].upper() + text[1:]


def _fields(brief: Brief) -> dict[str, str]:
    name = first_name(brief)
    interest = _short(brief.lead_interest, 60)
    about = f" about {_lowered(interest)}" if interest else ""
    return {
        "business": _short(brief.business, 40) or "our team",
        "agent": _short(brief.agent_name, 30) or "the assistant",
        "name": f", {name}" if name else "",
        "lead": name or "the person we spoke to",
        "about": about,
        "touch": f"asking us{about}" if about else "getting in touch with us",
    }


def first_name(brief: Brief) -> str:
    """The lead's first name, if it looks like one: it comes from an import and may be anything."""
    name = " ".join(brief.lead_first_name.split())
    return name if re.fullmatch(r"[^\W\d_][^\W\d_'’ .-]{0,19}(?:[-' ][^\W\d_]{1,15})?", name) else ""


def _short(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:-")


def _lowered(text: str) -> str:
    """Without a capital that only began a field: "Solar panels" in the middle of a sentence; "BMW" stays."""
    return text[0].lower() + text[1:] if len(text) > 1 and text[0].isupper() and text[1:].islower() else text


def clock(local: datetime) -> str:
    """ "3pm" or "3:30pm"."""
    hour = local.hour % 12 or 12
    return f"{hour}{f':{local.minute:02}' if local.minute else ''}{'am' if local.hour < 12 else 'pm'}"


def day(local: datetime, *, american: bool) -> str:
    """ "Tue 24 Nov", or "Tue Nov 24"."""
    weekday, month = _names(local)
    return f"{weekday[:3]} {month[:3]} {local.day}" if american else f"{weekday[:3]} {local.day} {month[:3]}"


def full(local: datetime, *, american: bool, zone: str = "") -> str:
    """ "Tuesday 24 November at 3pm"; `zone` is added where the lead's own is not known."""
    weekday, month = _names(local)
    date = f"{weekday}, {month} {local.day}" if american else f"{weekday} {local.day} {month}"
    return f"{date} at {clock(local)}{f' {zone}' if zone else ''}"


def _names(local: datetime) -> tuple[str, str]:
    # Not strftime: its names follow the locale of the process.
    return WEEKDAYS[local.weekday()].capitalize(), MONTHS[local.month - 1].capitalize()


def listed(times: Sequence[datetime], *, american: bool, zone: str = "") -> str:
    """Times in words, in their order, hours of one day together: "Tue 24 Nov at 10am or 2pm, or Wed 25 Nov at 4pm"."""
    days: list[tuple[str, list[str]]] = []
    for local in times:
        label = day(local, american=american)
        if not days or days[-1][0] != label:
            days.append((label, []))
        days[-1][1].append(clock(local) + (f" {zone}" if zone else ""))
    grouped = [f"{label} at {_either(hours)}" for label, hours in days]
    if len(grouped) == 1:
        return grouped[0]
    deep = any(len(hours) > 1 for _, hours in days)
    return ", ".join(grouped[:-1]) + (", or " if deep else " or ") + grouped[-1]


def _either(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " or " + items[-1]
