"""What can go wrong with knowledge."""

from frontdesk.kernel.errors import NotFound


class KnowledgeNotFound(NotFound):
    """No such piece of knowledge in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such piece of knowledge.")


class KnowledgeFileNotFound(NotFound):
    """No such document in the organisation."""

    def __init__(self) -> None:
        super().__init__("There is no such document.")
