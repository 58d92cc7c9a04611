"""Letters the product writes: one plain layout.

What they say is for the features, that they are sent for `platform.outbox`, how mail leaves for `adapters.mail`.
"""

from collections.abc import Sequence
from html import escape
from uuid import UUID

from frontdesk.ports.email import Mail

_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{subject}</title></head>
<body style="margin:0;padding:32px 16px;background:#f5f5f4;font:16px/1.5 system-ui,sans-serif;color:#1c1917">
<div style="max-width:34rem;margin:0 auto;padding:32px;background:#fff;border-radius:12px">
{body}
</div></body></html>
"""
_BUTTON = (
    '<p style="margin:24px 0"><a href="{link}" style="display:inline-block;padding:12px 20px;border-radius:8px;'
    'background:#1d4ed8;color:#fff;text-decoration:none">{label}</a></p>'
)


def letter(
    to: str,
    subject: str,
    paragraphs: Sequence[str],
    *,
    action: tuple[str, str] | None = None,
    closing: str = "",
    org_id: UUID | None = None,
) -> Mail:
    """A mail of plain `paragraphs`, a link as `action` (label, URL) after them, and a `closing` in small print.

    `org_id` is the organisation that the mail concerns, when it is one's own.
    """
    subject = " ".join(subject.split())
    text = list(paragraphs)
    html = [f"<p>{escape(each)}</p>" for each in paragraphs]
    if action:
        label, link = action
        text.append(f"{label}:\n{link}")
        html.append(_BUTTON.format(link=escape(link), label=escape(label)))
    if closing:
        text.append(closing)
        html.append(f'<p style="font-size:14px;color:#57534e">{escape(closing)}</p>')
    return Mail(
        to=to,
        subject=subject,
        text="\n\n".join(text) + "\n",
        html=_HTML.format(subject=escape(subject), body="\n".join(html)),
        org_id=org_id,
    )
