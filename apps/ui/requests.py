"""What a request of a signed-in person holds, typed. Only this module reads `request.user`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

if TYPE_CHECKING:
    from apps.accounts.models import User


def user_of(request: HttpRequest) -> User:
    """The signed-in user, in a view for signed-in users.

    Raises: PermissionDenied if no user is signed in.
    """
    user = signed_in_user(request)
    if user is None:
        raise PermissionDenied
    return user


def signed_in_user(request: HttpRequest) -> User | None:
    """The signed-in user, where a visitor may be: middleware, the frame of a page, signing in.

    None for a visitor, and where an error page is drawn before the session was read.
    """
    user: Any = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None
