"""Django's own permission questions, answered from grants."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse

from apps.accounts.access import Scope, permissions_of, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission


class GrantBackend(BaseBackend):
    """Signs in by user name and password; permissions come from the grants in force."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if not username or password is None:
            return None
        user = User.objects.filter(username=username).first()
        if user is None:
            make_password(password)  # as slow as a real check, so that nobody learns who exists
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return {str(permission) for permission in permissions_of(user_obj)}

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in permissions_of(user_obj))

    def scope_of(self, user_obj: Any, *permissions: str) -> Scope:
        """For pages below the accounts app, which know users only through this backend."""
        return scope_of(user_obj, *map(Permission, permissions))

    def confirmation(self, request: HttpRequest) -> HttpResponse | None:
        """For the same pages: the question for a recent second factor, or None."""
        from apps.accounts import stepup  # noqa: PLC0415 (its forms import this package's models)

        return stepup.ask(request)
