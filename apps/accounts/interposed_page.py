"""Another page in the place of the one that was asked for: a question, or a stop.

A domain function raises one, whichever address led to it. The middleware undoes what the view did
and answers with the page; where that says nothing (the question was answered), the view runs again.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


class InterposedPage(Exception):
    """Something stands between a person and what they asked for."""

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The page that stands in, in a transaction of its own; None where the way is free now."""
        raise NotImplementedError
