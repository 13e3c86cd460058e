from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "apps.proposals"
    label = "proposals"

    def ready(self) -> None:
        from apps.proposals import recheck  # noqa: PLC0415 (needs a ready registry)
        from apps.regions import boundaries  # noqa: PLC0415

        boundaries.on_activated += [recheck.recheck, recheck.ask_held]
        boundaries.on_preview.append(recheck.count_affected)
