from django.apps import AppConfig
from django.core.signals import request_finished

from apps.common import errors


class CommonConfig(AppConfig):
    name = "apps.common"
    label = "common"

    def ready(self) -> None:
        from apps.common import geos_threads

        errors.load_catalogues()
        request_finished.connect(geos_threads.release_readers)
