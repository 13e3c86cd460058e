from django.apps import AppConfig


class RegionsConfig(AppConfig):
    name = "apps.regions"
    label = "regions"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _  # noqa: PLC0415 (needs settings)

        from apps.jobs.messages import Kind, describe  # noqa: PLC0415 (needs a ready registry)
        from apps.regions import boundaries, messages  # noqa: PLC0415

        describe(
            boundaries.IMPORT_TASK,
            Kind(_("Boundary edition: read"), messages.text_of, boundaries.resume_import),
        )
        describe(
            boundaries.ACTIVATE_TASK, Kind(_("Boundary edition: put in force"), messages.text_of)
        )
