"""Twilio as a carrier of texts. Its codes and statuses: ports/carrier_codes.py."""

from frontdesk.adapters.twilio.account import Credentials, TwilioAccount
from frontdesk.adapters.twilio.api import Line
from frontdesk.adapters.twilio.vendor import TwilioVendor

__all__ = ["Credentials", "Line", "TwilioAccount", "TwilioVendor"]
