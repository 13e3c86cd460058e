"""One view in two shells: the portal's and the admin's.

A view is written once and mounted once in the portal. The pages of a model in the admin wrap it:

    PORTAL = Frame("ui/portal_shell.html", Names("proposals:review_", {"list": "proposals:review"}))

    def page(request): return frames.render(request, PORTAL, LIST, {…})

    class ProposalAdmin(FramedPages, ScopedAdmin):
        def changelist_view(self, request, …): return self.in_frame(views.page)(request)

The template extends `shell`, and its links are `{% url names.row proposal.pk %}`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render as render_template
from django.template.loader import render_to_string
from django.urls import reverse

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Names:
    """The names of the addresses of a group of pages: a prefix, and those that differ from it."""

    prefix: str
    others: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, page: str) -> str:
        return self.others.get(page, self.prefix + page)


@dataclass(frozen=True)
class Frame:
    """A shell: its base template, the names of its addresses, and more context for its pages."""

    shell: str
    names: Names
    context: Mapping[str, Any] = field(default_factory=dict)
    is_admin: bool = False

    def address(self, page: str, *args: Any) -> str:
        return reverse(self.names[page], args=args)


def frame_of(request: HttpRequest, portal: Frame) -> Frame:
    """The frame of a request: the admin's if its pages wrap the view, else the portal's."""
    found = getattr(request, "frame", None)
    return found if isinstance(found, Frame) else portal


def render(
    request: HttpRequest, portal: Frame, template: str, context: Mapping[str, Any]
) -> HttpResponse:
    """A template in the frame of the request."""
    return render_template(request, template, _context(request, portal, context))


def render_part(
    request: HttpRequest, portal: Frame, template: str, context: Mapping[str, Any]
) -> str:
    """A part of a page as safe text, in the frame of the request."""
    return render_to_string(template, _context(request, portal, context), request)


def _context(request: HttpRequest, portal: Frame, context: Mapping[str, Any]) -> dict[str, Any]:
    frame = frame_of(request, portal)
    known = {"frame": frame, "shell": frame.shell, "names": frame.names}
    return {**frame.context, **known, **context}


class FramedPages:
    """The pages of a model in the admin that are views of the portal in the admin's shell."""

    admin_site: Any
    opts: Any
    _name: Any
    # pages whose address in the admin has another name than in the portal
    frame_names: Mapping[str, str] = {"list": "changelist", "row": "change"}

    def frame(self, request: HttpRequest) -> Frame:
        """The admin's frame around the pages of this model."""
        others = {page: f"admin:{self._name(name)}" for page, name in self.frame_names.items()}
        return Frame(
            "ui/admin_shell.html",
            Names(f"admin:{self._name('')}", others),
            self.admin_site.each_context(request) | {"opts": self.opts},
            is_admin=True,
        )

    def in_frame(self, view: View) -> View:
        """A view of the portal in the admin's shell; it keeps the permissions that it needs."""

        @wraps(view)
        def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.frame = self.frame(request)  # type: ignore[attr-defined]
            request.current_app = self.admin_site.name
            return view(request, *args, **kwargs)

        return framed
