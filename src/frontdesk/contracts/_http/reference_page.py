"""A contract's document as one page for people: plain HTML and CSS, without a script and nothing from elsewhere."""

import json
from html import escape
from typing import Any, cast

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2563eb; }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 19rem 1fr }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line) }
nav a { display: block; padding: .1rem 0; color: inherit; text-decoration: none; font-size: .85rem }
nav a:hover, nav a:focus { color: var(--accent); text-decoration: underline }
main { padding: 1.5rem 2rem; max-width: 60rem; min-width: 0 }
h2 { margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line) }
article { margin: 1.5rem 0; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .5rem }
article h3 { margin: 0; font-size: 1rem } code, pre { font: 13px/1.45 ui-monospace, monospace }
pre { overflow: auto; padding: .7rem; background: var(--soft); border-radius: .4rem }
.method { display: inline-block; min-width: 3.6rem; font-weight: 700; color: var(--accent) }
.tag { font-size: .75rem; padding: .05rem .4rem; border: 1px solid var(--line); border-radius: 1rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .2rem .6rem .2rem 0; vertical-align: top }
@media (max-width: 50rem) { body { display: block } nav { position: static; height: auto; border: 0 } }
"""
_METHODS = ("get", "post", "put", "patch", "delete")


def page(document: dict[str, Any]) -> str:
    """The whole page."""
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if operation := item.get(method):
                tag = "Extensions" if operation.get("x-extension") else (operation.get("tags") or ["Other"])[0]
                groups.setdefault(tag, []).append((method, path, operation))
    info, server = document["info"], document["servers"][0]["url"]
    links = "".join(
        f"<strong>{escape(tag)}</strong>" + "".join(_link(*each) for each in found) for tag, found in groups.items()
    )
    sections = "".join(
        f"<h2>{escape(tag)}</h2>" + "".join(_operation(document, *each) for each in found)
        for tag, found in groups.items()
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><nav aria-label=Operations>{links}</nav><main>"
        f"<h1>{escape(info['title'])} <small>{escape(str(info['version']))}</small></h1>"
        f"<p>{escape(info.get('description', ''))}</p>"
        f'<p>Base URL: <code>{escape(server)}</code>. For programs: <a href="{escape(server.rstrip("/"))}'
        f'/docs/openapi.json">openapi.json</a>.</p>{sections}</main></body></html>'
    )


def _anchor(method: str, path: str) -> str:
    return escape(f"{method}-{path}".replace("/", "-").replace("{", "").replace("}", ""))


def _link(method: str, path: str, operation: dict[str, Any]) -> str:
    title = operation.get("summary") or path
    return f'<a href="#{_anchor(method, path)}">{escape(title)}</a>'


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    limit: dict[str, Any] = operation.get("x-rate-limit") or {}
    tags: list[str | None] = [operation.get("x-auth"), limit.get("class")]
    tags += ["extension"] if operation.get("x-extension") else []
    tags += ["not served yet"] if operation.get("x-not-served-yet") else []
    parts = [
        f'<article id="{_anchor(method, path)}"><h3><span class="method">{method.upper()}</span> '
        f"<code>{escape(path)}</code>{''.join(f' <span class=tag>{escape(t)}</span>' for t in tags if t)}</h3>",
        f"<p>{escape(operation.get('summary') or '')}</p>",
        f"<p>{escape(operation['description'])}</p>" if operation.get("description") else "",
    ]
    if parameters := operation.get("parameters"):
        rows = "".join(_parameter(document, each) for each in parameters)
        parts.append(f"<table><tr><th>Parameter<th>In<th>Type</tr>{rows}</table>")
    request: dict[str, Any] = operation.get("requestBody") or {}
    for media_type, body in cast(dict[str, Any], request.get("content", {})).items():
        parts.append(f"<p>Body, <code>{escape(media_type)}</code></p>{_sketch(document, body.get('schema'))}")
    for status, response in operation["responses"].items():
        response = _resolved(document, response)
        parts.append(f"<p><strong>{escape(status)}</strong> {escape(response.get('description', ''))}</p>")
        if status.startswith("2"):
            bodies: dict[str, Any] = response.get("content") or {}
            parts += [_sketch(document, body.get("schema")) for body in bodies.values()]
    return "".join(parts) + "</article>"


def _parameter(document: dict[str, Any], parameter: dict[str, Any]) -> str:
    parameter = _resolved(document, parameter)
    required = " (required)" if parameter.get("required") else ""
    kind = json.dumps(_shape(document, parameter.get("schema"), 0))
    return f"<tr><td><code>{escape(parameter['name'])}</code>{required}<td>{parameter['in']}<td>{escape(kind)}</tr>"


def _sketch(document: dict[str, Any], schema: dict[str, Any] | None) -> str:
    return (
        f"<pre>{escape(json.dumps(_shape(document, schema, 0), indent=2, ensure_ascii=False))}</pre>" if schema else ""
    )


def _resolved(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _shape(document: dict[str, Any], schema: dict[str, Any] | None, depth: int) -> Any:
    """A schema as an example of itself: names with the words for their types, `?` after those that may be left out."""
    schema = _resolved(document, schema or {})
    if depth > 6:
        return "…"
    if parts := schema.get("allOf"):
        merged: dict[str, Any] = {}
        for part in parts:
            merged |= _shape(document, part, depth)
        return merged
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return " | ".join(json.dumps(_shape(document, each, depth + 1)).strip('"') for each in schema[choice])
    if properties := schema.get("properties"):
        needed = schema.get("required", [])
        return {
            name + ("" if name in needed else "?"): _shape(document, each, depth + 1)
            for name, each in properties.items()
        }
    if "items" in schema:
        return [_shape(document, schema["items"], depth + 1)]
    if "const" in schema:
        return schema["const"]
    if known := schema.get("enum") or schema.get("x-extensible-enum"):
        return " | ".join(map(str, known))
    kinds = schema.get("type", "any")
    word = " | ".join(cast(list[str], kinds)) if isinstance(kinds, list) else str(kinds)
    return f"{word} ({schema['format']})" if "format" in schema else word
