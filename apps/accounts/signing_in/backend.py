"""Answers Django's permission checks from grants."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password, verify_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from apps.accounts.access import Scope, open_gate, permissions_of, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.accounts.signing_in import step_up


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
        user = User.objects.find_for_sign_in(username=username)
        if user is None:
            make_password(password)  # as slow as a real check: timing does not reveal who exists
            return None
        is_right, is_old = verify_password(password, user.password)
        if is_right and is_old and user.is_active:
            self._store_anew(user, password)
        return user if is_right and user.is_active else None

    @staticmethod
    def _store_anew(user: User, password: str) -> None:
        """Replace a hash of former settings. Done as the user, who is not signed in yet."""
        with transaction.atomic():
            open_gate(user)
            user.set_password(password)
            User.objects.filter(pk=user.pk).update(password=user.password)
            open_gate(None)

    def get_user(self, user_id: int) -> User | None:
        user = User.objects.find_for_sign_in(pk=user_id)
        return user if user is not None and user.is_active else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return {str(permission) for permission in permissions_of(user_obj)}

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in permissions_of(user_obj))

    def scope_of(self, user_obj: Any, *permissions: str) -> Scope:
        """For pages below the accounts app, which know users only through this backend."""
        return scope_of(user_obj, *map(Permission, permissions))

    def confirmation(self, request: HttpRequest) -> HttpResponse | None:
        """For the same pages: the page that asks for a recent second factor, or None."""
        return step_up.confirmation_page(request)
