"""Rendering: templates with the frame around them, notices that survive a redirect, and going somewhere else."""

import base64
import hashlib
import hmac
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect
from markupsafe import Markup
from msgspec import Struct

from frontdesk.console.door import HOME, csrf_token, here
from frontdesk.console.state import caller_of, house_of
from frontdesk.console.views.frame import Frame, rooms_of
from frontdesk.console.views.words import FILTERS
from frontdesk.kernel.access import Permission
from frontdesk.platform.database import Work

Page = Response[str]
FLASH, THEME = "fd_flash", "fd_theme"
THEMES = ("light", "dark")
STATIC = Path(__file__).parent / "static"


class Notice(Struct, frozen=True):
    """What a page tells about what was just done. `undo` is the path of a button that takes it back."""

    good: str = ""
    bad: str = ""
    undo: str = ""


templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.filters.update(FILTERS)


@cache
def asset(path: str) -> str:
    """The address of a static file, with its content's mark, so that it can be cached for good."""
    file = STATIC / path
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"
    return f"{HOME}/static/{path}?v={mark}"


def icon(name: str) -> Markup:
    """An icon of the sprite, for decoration: it says nothing to a screen reader."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        asset("icons.svg"), name
    )


def has_asset(path: str) -> bool:
    """Whether a file that comes from elsewhere was fetched."""
    return (STATIC / path).is_file()


SHEETS = ("tokens", "base", "controls", "surfaces", "shell", "rooms")
"""The style sheets of every page. Rooms with more of their own link it in their `head`."""

_GLOBALS: dict[str, Any] = {"asset": asset, "icon": icon, "has_asset": has_asset, "sheets": SHEETS}
templates.globals.update(_GLOBALS)


async def render(
    request: Request[Any, Any, Any], template: str, work: Work | None = None, *, status: int = 200, **view: Any
) -> Page:
    """The page of `template` with `view`. Signed-in pages pass their `work`, from which the frame is filled.

    In templates: `frame` (who is signed in, navigation, theme), `csrf` (the hidden field), `notices`, `now`, and all of
    `view`. A request by htmx for part of a page gets the whole; htmx selects from it.
    """
    actor = caller_of(request).actor
    frame = await Frame.of(actor, work) if actor is not None and work is not None else None
    return made(request, template, frame, status=status, **view)


def made(
    request: Request[Any, Any, Any], template: str, frame: Frame | None = None, *, status: int = 200, **view: Any
) -> Page:
    """The same with a frame that is known already, or none."""
    caller, now = caller_of(request), house_of(request).context.works.clock.now()
    permissions = caller.actor.permissions if caller.actor is not None else frozenset[Permission]()

    # A part that htmx asks for leaves the notice to the page that the person opens next.
    def may(permission: str) -> bool:
        return permission in permissions

    notice = None if request.headers.get("hx-request") else _notice(request)
    token = csrf_token(request)
    html = templates.get_template(template).render(
        **view,
        frame=frame,
        navigation=rooms_of(permissions),
        notices=[notice] if notice else [],
        theme=theme_of(request),
        path=here(request),
        csrf=Markup('<input type="hidden" name="csrf_token" value="{}">').format(token),
        csrf_token=token,
        zone=frame.zone if frame is not None else ZoneInfo("UTC"),
        now=now,
        may=may,
    )
    response: Page = Response(
        html, status_code=status, media_type="text/html", headers={"Cache-Control": "no-store", "Vary": "HX-Request"}
    )
    if notice:
        response.delete_cookie(FLASH, path=HOME)
    return response


def theme_of(request: Request[Any, Any, Any]) -> str:
    """light, dark, or the empty string for the system's."""
    theme = request.cookies.get(THEME, "")
    return theme if theme in THEMES else ""


def go(request: Request[Any, Any, Any], to: str, good: str = "", bad: str = "", undo: str = "") -> Response[Any]:
    """On to another page (303), with a notice there. `undo` is a path that a button in the notice posts to."""
    if request.headers.get("hx-request"):  # a redirect would be followed within the part that is being swapped
        response: Response[Any] = Response("", status_code=200, media_type="text/html", headers={"HX-Redirect": to})
    else:
        response = Redirect(to, status_code=303)
    if good or bad:
        text = base64.urlsafe_b64encode(msgspec.json.encode(Notice(good, bad, undo))).decode()
        response.set_cookie(
            Cookie(
                key=FLASH, value=f"{text}.{_seal(request, text)}", path=HOME, max_age=60, httponly=True, samesite="lax",
                secure=house_of(request).secure,
            )
        )  # fmt: skip
    return response


def _notice(request: Request[Any, Any, Any]) -> Notice | None:
    text, _, seal = request.cookies.get(FLASH, "").partition(".")
    # Sealed, for the undo of a forged one would post to any path.
    if not text or not hmac.compare_digest(seal.encode(), _seal(request, text).encode()):
        return None
    return msgspec.json.decode(base64.urlsafe_b64decode(text), type=Notice)


def _seal(request: Request[Any, Any, Any], text: str) -> str:
    key = house_of(request).secrets.jwt_secret.encode()
    return hmac.new(key, f"console notice {text}".encode(), hashlib.sha256).hexdigest()[:32]
