"""Parts of a page that htmx asks for: whether one is asked for, and what the whole page does next.

A view answers a fragment with HTML. JSON is for maps and for the form that works without a line.
"""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_htmx.middleware import HtmxDetails

Answer = TypeVar("Answer", bound=HttpResponse)


def is_fragment(request: HttpRequest) -> bool:
    """Whether a part of a page is asked for, also where no middleware has looked at the request."""
    return bool(HtmxDetails(request))


def lead(request: HttpRequest, target: str) -> HttpResponse:
    """Send the whole page to an address, also when a fragment of it asked."""
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)


def refreshing(answer: Answer) -> Answer:
    """A fragment after which the whole page is loaded again."""
    answer["HX-Refresh"] = "true"
    return answer
