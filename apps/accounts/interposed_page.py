"""A page that is shown in place of the requested one: a question, or a stop.

A domain function raises one, independently of the address. The middleware rolls back what the view
did and answers with the page. If the page returns None (the question was answered), the view runs
again.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


class InterposedPage(Exception):
    """A page has to be shown before the request can go on."""

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """The page to show, in a transaction of its own; None when the request can go on."""
        raise NotImplementedError
