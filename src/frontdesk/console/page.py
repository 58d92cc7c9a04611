"""Rendering: templates with the frame around them, notices that survive a redirect, and going somewhere else."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect
from markupsafe import Markup

from frontdesk.console.door import csrf_token
from frontdesk.console.state import house_of
from frontdesk.console.views.frame import NAVIGATION, Frame
from frontdesk.console.views.words import FILTERS
from frontdesk.kernel.access import Actor
from frontdesk.platform.database import Work

Page = Response[str]
_FLASH, THEME = "fd_flash", "fd_theme"
_HERE = Path(__file__).parent

templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.filters.update(FILTERS)


@lru_cache
def asset(path: str) -> str:
    """The address of a static file, with its content's mark, so that it can be cached for good."""
    file = _HERE / "static" / path
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"
    return f"/console/static/{path}?v={mark}"


def icon(name: str) -> Markup:
    """An icon of the sprite, for decoration: it says nothing to a screen reader."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
        asset("icons.svg"), name
    )


def has_asset(path: str) -> bool:
    """Whether a file that comes from elsewhere was fetched."""
    return (_HERE / "static" / path).is_file()


templates.globals.update(asset=asset, icon=icon, has_asset=has_asset)


async def render(
    request: Request[Any, Any, Any], template: str, work: Work | None = None, *, status: int = 200, **view: Any
) -> Page:
    """The page of `template` with `view`. Signed-in pages pass their `work`, from which the frame is filled.

    In templates: `frame` (who is signed in, navigation, theme), `csrf` (the hidden field), `notices`, `now`, and all of
    `view`. A request by htmx for part of a page gets the whole; htmx selects from it.
    """
    notices = _notices(request)
    actor: Actor | None = request.scope["state"].get("actor")
    token = csrf_token(request)
    frame = await Frame.of(request, actor, work) if actor is not None and work is not None else None
    zone = frame.zone if frame is not None else ZoneInfo("UTC")
    now = house_of(request).context.works.clock.now()
    html = templates.get_template(template).render(
        **view,
        frame=frame,
        navigation=NAVIGATION,
        notices=notices,
        theme=theme_of(request),
        path=request.url.path,
        csrf=Markup('<input type="hidden" name="csrf_token" value="{}">').format(token),
        csrf_token=token,
        zone=zone,
        now=now,
        may=(
            lambda permission: actor is not None and actor.permissions is not None and permission in actor.permissions
        ),
    )
    headers = {"Cache-Control": "no-store"}
    response: Page = Response(html, status_code=status, media_type="text/html", headers=headers)
    if notices:
        response.delete_cookie(_FLASH, path="/console")
    return response


def theme_of(request: Request[Any, Any, Any]) -> str:
    """light, dark, or the empty string for the system's."""
    theme = request.cookies.get(THEME, "")
    return theme if theme in ("light", "dark") else ""


def go(request: Request[Any, Any, Any], to: str, good: str = "", bad: str = "", undo: str = "") -> Response[Any]:
    """On to another page (303), with a notice there. `undo` is a path that a button in the notice posts to."""
    response = Redirect(to, status_code=303)
    if good or bad:
        text = json.dumps({"good": good, "bad": bad, "undo": undo})
        secure = house_of(request).settings.public_url.startswith("https:")
        response.set_cookie(
            Cookie(
                _FLASH, base64.urlsafe_b64encode(text.encode()).decode(), path="/console", max_age=60, httponly=True,
                samesite="lax", secure=secure,
            )
        )  # fmt: skip
    return response


def _notices(request: Request[Any, Any, Any]) -> list[dict[str, str]]:
    kept = request.cookies.get(_FLASH)
    if not kept:
        return []
    try:
        notice = json.loads(base64.urlsafe_b64decode(kept))
        return [{key: str(notice.get(key, "")) for key in ("good", "bad", "undo")}]
    except (ValueError, AttributeError):
        return []


def local_time(at: datetime, zone: ZoneInfo) -> datetime:
    """`at` as the clock in `zone` shows it."""
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(zone)
