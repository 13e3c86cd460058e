from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from oauth2_provider.signals import app_authorized  # noqa: PLC0415 (needs the registry)

        from apps.accounts import oauth  # noqa: PLC0415 (needs the registry)

        app_authorized.connect(oauth.signed_in)
