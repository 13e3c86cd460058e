"""Who may open a page: the permission is named on the view, the rows in its query (`within`).

    @requires(Permission.VIEW_BATCH)                        any of those named, for every method
    @requires(Permission.VIEW_PROPOSAL, to_send=(Permission.REVEAL_NIK,))   another one for POST
    @method_decorator(requires(Permission.VIEW_BATCH))      on a method of an admin page

Users are known only through Django's auth backend, so that the pages of every app can use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import auth
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.ui.requests import user_of

if TYPE_CHECKING:
    from apps.accounts.models import User

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Required:
    """The permissions that a view needs: any of these in some region; without any, any role."""

    to_look: tuple[str, ...]
    to_send: tuple[str, ...]

    def named_for(self, method: str | None) -> tuple[str, ...]:
        return self.to_send if method == "POST" else self.to_look


def requires(*permissions: str, to_send: Iterable[str] = ()) -> Callable[[View], View]:
    """For signed-in users who hold one of these in some region; without any named, any role.

    `to_send` are the permissions for POST if they differ. The decorated view carries its needs as
    `required`. Raises: PermissionDenied.
    """
    required = Required(permissions, tuple(to_send) or permissions)

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            held = permissions_held(user_of(request))
            named = required.named_for(request.method)
            if not held or (named and held.isdisjoint(named)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded: Any = login_required(checked)
        guarded.required = required
        return guarded

    return decorate


def required_of(view: Any) -> Required | None:
    """What `requires` set on a view; None for a view without it."""
    found = getattr(view, "required", None)
    return found if isinstance(found, Required) else None


def permissions_held(user: User) -> set[str]:
    """Every permission that the auth backends give a user in some region."""
    if not user.is_active:
        return set()
    return set[str]().union(*(one.get_all_permissions(user) for one in auth.get_backends()))
