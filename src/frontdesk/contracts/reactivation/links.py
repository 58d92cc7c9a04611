"""Absolute addresses that stand in answers."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request

from frontdesk.contracts._http.passage import Passage, passage_of
from frontdesk.contracts._http.serving import Serving, serving_of

LASTING = timedelta(hours=24)


class Links:
    """Makes addresses below the base that the caller used. `org_id` is the caller's organisation."""

    def __init__(self, serving: Serving, passage: Passage) -> None:
        self._serving, self._passage = serving, passage

    def upload_file(self, upload_id: UUID) -> str:
        """Where the uploaded file can be had for a day, by whoever holds the address."""
        path = upload_path(upload_id)
        actor = self._passage.actor
        assert actor is not None
        assert actor.org_id is not None
        now = self._serving.context.works.clock.now()
        return self._passage.base_url + path + self._serving.urls.sign(path, actor.org_id, now, LASTING)

    def import_notes(self, import_id: UUID) -> str:
        """Where the refused rows of an import can be had, with a credential."""
        return f"{self._passage.base_url}/api/imports/{import_id}/notes"


def upload_path(upload_id: UUID) -> str:
    """The path that the signature of an upload's address covers."""
    return f"/api/uploads/{upload_id}/file"


def provide_links(request: Request[Any, Any, Any]) -> Links:
    """The links of this request."""
    return Links(serving_of(request), passage_of(request))
