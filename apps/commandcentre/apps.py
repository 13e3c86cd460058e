from django.apps import AppConfig


class CommandCentreConfig(AppConfig):
    name = "apps.commandcentre"
    label = "commandcentre"
