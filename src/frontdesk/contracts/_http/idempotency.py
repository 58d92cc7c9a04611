"""Idempotency-Key on POST, over HTTP: what makes requests the same, and which answers are kept.

Answers that another try might change (401, 429, 5xx) are not kept: the claim is given back.
"""

import hashlib
from typing import Any, cast

from litestar import Request

from frontdesk.contracts._http.passage import Connection, Passage, passage_of
from frontdesk.contracts._http.serving import Serving
from frontdesk.kernel.access import Actor
from frontdesk.kernel.errors import Invalid
from frontdesk.platform import idempotency
from frontdesk.platform.context import Context
from frontdesk.platform.crypto import KeyedHash
from frontdesk.platform.database import Visit
from frontdesk.platform.idempotency import Claim, StoredAnswer

LONGEST_KEY = 255
KEPT_HEADERS = frozenset({"content-type", "location"})


class AnswerKnown(Exception):
    """The request was answered before; `answer` is what it got."""

    def __init__(self, answer: StoredAnswer) -> None:
        super().__init__("answered before")
        self.answer = answer


async def claim(
    connection: Connection, serving: Serving, visit: Visit, actor: Actor, key: str, *, atomic: bool
) -> None:
    """Claim the key for this request. Raises AnswerKnown, RequestUnderWay, KeyReused, AnswerLost or Invalid."""
    if actor.org_id is None:
        return  # such a caller can do nothing yet
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Invalid(f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters.", field="Idempotency-Key")
    asked: Any = connection.scope
    wanted = Claim(actor.org_id, f"{actor.type}:{actor.id} {asked['method']} {asked['path']}", key)
    told = await _told(cast(Request[Any, Any, Any], connection))
    digest = KeyedHash(serving.secrets.consent_key).of("idempotency", told)
    if (answer := await idempotency.claim(visit, wanted, digest, serving.context.vault, atomic=atomic)) is not None:
        raise AnswerKnown(answer)
    passage_of(connection).claim = wanted


async def _told(request: Request[Any, Any, Any]) -> bytes:
    """What makes requests the same. Uploads are told apart by their key alone: their bodies differ at every try by the
    boundary, and are not held in memory."""
    told = hashlib.sha256(request.scope.get("query_string", b""))
    if request.content_type[0] != "multipart/form-data":
        told.update(b"\n" + await request.body())
    return told.digest()


def kept_part(answer: StoredAnswer) -> StoredAnswer:
    """The answer with those headers only that belong to it, and not to the request that got it."""
    headers = [(name, value) for name, value in answer.headers if name.lower() in KEPT_HEADERS]
    return StoredAnswer(answer.status, headers, answer.body)


async def settle(context: Context, passage: Passage, answer: StoredAnswer) -> None:
    """Store the answer of a handler that had no transaction for it, or give the claim back."""
    held, actor = passage.claim, passage.actor
    passage.claim = None
    if held is None or actor is None:
        return
    async with context.works.read(actor) as work:
        if answer.status in (401, 429) or answer.status >= 500:
            await idempotency.give_back(work, held)
        else:
            await idempotency.keep(work, held, kept_part(answer), context.vault)
