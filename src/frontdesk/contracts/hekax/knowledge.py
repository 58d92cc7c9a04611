"""Documents that the assistant answers from: what the HEKAX document leaves out and its users need."""

from typing import Any

from litestar import Request, delete, get, post

from frontdesk.contracts._http.forms import upload_of
from frontdesk.contracts._http.given import FromPath, Given
from frontdesk.contracts._http.ids import path_id
from frontdesk.contracts._http.query import wanted as wanted_of
from frontdesk.contracts.hekax.shapes.knowledge import (
    Document,
    DocumentList,
    OneDocument,
    SearchQuery,
    SearchResults,
)
from frontdesk.contracts.hekax.shapes.team import Removed
from frontdesk.domain.agents import service as agents
from frontdesk.domain.agents.errors import KnowledgeFileNotFound
from frontdesk.domain.agents.service import files
from frontdesk.kernel.access import Actor
from frontdesk.platform.context import Context
from frontdesk.platform.database import Work


@post("/api/knowledge", operation_id="upload_knowledge", status_code=201, upload=True, extension=True)
async def upload_knowledge(
    context: Given[Context], actor: Given[Actor], request: Request[Any, Any, Any]
) -> OneDocument:
    """Take a document (txt, md, pdf, docx or csv, 10 MB at most) as the multipart field `file`. It is read in the
    background: `status` says how far."""
    sent = await upload_of(request)
    return OneDocument.of(await files.upload(context, actor, sent.file.filename, sent.chunks()))


@get("/api/knowledge", operation_id="list_knowledge", extension=True)
async def list_knowledge(work: Given[Work]) -> DocumentList:
    """All documents, by name."""
    return DocumentList([Document.of(each) for each in await files.list_files(work)])


@get(
    "/api/knowledge/search",
    operation_id="search_knowledge",
    dependencies=wanted_of(SearchQuery),
    query_shape=SearchQuery,
    extension=True,
)
async def search_knowledge(work: Given[Work], wanted: Given[SearchQuery]) -> SearchResults:
    """What the assistant would find for a question: facts and passages of documents, best first."""
    return SearchResults.of(await agents.find_facts(work, wanted.q, wanted.limit))


@get("/api/knowledge/{file_id:str}", operation_id="get_knowledge", extension=True)
async def get_knowledge(work: Given[Work], file_id: FromPath[str]) -> OneDocument:
    """One document."""
    return OneDocument.of(await files.get(work, path_id(file_id, KnowledgeFileNotFound)))


@delete("/api/knowledge/{file_id:str}", operation_id="delete_knowledge", status_code=200, extension=True)
async def delete_knowledge(work: Given[Work], file_id: FromPath[str]) -> Removed:
    """Take a document away."""
    await files.delete(work, path_id(file_id, KnowledgeFileNotFound))
    return Removed()


ROUTES = [upload_knowledge, list_knowledge, search_knowledge, get_knowledge, delete_knowledge]
