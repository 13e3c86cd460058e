from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "apps.proposals"
    label = "proposals"

    def ready(self) -> None:
        from apps.proposals import recheck  # noqa: PLC0415 (needs a ready registry)
        from apps.regions import boundaries  # noqa: PLC0415

        boundaries.on_activated.append(recheck.recheck)
        boundaries.on_preview.append(recheck.count_affected)
