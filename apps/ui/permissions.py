"""Who gets through the door of an officers' page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.access import permissions_of
from apps.accounts.roles import Permission

View = Callable[..., HttpResponseBase]


def requires(*permissions: Permission) -> Callable[[View], View]:
    """For signed-in people who hold one of these somewhere; without any named, any role at all.

    Which rows is for the view: it asks `within(scope)`.
    """

    def door(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            held = permissions_of(request.user)
            if not held or (permissions and held.isdisjoint(permissions)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required(inner)

    return door
