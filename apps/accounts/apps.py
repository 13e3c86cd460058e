from allauth.usersessions.apps import UserSessionsConfig
from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"
    default = True

    def ready(self) -> None:
        from oauth2_provider.signals import app_authorized  # noqa: PLC0415 (needs the registry)

        from apps.accounts import oauth  # noqa: PLC0415 (needs the registry)

        app_authorized.connect(oauth.signed_in)


class SessionsConfig(UserSessionsConfig):
    """allauth's table of sessions; `accounts.sessions` fills it, once a minute at most."""

    def ready(self) -> None:
        """Nothing of the package follows the sign-in."""
