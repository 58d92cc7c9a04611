"""Forms: files that are uploaded, and webhooks that carriers sign."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Request
from litestar.datastructures import UploadFile
from msgspec import Struct

from frontdesk.contracts._http.passage import passage_of
from frontdesk.contracts._http.serving import serving_of
from frontdesk.domain.numbers.service.carriers import signed_by
from frontdesk.kernel.errors import Invalid, Unauthenticated

CHUNK = 256 * 1024
MOST_FIELDS = 200


class Upload(Struct):
    """A file of a multipart form, and the fields beside it. The file lies on disk where it is large."""

    file: UploadFile
    fields: dict[str, str]

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file's bytes."""
        while chunk := await self.file.read(CHUNK):
            yield chunk


async def upload_of(request: Request[Any, Any, Any], name: str = "file") -> Upload:
    """The upload in a request. Raises Invalid when there is none, or two."""
    if request.content_type[0] != "multipart/form-data":
        raise Invalid("An upload is a multipart/form-data body.", field=name)
    form = await request.form()
    files = form.getall(name, [])
    if len(files) != 1 or not isinstance(files[0], UploadFile):
        raise Invalid(f"The form needs one file, named {name}.", field=name)
    fields = {key: value for key, value in form.multi_items() if isinstance(value, str)}
    if any("\0" in value for value in fields.values()):
        raise Invalid("The form has a NUL character.")
    return Upload(files[0], fields)


class CarrierForm(Struct):
    """A form that a carrier posted and signed. `carrier` is the name of the one that did; `org_id` is set where an
    account of one organisation signed it, which speaks for nobody else."""

    carrier: str
    fields: dict[str, str]
    org_id: UUID | None = None

    def needed(self, name: str) -> str:
        """A field that must be there. Raises Invalid."""
        value = self.fields.get(name)
        if value is None:
            raise Invalid(f"{name} is required.", field=name)
        return value


async def carrier_form(request: Request[Any, Any, Any], header: str = "X-Twilio-Signature") -> CarrierForm:
    """The form, once its signature is proved over the address that the carrier was given.

    Each carrier signs with a secret of its own, so the one whose signature it is has sent it. Raises Unauthenticated.
    """
    signature = request.headers.get(header)
    if not signature:
        raise Unauthenticated("The request is not signed.")
    text = (await request.body()).decode("utf-8", "replace")
    try:
        fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Invalid("The form is malformed.") from error
    query = request.scope.get("query_string", b"").decode("latin-1")
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    path = raw.decode("latin-1").partition("?")[0]
    url = passage_of(request).base_url + path + (f"?{query}" if query else "")
    signer = await signed_by(serving_of(request).context, url, fields, signature)
    if signer is None:
        raise Unauthenticated("The signature is not genuine.")
    harmless = {key: value.replace("\0", "") for key, value in fields.items()}
    return CarrierForm(signer.provider, harmless, signer.org_id)
