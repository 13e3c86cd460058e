from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    name = "apps.reconciliation"
    label = "reconciliation"

    def ready(self) -> None:
        from apps.accounts import turned_away  # noqa: PLC0415
        from apps.proposals import determination  # noqa: PLC0415
        from apps.reconciliation import (  # noqa: PLC0415 (needs a ready registry)
            civil,
            civil_answers,
            conflicts,
            decree_locks,
            person_sources,
            runs,
        )
        from apps.registry import reading  # noqa: PLC0415

        turned_away.subjects.update(
            {
                "reconciliation:person_id": "registry.Person",
                "reconciliation:duplicate:pk": "registry.Person",
                "reconciliation:conflict:pk": "reconciliation.Conflict",
                "reconciliation:pair:pk": "reconciliation.Candidate",
            }
        )
        civil.fallbacks.append(civil_answers.last_delivery)
        reading.sections.append(person_sources.section)
        determination.sections.append(decree_locks.section)
        determination.on_in_force.append(conflicts.ask_about_decree)
        runs.on_finished.append(conflicts.ask)
