from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    name = "apps.reconciliation"
    label = "reconciliation"

    def ready(self) -> None:
        from apps.reconciliation import person_sources  # noqa: PLC0415 (needs a ready registry)
        from apps.registry import reading  # noqa: PLC0415

        reading.sections.append(person_sources.section)
