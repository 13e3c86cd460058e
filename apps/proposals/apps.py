from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "apps.proposals"
    label = "proposals"

    def ready(self) -> None:
        from apps.accounts import turned_away  # noqa: PLC0415
        from apps.proposals import recheck, traces  # noqa: PLC0415 (needs a ready registry)
        from apps.regions import boundaries  # noqa: PLC0415
        from apps.registry import reading  # noqa: PLC0415

        turned_away.subjects.update(
            {
                "proposals:batch_id": "proposals.Batch",
                "proposals:pk": "proposals.Proposal",
                "proposals:exports-answer:pk": "proposals.ExportRequest",
                "proposals:notice:pk": "casework.Notice",
                "proposals:draft_id": "proposals.FormDraft",
            }
        )
        reading.traces.append(traces.of)
        boundaries.on_activated += [recheck.recheck, recheck.ask_held]
        boundaries.on_preview.append(recheck.count_affected)
