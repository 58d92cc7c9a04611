"""What all contracts share of HTTP: dispatch, errors, bodies, credentials, limits, paging, idempotency, signed URLs.

Nothing here knows a feature or a contract by name; what differs between contracts is in their dialects and routes.
"""
