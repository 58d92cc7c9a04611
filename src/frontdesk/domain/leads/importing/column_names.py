"""What columns are called in the exports of CRMs, forms and people's own sheets, in English, field by field.

Only names are weighed here; mapping.py weighs them together with what stands in the columns.
"""

import re
from enum import StrEnum
from functools import lru_cache


class Field(StrEnum):
    """What of a lead a column may hold."""

    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    PHONE_NUMBER = "phone_number"
    EMAIL = "email"
    POSTCODE = "postcode"
    INQUIRY_DATE = "inquiry_date"
    NOTES = "notes"
    COMPANY = "company"
    JOB_TITLE = "job_title"
    SERVICE_INTEREST = "service_interest"
    SOURCE = "source"


def weigh_name(field: Field, column: str) -> int:
    """0 to 100: how much a column's name says that it holds `field`; -1 where it says that it does not."""
    return _weigh(field, column)


def holds_whole_names(column: str) -> bool:
    """Whether a column of this name holds first and last names together: "Name", "Contact name", "Full Name"."""
    parts = max(weigh_name(Field.FIRST_NAME, column), weigh_name(Field.LAST_NAME, column))
    return weigh_name(Field.FULL_NAME, column) > parts


_ENQUIRY = "(?:in|en)quir(?:y|ies|ed)"
_SOMEONE_ELSE = "company|business|owner|user|agent|spouse|partner|father|mother|emergency"
_NOT_HERE = 0
# Read from above, the first that fits gives the weight. A pattern fits some words of a name, or with `=` all of them.
_NAMES: dict[Field, list[tuple[int, str]]] = {
    Field.PHONE_NUMBER: [
        (
            _NOT_HERE,
            "type|status|fax|ext|extension|country|code|owner|valid|verified|opt|consent|label|carrier|dnc|do not",
        ),
        (35, "other|second(?:ary)?|alt(?:ernat\\w*)?|additional|assistant|emergency|next of kin|2|3"),
        (100, "mobile|mob|cell|cell ?phone|cellular|whatsapp|sms|handy|handy ?nummer|mobil|mobil(?:nummer|telefon)"),
        (60, "(?:work|office|business|company|landline|daytime|evening|switchboard).*(?:phone|tel|telephone|number)"),
        (60, "(?:phone|tel|telephone|number).*(?:work|office|business|company|landline|daytime|evening)"),
        (70, "home.*(?:phone|tel|telephone)|(?:phone|tel|telephone).*home|landline"),
        (90, "telefon|telefonnummer|rufnummer|tel ?nr"),
        (90, "phones?|phone ?number|telephone|tel|tel ?no|msisdn|contact (?:number|no)|calling number"),
        (40, "=number|no|contact"),
    ],
    Field.EMAIL: [
        (_NOT_HERE, "opt\\w*|status|valid|verified|bounce\\w*|sent|open\\w*|click\\w*|domain|owner|count|date|consent"),
        (_NOT_HERE, "last|list|type|unsub\\w*|marketing"),
        (60, "(?:other|second(?:ary)?|work|alt\\w*|additional|2|3).*e ?mail|e ?mail.*(?:2|3|work|other)"),
        (100, "=e ?mail|e ?mail ?address|e ?mail id|mail"),
        (85, "e ?mail|e ?mail ?address"),
    ],
    Field.FIRST_NAME: [
        (_NOT_HERE, _SOMEONE_ELSE),
        (100, "first ?name|given ?name|fore ?name|fname|christian name|name first|prenom|vorname"),
        (100, "=first|given|forename"),
        (55, "preferred name|known as|nick ?name|greeting name|salutation name"),
    ],
    Field.LAST_NAME: [
        (_NOT_HERE, _SOMEONE_ELSE),
        (100, "last ?name|sur ?name|family ?name|lname|second name|name last|nachname|familienname"),
        (100, "=last|family|surname"),
    ],
    Field.FULL_NAME: [
        (
            _NOT_HERE,
            "company|account|business|user|owner|agent|campaign|form|ad|ad ?set|file|list|event|product|school",
        ),
        (
            _NOT_HERE,
            "deal|pipeline|opportunity|first|last|middle|organi[sz]ation|stage|domain|tag|nick ?name|street|city",
        ),
        (_NOT_HERE, "brand|org|rep|family|given|sur ?name|project|property|source"),
        (100, "full ?name|name full"),
        (100, "=names?|contact name|customer name|client name|display name"),
        (80, "(?:lead|person|patient|customer|client|prospect|applicant|member|your) name"),
        (55, "=contact|customer|client|person|lead|patient|prospect|applicant|contact person"),
    ],
    Field.POSTCODE: [
        (100, "post ?code|postal ?code|zip ?code|zip|pcode|plz|postleitzahl"),
        (80, "=postal"),
    ],
    Field.INQUIRY_DATE: [
        (
            _NOT_HERE,
            "modif\\w*|updat\\w*|birth\\w*|dob|last|next|clos\\w*|expect\\w*|due|appointment|renew\\w*|expir\\w*",
        ),
        (_NOT_HERE, "contacted|booked|start|end|by|anniversary|sold|completed?|user|won|lost|zone"),
        (100, f"{_ENQUIRY} (?:date|time|on|at|received|submitted)|date of {_ENQUIRY}|date {_ENQUIRY}|lead date"),
        (90, "created?|creation|create ?date|created ?at|added?|submitted|submission|timestamp|received|entry date"),
        (90, "sign ?up|signed up|regist\\w*|date entered|first seen|requested|request date|date of request|opt in"),
        (70, f"={_ENQUIRY}"),
        (90, "anfrage ?datum|erstellt(?: am)?|eingegangen(?: am)?"),
        (50, "date|datetime|time|datum"),
    ],
    Field.NOTES: [
        (_NOT_HERE, "count|number of|date|modified|owner"),
        (95, "=notes?|comments?|lead notes?|customer notes?|contact notes?|internal notes?"),
        (95, "=notiz(?:en)?|bemerkung(?:en)?|kommentare?|anmerkung(?:en)?"),
        (85, "notes?|comments?|remarks?|message|memo|additional info\\w*|how can we help"),
        (70, "description|details|query|questions?|background"),
        (60, f"={_ENQUIRY}"),
    ],
    Field.COMPANY: [
        (_NOT_HERE, "phone|tel|email|e mail|owner|domain|size|website|url|type|industry|country|number|address|city"),
        (_NOT_HERE, "status|stage|revenue|employees|manager|balance|created?|date|mobile|post ?code|zip"),
        (100, "company|company ?name|organi[sz]ation|business name|org name|firma|unternehmen"),
        (80, "=business|account|account name|employer|firm|trading name|workplace"),
    ],
    Field.JOB_TITLE: [
        (_NOT_HERE, "status|date|type|number|interest"),
        (100, "job ?title|occupation|designation|job role|profession"),
        (90, "=job|position|role"),
        (60, "=title"),
    ],
    Field.SERVICE_INTEREST: [
        (_NOT_HERE, "date|score|count|status|rate|owner|email|price|code|level"),
        (100, "service ?interest|services? (?:interested in|required|needed|requested|of interest)|interested in"),
        (95, "(?:product|treatment|course|procedure|program(?:me)?) interest"),
        (95, "=services?|service type|interests?"),
        (85, f"{_ENQUIRY} (?:type|about|regarding)|type of (?:work|service|treatment|project|{_ENQUIRY})"),
        (80, "(?:project|job|work) type|(?:what|which) (?:service|treatment|product)|looking for"),
        (75, "=products?|treatments?|procedures?|course|package"),
        (70, "reason for (?:contact|call|visit)"),
    ],
    Field.SOURCE: [
        (_NOT_HERE, "url|drill|date|data|count|medium|record|term|content|status"),
        (100, "lead ?source|original (?:traffic )?source|referral source|contact source|marketing source"),
        (100, "=source|quelle"),
        (85, "how did you (?:hear|find)|where did you hear|acquisition channel|source"),
        (60, "=channel|referrer|referred by|origin|platform"),
        (40, "=campaign|campaign name|utm campaign|form|form name"),
    ],
}
_WHOSE = re.compile(
    r"(?:contacts?|leads?|customers?|clients?|persons?|people|patient|prospect|applicant|your|billing|mailing|primary|main"
    r"|properties|deal|home address|address|custom)\s+(?=\S)"
)
_IDENTIFIER = re.compile(r"(?!e ?mail id$)(?:.*\s)?(?:u?u?ids?|guid|hash|flag)|.*\b(?:record|owner) id\b.*")


def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern.startswith("="):
        return re.compile(rf"(?:{pattern[1:]})(?: 1)?")
    return re.compile(rf"(?:.*\s)?(?:{pattern})(?:\s.*)?")


_RULES = {field: [(weight, _compiled(pattern)) for weight, pattern in rules] for field, rules in _NAMES.items()}


@lru_cache(1 << 12)
def _weigh(field: Field, column: str) -> int:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column[:100])
    name = " ".join(re.sub(r"\W+|_", " ", name).lower().split())
    if _IDENTIFIER.fullmatch(name):
        return -1
    best = 0
    while True:
        weight = next((weight for weight, pattern in _RULES[field] if pattern.fullmatch(name)), None)
        if weight == _NOT_HERE:
            return -1
        best = max(best, weight or 0)
        without = _WHOSE.match(name)  # "Person - Phone - Mobile" of Pipedrive is a phone, mobile
        if without is None:
            return best
        name = name[without.end() :]
