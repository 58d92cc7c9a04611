"""Outbound webhooks: telling other programs what happens here, signed, at least once."""
