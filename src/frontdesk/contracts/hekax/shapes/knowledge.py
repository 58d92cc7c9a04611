"""Documents that the assistant answers from."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from frontdesk.contracts._http.times import Instant, iso
from frontdesk.contracts.hekax.dialect import Shape
from frontdesk.domain.agents.model import Found, KnowledgeFile


class Document(Shape):
    """A document. `status`: WAITING, READING, READY or FAILED, with the `problem` then."""

    id: UUID
    name: str
    kind: str
    size: int
    status: str
    problem: str | None
    passages: int
    created_at: Instant

    @classmethod
    def of(cls, file: KnowledgeFile) -> "Document":
        return cls(
            id=file.id,
            name=file.name,
            kind=file.kind.value,
            size=file.size,
            status=file.status.value.upper(),
            problem=file.problem,
            passages=file.passages,
            created_at=iso(file.created_at),
        )


class OneDocument(Shape):
    """The answer with one."""

    document: Document

    @classmethod
    def of(cls, file: KnowledgeFile) -> "OneDocument":
        return cls(Document.of(file))


class DocumentList(Shape):
    """All of them."""

    documents: list[Document]


class SearchQuery(Shape):
    """The query of a search."""

    q: Annotated[str, Meta(min_length=1, max_length=1000)]
    limit: Annotated[int, Meta(ge=1, le=20)] = 6


class SearchResult(Shape):
    """A fact, or a passage of the document that it names."""

    id: UUID
    title: str
    text: str
    document_id: UUID | None
    document_name: str | None


class SearchResults(Shape):
    """What was found, best first."""

    results: list[SearchResult]

    @classmethod
    def of(cls, found: list[Found]) -> "SearchResults":
        return cls([SearchResult(each.id, each.title, each.body, each.file_id, each.file_name) for each in found])
