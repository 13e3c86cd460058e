"""Writes accepted answers about conflicts into the register as corrections.

Each accepted answer is one Change (`resolution <day>/<answer>`): who took it over, the officer's
reason, and the source that was right, or FIELD where neither was. A steward marks answers
(`answers`); the job here writes the marked ones in chunks, each chunk in one transaction, so that
after a kill the job continues with the next chunk. Before writing, it checks that the register
still holds the value that the question was about; otherwise the answer goes back.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.casework import notices
from apps.common import sql
from apps.common.staging import Staging
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.reconciliation.conflict_kinds import QUESTIONS
from apps.reconciliation.conflicts import answers, worklists
from apps.reconciliation.models import Source
from apps.reconciliation.survivorship import field_rules
from apps.registry import correcting
from apps.registry.changes import lock_register
from apps.registry.models import Change

# Answers written in one transaction. Cost: see docs/reconciliation.md.
CHUNK_ROWS: Final = 2_000
COUNTS: Final = ("resolved", "kept", "gone", "sent_back")


@kinds.job(answers.RESOLVE_ANSWERS, label=_("Answers taken over"))
def resolve(lease: work.Lease) -> dict[str, int]:
    """Write every accepted answer. A second run writes only what is left."""
    done: Counter[str] = Counter(dict.fromkeys(COUNTS, 0))
    while chunk := _run_chunk(lease):
        done.update(chunk)
        written = done["resolved"] + done["kept"] + done["sent_back"]
        lease.progress(min(written, lease.job.total or written), stage="register")
    with transaction.atomic():
        record.entry(
            Action.DECIDE,
            about=Subject(lease.job.subject),
            by=lease.job,
            step="resolve",
            answers=dict(done),
        )
        lease.finish(**done)
    return dict(done)


@transaction.atomic
def _run_chunk(lease: work.Lease) -> dict[str, int]:
    """Write the next chunk of answers in one transaction. Empty when nothing is left."""
    lock_register()
    now = timezone.now()
    params: dict[str, Any] = {
        "most": CHUNK_ROWS,
        "now": now,
        "zone": settings.TIME_ZONE,
        "kinds": [str(kind) for kind in QUESTIONS],
        "acts": [question.act for question in QUESTIONS.values()],
        "others": [question.other for question in QUESTIONS.values()],
    }
    sql.run("reconciliation/conflicts/lock_resolved", params)
    with Staging(f"resolution_{lease.job.pk}", ["taken", "rows"]) as staging:
        staging.run("reconciliation/conflicts/stage_resolutions", params, rows=CHUNK_ROWS)
        # the work-list of each staged answer (None for one without)
        lists = [pk for (pk,) in sql.read(staging["taken"], "worklist_id")]
        if not lists:
            return {}
        worklists.lock(lists)
        counts = _write(params, staging, len(lists))
        worklists.count([*lists, *counts.pop("lists")], now)
    lease.timed("register")
    return counts


def _write(params: dict[str, Any], staging: Staging, rows: int) -> dict[str, Any]:
    """In this order: send back, write the register, close."""

    def run(name: str) -> list[tuple[Any, ...]]:
        return staging.run(name, params, rows=rows)

    back = dict(run("reconciliation/conflicts/send_back_answers"))
    notices.write_notices(
        back,
        kind=notices.Kind.ANSWER_BACK,
        subject=worklists.SUBJECT,
        url=worklists.PAGE,
        now=params["now"],
    )
    run("reconciliation/conflicts/drop_hindered")
    correcting.begin_each(kind=Change.Kind.RESOLUTION, relation=staging["taken"], rows=rows)
    run("reconciliation/conflicts/stage_corrected")
    correcting.correct(relation=staging["rows"], at=params["now"], rows=rows)
    resolved, kept, gone, touched = run("reconciliation/conflicts/close_conflicts")[0]
    return {
        "resolved": resolved,
        "kept": kept,
        "gone": gone,
        "sent_back": sum(back.values()),
        "lists": touched,
    }


@kinds.job(field_rules.TAKE_SURVIVORS, label=_("Values taken over"))
def take_survivors(lease: work.Lease) -> dict[str, int]:
    """Write the values of the first authority from certain pairs: one Change for each field.

    One transaction; a second run finds nothing left.
    """
    job = lease.job
    source = Source.objects.get(pk=job.parameters["source"])
    counts: Counter[str] = Counter()
    with transaction.atomic():
        lock_register()
        for found in field_rules.propose(source, with_rows=True):
            counts[found.field] = _take_field(found, job)
        lease.timed("register")
        lease.finish(fields=dict(counts), persons=sum(counts.values()))
    return dict(counts)


def _take_field(found: field_rules.Proposed, job: Job) -> int:
    """Write one field of a source under one Change."""
    change, _is_new = Change.objects.get_or_create(
        kind=Change.Kind.RESOLUTION,
        reference=f"survivorship {timezone.localdate(job.created_at)}/{job.pk}/{found.field}",
        defaults={
            "source": found.source.pk,
            "actor": job.actor,
            "actor_name": job.actor_name,
            "at": job.created_at,
        },
    )
    params = {
        "change": change.pk,
        "field": found.field,
        "persons": list(found.persons),
        "values": list(found.values),
        "day": timezone.localdate(job.created_at),
    }
    with Staging(f"survivors_{job.pk}", ["rows"], bare="rows") as staging:
        staging.run("reconciliation/conflicts/stage_survivors", params, rows=found.count)
        counts = correcting.correct(relation=staging["rows"], at=change.at, rows=found.count)
    return counts["persons_changed"]
