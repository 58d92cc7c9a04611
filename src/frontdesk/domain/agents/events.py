"""Facts about knowledge."""

from frontdesk.platform.events import Fact, fact


@fact("knowledge.read", "knowledge_file")
class DocumentRead(Fact, frozen=True):
    """A document was read, or could not be; `status` says which."""

    status: str
    passages: int
