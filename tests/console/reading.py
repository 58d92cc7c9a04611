"""Reading pages as a person does: what stands in a form, and what is said beside a field."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx


def form_at(answer: httpx.Response, action: str) -> dict[str, Any]:
    """The fields of the form that posts to `action`, as they are filled in. Raises AssertionError without one."""
    reader = _Forms()
    reader.feed(answer.text)
    found = [fields for to, fields in reader.forms if to == action]
    assert found, f"no form posts to {action}; there are {[to for to, _ in reader.forms]}"
    return {name: value for name, value in found[0].items() if name != "csrf_token"}


def forms_of(answer: httpx.Response) -> list[str]:
    """Where the forms of a page post to."""
    reader = _Forms()
    reader.feed(answer.text)
    return [to for to, _ in reader.forms]


def links_of(answer: httpx.Response) -> set[str]:
    """Where the links of a page lead."""
    return {unescape(href) for href in re.findall(r'<a [^>]*?href="([^"]*)"', answer.text)}


def error_of(answer: httpx.Response, field: str) -> str:
    """What is said beside a field that is wrong. Raises AssertionError unless it is marked, and described by that."""
    found = re.search(rf'<(?:input|select|textarea)[^>]*name="{field}"[^>]*>', answer.text)
    assert found, f"there is no field {field}"
    assert 'aria-invalid="true"' in found[0], f"{field} is not marked as wrong"
    described = re.search(r'aria-describedby="([^"]+)"', found[0])
    assert described, f"{field} is not described"
    said = re.search(rf'id="{described[1]}"[^>]*>(.*?)</div>', answer.text, re.DOTALL)
    assert said, f"the description of {field} is missing"
    return unescape(" ".join(re.sub(r"<[^>]+>", "", said[1]).split()))


class _Forms(HTMLParser):
    """Forms with the values that their fields have."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, Any]]] = []
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        elif not self.forms:
            return
        elif tag == "option" and self._select:
            fields = self.forms[-1][1]
            if "selected" in given or self._select not in fields:
                fields[self._select] = given.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self.forms[-1][1][name] = ""
        elif tag == "input" and name:
            self._input(name, given)

    def _input(self, name: str, given: dict[str, str]) -> None:
        fields = self.forms[-1][1]
        if given.get("type") == "checkbox" and "checked" in given:
            fields.setdefault(name, []).append(given.get("value", "on"))
        elif given.get("type") == "radio" and "checked" in given:
            fields[name] = given.get("value", "on")
        elif given.get("type") not in ("checkbox", "radio", "file"):
            fields[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][1][self._area] += data
