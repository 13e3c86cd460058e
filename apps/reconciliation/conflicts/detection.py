"""Finds conflicts after a run, asks each once, and closes those that no longer exist.

What a decree claimed and the register did not take is asked in the same way, as of the source
PROPOSALS (docs/adr/0010).

A question that was kept or resolved is not asked again while its source states the same value; an
open one follows the register. A second run changes nothing. Locked fields are not asked about.
"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common.staging import Staging
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.proposals.models import Decree
from apps.reconciliation.conflict_kinds import OF_AUTHORITIES, OF_CLAIMS, OF_EVERY_SOURCE, OF_SOURCE
from apps.reconciliation.conflicts import worklists
from apps.reconciliation.models import PROPOSALS, REGISTER, Authority, RecordPair, Run, Source
from apps.reconciliation.states import ConflictKind, RunStatus
from apps.registry.models import Change, Claim

K = ConflictKind
FINDERS: Final[dict[ConflictKind, str]] = {
    K.DECEASED: "reconciliation/conflicts/find_deceased_conflicts",
    K.MOVED: "reconciliation/conflicts/find_moved_conflicts",
    K.NIK_UNKNOWN: "reconciliation/conflicts/find_nik_unknown_conflicts",
    K.NIK_SHARED: "reconciliation/conflicts/find_nik_shared_conflicts",
    K.NIK_TWICE: "reconciliation/conflicts/find_nik_twice_conflicts",
    K.NAME_DIFFERS: "reconciliation/conflicts/find_name_conflicts",
    K.BIRTH_DIFFERS: "reconciliation/conflicts/find_birth_conflicts",
    K.NOT_REGISTERED: "reconciliation/conflicts/find_not_registered_conflicts",
    K.ABOVE_LIMIT: "reconciliation/conflicts/find_above_limit_conflicts",
    K.CIVIL_SERVANT: "reconciliation/conflicts/find_servant_conflicts",
}
STAGED: Final = ("links", "found", "known")
FIND_CONFLICTS: Final = "reconciliation.find_conflicts"
FIND_DECREE_CONFLICTS: Final = "reconciliation.find_decree_conflicts"


def enqueue_detection(run: Run) -> Job | None:
    """Called at the end of a run: ask for a separate job that finds its questions.

    The run takes no longer, and an error in the search does not affect its pairs.
    """
    if not _is_about_the_register(run):
        return None
    return work.enqueue(
        FIND_CONFLICTS,
        run.subject,
        subject_name=str(run.left),
        by="system",
        by_name=run.by_name,
        parameters={"run": run.pk},
    )


@kinds.job(FIND_CONFLICTS, label=_("Questions of a run"))
def find_for(lease: work.Lease) -> dict[str, int]:
    """Find the questions of the job's run, in one transaction.

    Does nothing where a later run has finished: its own job finds the questions.
    """
    run = Run.objects.select_related("pairing", "left__source").get(pk=lease.job.parameters["run"])
    later = Run.objects.filter(pairing=run.pairing_id, pk__gt=run.pk, status=RunStatus.DONE)
    with transaction.atomic():
        counts = {} if later.exists() else find(run)
        lease.timed("questions")
        lease.finish(conflicts=counts)
    return counts


def enqueue_for_decree(decree: Decree) -> Job | None:
    """Called when a decree comes into force: ask for a job that finds its questions.

    The job is created in the same transaction, so that a kill between the two loses no question.
    """
    claims = Claim.objects.filter(change=decree.change_id, was_held=False)
    if decree.change_id is None or not claims.exists():
        return None
    return work.enqueue(
        FIND_DECREE_CONFLICTS,
        f"registry.Change:{decree.change_id}",
        subject_name=decree.number,
        by="system",
        by_name=str(decree.user),
        region_code=decree.region_id,
        parameters={"change": decree.change_id},
    )


@kinds.job(FIND_DECREE_CONFLICTS, label=_("Questions of a decree"))
def find_for_decree(lease: work.Lease) -> dict[str, int]:
    """Find the questions of the job's decree, in one transaction."""
    change = Change.objects.get(pk=lease.job.parameters["change"])
    with transaction.atomic():
        counts = find_claimed(change)
        lease.timed("questions")
        lease.finish(conflicts=counts)
    return counts


