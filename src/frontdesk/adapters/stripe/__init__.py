"""Stripe as a payment provider."""

from frontdesk.adapters.stripe.payments import StripePayments

__all__ = ["StripePayments"]
