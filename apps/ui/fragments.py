"""Fragments: parts of a page that htmx requests, and how they redirect or reload the whole page.

A view answers a fragment with HTML. JSON is for maps and for the form that works offline.
"""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_htmx.middleware import HtmxDetails

Answer = TypeVar("Answer", bound=HttpResponse)


def is_fragment(request: HttpRequest) -> bool:
    """Whether a fragment is requested; works also for a request that no middleware has seen."""
    return bool(HtmxDetails(request))


def lead(request: HttpRequest, target: str) -> HttpResponse:
    """Redirect the whole page to an address, also from a fragment."""
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)


def refreshing(answer: Answer) -> Answer:
    """A fragment after which the whole page is loaded again."""
    answer["HX-Refresh"] = "true"
    return answer
