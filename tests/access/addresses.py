"""Every address of the portal, read from the URL configuration itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver


class Address(NamedTuple):
    """`name` with its namespace, e.g. `admin:jobs_job_changelist`; `route` as it is written."""

    name: str
    route: str

    def at(self, **values: object) -> str:
        """The path with its parameters filled in."""
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), self.route)
        return "/" + re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda m: str(values[m[1]]), path).rstrip("$")

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"<(?:\w+:)?(\w+)>", self.route)


def addresses() -> list[Address]:
    return sorted(set(_walk(get_resolver().url_patterns, "", "")))


def _walk(patterns: list[URLPattern | URLResolver], prefix: str, space: str) -> Iterator[Address]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, route, inner)
        else:
            yield Address(f"{space}{pattern.name or ''}", route.replace("^", ""))
