from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CommandCentreConfig(AppConfig):
    name = "apps.commandcentre"
    label = "commandcentre"

    def ready(self) -> None:
        from apps.commandcentre.resources import catalogue

        post_migrate.connect(catalogue.fill_goods, sender=self)
