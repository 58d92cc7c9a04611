"""Google: consent, and its calendars."""

from frontdesk.adapters.google.calendar import GoogleCalendar, google_consent

__all__ = ["GoogleCalendar", "google_consent"]
