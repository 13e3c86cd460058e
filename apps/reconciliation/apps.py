from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    name = "apps.reconciliation"
    label = "reconciliation"

    def ready(self) -> None:
        from apps.accounts.limits import refused_requests
        from apps.proposals.civil import asking
        from apps.proposals.decree import determination
        from apps.reconciliation.conflicts import decree_locks, detection
        from apps.reconciliation.deliveries import civil_answers
        from apps.reconciliation.linkage import runs
        from apps.reconciliation.survivorship import person_sources
        from apps.registry import reading

        refused_requests.subjects.update(
            {
                "reconciliation:person_id": "registry.Person",
                "reconciliation:duplicate:pk": "registry.Person",
                "reconciliation:conflict:pk": "reconciliation.Conflict",
                "reconciliation:pair:pk": "reconciliation.RecordPair",
            }
        )
        asking.fallbacks.append(civil_answers.last_delivery)
        reading.explainers.append(person_sources.explain)
        determination.sections.append(decree_locks.section)
        determination.on_in_force.append(detection.enqueue_for_decree)
        runs.on_finished.append(detection.enqueue_detection)
