from django.apps import AppConfig


class MapsConfig(AppConfig):
    name = "apps.maps"
    label = "maps"

    def ready(self) -> None:
        from apps.maps import presentation
        from apps.proposals.review import map_pane

        map_pane.drawers.append(presentation.beside_list)
