"""What a browser would send of a form, and where the links of a page lead."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qs


class _Form(HTMLParser):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.is_inside = name, False
        self.fields: dict[str, str] = {}
        self.select = ""

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.is_inside = given.get("id") == self.name
        if not self.is_inside:
            return
        if tag == "input" and given.get("name"):
            self.fields[given["name"]] = given.get("value") or ""
        elif tag == "select":
            self.select = given["name"]
        elif tag == "option" and ("selected" in given or self.select not in self.fields):
            self.fields[self.select] = given.get("value") or ""

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_inside = False


def unchanged(html: str, form: str = "theme-controls") -> dict[str, str]:
    """What a form of a page sends when nobody touched it."""
    reader = _Form(form)
    reader.feed(html)
    return reader.fields


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        address = dict(attrs).get("href") or ""
        if tag == "a" and address.startswith("?"):
            self.found.append(address[1:])


def links(html: str) -> list[dict[str, str]]:
    """The parameters of each link of a page that leads to the page itself."""
    reader = _Links()
    reader.feed(html)
    return [parameters(one) for one in reader.found]


def parameters(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
