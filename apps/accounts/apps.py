from typing import Any

from allauth.usersessions.apps import UserSessionsConfig
from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"
    default = True

    def ready(self) -> None:
        from oauth2_provider.signals import app_authorized  # noqa: PLC0415 (needs the registry)

        from apps.accounts.authentication import second_factors  # noqa: PLC0415 (needs the registry)
        from apps.accounts.people import account_notices
        from apps.accounts.tokens import oauth

        app_authorized.connect(oauth.signed_in)
        second_factors.listeners.append(account_notices.notify_owner)
        # connected before Django's receiver with the same dispatch_uid, which is then ignored
        user_logged_in.connect(_update_last_login, dispatch_uid="update_last_login")


def _update_last_login(sender: Any, user: Any, **kwargs: Any) -> None:
    from apps.accounts.authentication import sessions  # noqa: PLC0415 (needs the registry)

    sessions.note_sign_in(user)


class SessionsConfig(UserSessionsConfig):
    """allauth's table of sessions. `accounts.sessions` writes it, at most once a minute."""

    def ready(self) -> None:
        """Connects no signal of the package: it would follow the sign-in."""
