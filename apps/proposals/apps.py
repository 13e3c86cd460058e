from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "apps.proposals"
    label = "proposals"

    def ready(self) -> None:
        from apps.accounts.limits import refused_requests
        from apps.proposals import maps
        from apps.proposals.access import trail_keys
        from apps.proposals.checks import recheck
        from apps.proposals.entry import sending
        from apps.proposals.families import registered_persons
        from apps.proposals.register_changes import on_person
        from apps.proposals.submitting import when_checked
        from apps.regions import boundaries
        from apps.registry import reading, sensitive

        refused_requests.subjects.update(
            {
                "proposals:batch_id": "proposals.Batch",
                "proposals:pk": "proposals.Proposal",
                "proposals:exports-answer:pk": "proposals.ExportRequest",
                "proposals:notice:pk": "casework.Notice",
                "proposals:draft_id": "proposals.FormDraft",
                "proposals:person_id": "registry.Person",
            }
        )
        sensitive.known_elsewhere.append(maps.protected_among)
        reading.traces.append(trail_keys.of)
        reading.timelines.append(registered_persons.timeline)
        reading.facts.append(registered_persons.facts)
        reading.sections.append(on_person.section)
        reading.change_links.append(registered_persons.decree_links)
        when_checked.on_outcome.append(sending.note_outcome)
        boundaries.on_activated += [recheck.recheck, recheck.enqueue_held_recheck]
        boundaries.on_preview.append(recheck.count_affected)
