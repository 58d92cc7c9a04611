"""What can stop somebody before a page is reached."""

from frontdesk.kernel.errors import Forbidden, Unauthenticated


class SignInFirst(Unauthenticated):
    """Nobody is signed in. `wanted` is where they were going, as a path."""

    def __init__(self, wanted: str) -> None:
        super().__init__("Sign in first.")
        self.wanted = wanted


class CrossSite(Forbidden):
    """A form that did not come from our own page, or from one that is too old."""

    code = "CROSS_SITE"

    def __init__(self) -> None:
        super().__init__("This form is too old, or did not come from here. Reload the page and try again.")