@transaction.atomic
def find_claimed(change: Change) -> dict[str, int]:
    """Ask about the claims of a Change that the register did not accept.

    Returns as `find` does; a claim that is found again is the same question. Queries: about
    fifteen.
    """
    params: dict[str, Any] = {
        "run": None,
        "source": PROPOSALS,
        "now": timezone.now(),
        "automatic": [],
        "change": change.pk,
        "fields": list(OF_CLAIMS),
        "kinds": [kind.value for kind in OF_CLAIMS.values()],
    }
    rows = Claim.objects.filter(change=change, was_held=False).count()
    _proposals()
    held = worklists.lock_lists(PROPOSALS)
    with Staging(f"claims_{change.pk}", STAGED) as staging:
        _stage_questions(staging)
        staging.run("reconciliation/conflicts/find_claim_conflicts", params, rows=rows)
        staging.analyze("found")
        counts = _store(params, staging, rows, are_all=False)
    subject = f"registry.Change:{change.pk}"
    worklists.make(subject=subject, source=PROPOSALS, held=held, now=params["now"])
    record.entry(Action.CREATE, about=Subject(subject), conflicts=counts)
    return counts


def _proposals() -> None:
    """Make sure that the source of the regions' proposals exists."""
    Source.objects.get_or_create(
        code=PROPOSALS,
        defaults={
            "name": "Usulan daerah",
            "kind": Source.Kind.PROPOSALS,
            "is_draft": False,
            "sample_percent": 0,
        },
    )


def _is_about_the_register(run: Run) -> bool:
    return run.left.source_id != REGISTER and run.pairing.right_id == REGISTER


@transaction.atomic
def find(run: Run) -> dict[str, int]:
    """Find the conflicts of a run that compares a ministry's delivery with the register.

    Returns the number of new questions by kind; `again` and `gone` count those that came back and
    those that no longer exist. Queries: about twenty, independent of the number of pairs.
    """
    source = run.left.source
    if not _is_about_the_register(run):
        return {}
    kinds = kinds_of(run)
    params: dict[str, Any] = {
        "run": run.pk,
        "pairing": run.pairing_id,
        "register": REGISTER,
        "source": source.pk,
        "number": run.left.number,
        "now": timezone.now(),
        "share": settings.RECONCILIATION_COVERED_SHARE,
        "is_civil": source.kind == source.Kind.CIVIL,
        "limit": source.limit_desil,
        "automatic": list(
            Authority.objects.filter(source=source, is_automatic=True)
            .exclude(field="nik")
            .values_list("field", flat=True)
        ),
        "kinds": [kind.value for kind in kinds],
    }
    # for the planner: the records beside the pairs are about as many
    rows = max(RecordPair.objects.of(run).count(), run.left.rows_read, 1)
    held = worklists.lock_lists(source.pk)
    with Staging(f"conflicts_{run.pk}", STAGED) as staging:
        _find(kinds, params, staging, rows)
        counts = _store(params, staging, rows)
    worklists.make(subject=run.subject, source=source.pk, held=held, now=params["now"])
    record.entry(Action.CREATE, about=run, conflicts=counts)
    return counts


def kinds_of(run: Run) -> list[ConflictKind]:
    """The kinds that the run's source can raise."""
    source = run.left.source
    found = [*OF_SOURCE.get(source.kind, ()), *OF_EVERY_SOURCE]
    fields = Authority.objects.filter(source=source, field__in=OF_AUTHORITIES)
    found += [OF_AUTHORITIES[field] for field in fields.values_list("field", flat=True)]
    if source.limit_desil is None and K.ABOVE_LIMIT in found:
        found.remove(K.ABOVE_LIMIT)
    return list(dict.fromkeys(found))


def _stage_questions(staging: Staging) -> None:
    """Create the empty table into which every kind writes its questions."""
    staging.run("reconciliation/conflicts/stage_questions")


def _find(kinds: list[ConflictKind], params: dict[str, Any], staging: Staging, rows: int) -> None:
    """Fill the table with the questions of every kind."""
    staging.run("reconciliation/conflicts/stage_links", params, rows=rows)
    staging.analyze("links")
    _stage_questions(staging)
    if K.NIK_UNKNOWN in kinds:
        staging.run("reconciliation/conflicts/stage_known", params, rows=rows)
        staging.analyze("known")
    for kind in kinds:
        staging.run(FINDERS[kind], params, rows=rows)
    staging.analyze("found")


def _store(
    params: dict[str, Any], staging: Staging, rows: int, *, are_all: bool = True
) -> dict[str, int]:
    """Compare the found questions with the stored ones: new, again, gone.

    `are_all`: stored questions that were not found no longer exist.
    """

    def run(name: str) -> list[tuple[Any, ...]]:
        return staging.run(name, params, rows=rows)

    run("reconciliation/conflicts/filter_questions")
    run("reconciliation/conflicts/match_conflicts")
    run("reconciliation/conflicts/match_strangers")
    staging.analyze("found")
    run("reconciliation/conflicts/take_back_answers")
    again = run("reconciliation/conflicts/renew_conflicts")[0][0]
    gone = run("reconciliation/conflicts/end_conflicts")[0][0] if are_all else 0
    counts = {
        str(kind): int(count) for kind, count in run("reconciliation/conflicts/store_conflicts")
    }
    return counts | {name: n for name, n in (("again", again), ("gone", gone)) if n}
