"""What the pages of leads and imports call things, beside the words that all pages share (`words`). No layout."""

from frontdesk.domain.leads.model import ContactStatus, Sentiment
from frontdesk.domain.leads.service.imports import Field

SETTABLE_STATUSES = [status for status in ContactStatus if status is not ContactStatus.OPTED_OUT]
"""What a person may choose: opting out is an act of its own."""

SENTIMENT_WORDS: dict[Sentiment, tuple[str, str]] = {
    Sentiment.HOT: ("Very keen", "hot"),
    Sentiment.POSITIVE: ("Positive", "good"),
    Sentiment.NEUTRAL: ("Neutral", ""),
    Sentiment.NEGATIVE: ("Negative", "bad"),
    Sentiment.UNCLEAR: ("Unclear", "note"),
}
"""A word and a tone for the mood of a lead's words."""

MOODS = [(mood.value, word) for mood, (word, _) in SENTIMENT_WORDS.items()]
"""Moods as people are offered them."""

FIELD_WORDS: dict[Field, str] = {
    Field.PHONE_NUMBER: "Phone number",
    Field.FIRST_NAME: "First name",
    Field.LAST_NAME: "Last name",
    Field.FULL_NAME: "Full name",
    Field.EMAIL: "E-mail",
    Field.POSTCODE: "Postcode",
    Field.INQUIRY_DATE: "Date of enquiry",
    Field.SERVICE_INTEREST: "What they asked about",
    Field.COMPANY: "Company",
    Field.JOB_TITLE: "Job title",
    Field.SOURCE: "Where they came from",
    Field.NOTES: "Notes",
}
"""What a column can hold, in the order people are offered it."""

NOTE_WORDS: dict[str, tuple[str, str]] = {
    "refused": ("Refused", "bad"),
    "duplicate": ("Duplicates", "warm"),
    "repaired": ("Repaired", "cold"),
}
"""Kinds of notes on the rows of an import, with their tones."""
