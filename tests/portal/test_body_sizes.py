"""Every page that takes a file says how large its body may be."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from portal.web import request_bodies


def views(
    patterns: list[URLPattern | URLResolver], space: str = ""
) -> Iterator[tuple[str, Callable[..., Any]]]:
    """(name with its namespace, function) of every address."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from views(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or ''}", pattern.callback


def source_of(view: Callable[..., Any]) -> str:
    """The text of a view of ours; of the framework's (the admin's lists) nothing."""
    view = inspect.unwrap(view)
    while isinstance(view, functools.partial):
        view = inspect.unwrap(view.func)
    is_ours = inspect.getmodule(view).__name__.startswith(("apps.", "portal."))
    return inspect.getsource(view) if is_ours else ""


def test_every_view_that_reads_a_file_has_a_size_of_its_own():
    taking = {
        name
        for name, view in views(get_resolver().url_patterns)
        if "request.FILES" in source_of(view)
    }
    assert {"commandcentre:upload-new", "indicators:upload", "pockets:edition-upload"} <= taking
    assert len(taking) >= 10
    assert taking - set(request_bodies.LONGEST) == set()
