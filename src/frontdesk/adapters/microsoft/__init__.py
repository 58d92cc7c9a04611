"""Microsoft: consent, and calendars by way of Graph."""

from frontdesk.adapters.microsoft.calendar import OutlookCalendar, microsoft_consent

__all__ = ["OutlookCalendar", "microsoft_consent"]
