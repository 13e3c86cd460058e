from django.apps import AppConfig

from apps.common import errors


class CommonConfig(AppConfig):
    name = "apps.common"
    label = "common"

    def ready(self) -> None:
        errors.load_catalogues()
