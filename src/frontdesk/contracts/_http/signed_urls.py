"""URLs that carry their own proof: for downloads that a browser opens without a header, until they expire."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from frontdesk.kernel.errors import Unauthenticated
from frontdesk.kernel.ids import parse_id

_PURPOSE = b"frontdesk signed urls 1"


class SignedUrls:
    """Signs and checks paths for one organisation. The key is derived, so that a signature here is one nowhere else."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)

    def sign(self, path: str, org_id: UUID, now: datetime, lasting: timedelta) -> str:
        """The query, with its question mark, that opens `path` for `org_id`. It stays the same for an hour or so, that
        caches may work, and lasts at least `lasting`."""
        expires = (int((now + lasting).timestamp()) // 3600 + 1) * 3600
        signature = self._signature(path, org_id, expires)
        return "?" + urlencode({"org": str(org_id), "expires": expires, "signature": signature})

    def check(self, path: str, query: Mapping[str, str], now: datetime) -> UUID:
        """The organisation that `query` opens `path` for. Raises Unauthenticated."""
        org_id, expires = parse_id(query.get("org", "")), query.get("expires", "")
        if org_id is None or not (expires.isascii() and expires.isdigit() and len(expires) < 12):
            raise Unauthenticated("The address is not complete.")
        given = query.get("signature", "").lower().encode()
        if not hmac.compare_digest(self._signature(path, org_id, int(expires)).encode(), given):
            raise Unauthenticated("The address is not genuine.")
        if int(expires) < now.timestamp():
            raise Unauthenticated("The address has expired.")
        return org_id

    def _signature(self, path: str, org_id: UUID, expires: int) -> str:
        told = f"{path}\n{org_id}\n{expires}".encode()
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()
