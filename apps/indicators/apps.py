from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IndicatorsConfig(AppConfig):
    name = "apps.indicators"
    label = "indicators"

    def ready(self) -> None:
        from apps.indicators.figures import published_indicators

        post_migrate.connect(published_indicators.fill_indicators, sender=self)
