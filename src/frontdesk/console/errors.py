"""What can stop somebody before a page is reached."""

from collections.abc import Sequence

from frontdesk.kernel.errors import Forbidden, Unauthenticated


class SignInFirst(Unauthenticated):
    """Nobody is signed in. `wanted` is where they were going, as a path; empty where they cannot be taken back."""

    def __init__(self, wanted: str) -> None:
        super().__init__("Sign in first.")
        self.wanted = wanted


class NoOrganization(Forbidden):
    """The person who is signed in belongs to no organisation, or no longer to the one they worked in."""

    code = "NO_ORGANIZATION"

    def __init__(self) -> None:
        super().__init__("You belong to no organisation yet.")


class CrossSite(Forbidden):
    """A form that did not come from our own page, or from one that is too old."""

    code = "CROSS_SITE"

    def __init__(self) -> None:
        super().__init__("This form is too old, or did not come from here. Reload the page and try again.")


class AskFirst(Exception):
    """A form that wants a question answered before it is sent: the browser has not asked it, so a page does.

    `fields` are those of the form, to be sent again with the answer.
    """

    def __init__(self, question: str, verb: str, fields: Sequence[tuple[str, str]]) -> None:
        super().__init__(question)
        self.question, self.verb, self.fields = question, verb, fields
