"""What a request of a signed-in person holds, typed."""

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
    user: Any = request.user
    if not user.is_authenticated:
        raise PermissionDenied
    return user
