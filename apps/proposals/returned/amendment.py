"""Returned proposals: the reason, changed values, and review again.

The changed row passes the same staging and SQL as every other row. It is stored only if the checks
would not hold it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.common import locks, sql
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.common.sql import Tables
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.proposals import columns, register_filters, removal_rules, rules
from apps.proposals.checks import batch_check, identity
from apps.proposals.checks.check_tables import ROW_COLUMNS, check_staging
from apps.proposals.civil import civil_check
from apps.proposals.models import Amendment, Batch, Decision, Proposal, ProposalQuerySet, Severity
from apps.proposals.states import OPEN, ProposalStatus
from apps.proposals.steps import Step, may_step, sent_by
from apps.proposals.submitting import submission
from apps.proposals.submitting.calendar_rules import need_open
from apps.regions.models import CodeSystem

AMEND: Final = "proposals.amend"
# Numbers are never shown whole: an empty cell keeps the present one.
KEPT_WHEN_EMPTY: Final = frozenset({"nik", "kk"})
# Those who mend a row may not move it to a village outside their own work.
OPEN_TWIN: Final = "open_elsewhere"
NOT_YOURS: Final = "village_not_yours"
KINDS: Final = {"new": "BARU", "correction": "PERBAIKAN", "removal": "HAPUS"}


def returned_to(user: User) -> ProposalQuerySet:
    """What this person has to mend: returned rows of their villages and of their files."""
    if not scope_of(user, Permission.UPLOAD_BATCH):
        return Proposal.objects.none()
    rows = Proposal.objects.within(scope_of(user, Permission.VIEW_PROPOSAL))
    return rows.filter(sent_by(user), status=ProposalStatus.RETURNED)


def returns_of(rows: list[Proposal]) -> dict[int, Decision]:
    """The decision that returned each proposal. Queries: one."""
    found = Decision.objects.filter(
        proposal__in=[row.pk for row in rows], to_status=ProposalStatus.RETURNED, is_undo=False
    )
    return {one.proposal_id: one for one in found.order_by("proposal_id", "pk")}


def cells_of(proposal: Proposal) -> dict[str, str]:
    """A proposal as the cells of a file, by our columns; all values are text.

    Of a correction only what it changes: an empty cell changes nothing.
    """
    point = proposal.location
    cells = {
        "nik": proposal.nik,
        "kk": proposal.kk,
        "programme": proposal.programme_id,
        "name": proposal.name,
        "birth_place": proposal.birth_place,
        "birth_date": _day(proposal.birth_date),
        "mother_name": proposal.mother_name,
        "sex": proposal.sex,
        "occupation": proposal.occupation,
        "marital_status": proposal.marital_status,
        "address": proposal.address,
        "rt": proposal.rt,
        "rw": proposal.rw,
        "village_code": proposal.village_id,
        "disability": "YA" if proposal.disability_kind else "TIDAK",
        "disability_kind": proposal.disability_kind,
        "pregnant": "YA" if proposal.is_pregnant else "TIDAK",
        "pregnancy_date": _day(proposal.pregnancy_date),
        "latitude": repr(point.y) if point else "",
        "longitude": repr(point.x) if point else "",
        "ppks": ";".join(map(str, proposal.ppks)),
        "kind": KINDS[proposal.kind],
        "relation": proposal.relation,
        "accuracy_m": "" if proposal.accuracy_m is None else f"{proposal.accuracy_m:g}",
        "identity_note": proposal.identity_note,
        "reason": removal_rules.REASONS[proposal.reason].words[0] if proposal.reason else "",
        "reason_date": _day(proposal.reason_date),
        "evidence_kind": (
            removal_rules.PAPERS[proposal.evidence_kind].words[0] if proposal.evidence_kind else ""
        ),
        "evidence_number": proposal.evidence_number,
    }
    unchanged = removal_rules.left_alone(proposal.kind, proposal.ends, proposal.changes)
    return cells | dict.fromkeys(unchanged, "")


@transaction.atomic
def amend(
    *, proposal: Proposal, values: Mapping[str, str], by: User, now: datetime, note: str = ""
) -> tuple[Amendment, Job]:
    """Enqueue the check of changed values of a returned proposal, for review again.

    Asked twice before the worker starts, it is one amendment: the first.
    Raises: `not_yours`, `already_decided`, CycleClosed.
    """
    if not may_step(Step.RESUBMIT, proposal, by):
        raise _why_not(proposal)
    need_open(now)
    Proposal.objects.select_for_update().filter(pk=proposal.pk).first()
    waiting = Amendment.objects.filter(proposal=proposal, status=Amendment.Status.ASKED).first()
    if waiting is not None:
        return waiting, Job.objects.filter(subject=waiting.subject, kind=AMEND).latest("pk")
    before = cells_of(proposal)
    changed = _changed(before, _carried(proposal, by) | {k: v for k, v in values.items() if v})
    changed |= _changed(before, {k: v for k, v in values.items() if k not in KEPT_WHEN_EMPTY})
    amendment = Amendment.objects.create(
        proposal=proposal,
        village_id=proposal.village_id,
        values=changed,
        before={name: before[name] for name in changed},
        note=note.strip()[:1000],
        user=by,
        at=now,
    )
    job = work.enqueue(
        AMEND,
        amendment.subject,
        subject_name=str(proposal),
        region_code=proposal.village_id,
        by=actor_of(by),
        by_name=str(by),
        total=1,
    )
    return amendment, job


def _carried(proposal: Proposal, by: User) -> dict[str, str]:
    """The numbers of the last refused try. The page shows them masked; they are not typed again."""
    tried = Amendment.objects.filter(
        proposal=proposal, user=by, status=Amendment.Status.REFUSED
    ).order_by("-pk")
    values: dict[str, str] = getattr(tried.first(), "values", {})
    return {name: values[name] for name in KEPT_WHEN_EMPTY & values.keys()}


def _changed(before: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The cells whose typed value differs."""
    typed = {name: text.strip() for name, text in values.items() if name in before}
    return {
        name: text
        for name, text in typed.items()
        if text != before[name] and (text or name not in KEPT_WHEN_EMPTY)
    }


def _why_not(proposal: Proposal) -> Exception:
    last = Decision.objects.filter(proposal=proposal).order_by("-pk").first()
    if proposal.status == ProposalStatus.RETURNED or last is None:
        return DomainError("not_yours", region=proposal.village_id)
    return DomainError("already_decided", who=last.by_name, when=last.at, to=last.to_status)


# --- the worker's part ---


def fail(job: Job) -> None:
    """Mark an amendment as failed. The page shows the typed values again, with the job's reason."""
    Amendment.objects.filter(
        pk=int(job.subject.rpartition(":")[2]), status=Amendment.Status.ASKED
    ).update(status=Amendment.Status.REFUSED, done_at=timezone.now())


@kinds.job(
    AMEND,
    label=_("Returned proposal"),
    queue="interactive",
    is_resumable=False,
    on_failed=fail,
    remedy=_("Nothing was sent. Send it again from the page of the returned proposal."),
)
def run_amendment(lease: work.Lease) -> None:
    """Check the amended row of a job; store it, or store what must be mended.

    A repeat gives the same result. Cost: one row through all statements, about 0.2 s.
    """
    key = int(lease.job.subject.rpartition(":")[2])
    amendment = Amendment.objects.select_related("proposal", "user").get(pk=key)
    proposal = amendment.proposal
    batch = Batch.objects.get(pk=proposal.batch_id)
    # the form shows our codes, also if the file had others
    batch.code_system = CodeSystem.KEMENDAGRI
    batch.row_values, batch.rows_read = batch.row_values or [{}], 1
    boundaries = batch_check.boundaries_at()
    with check_staging(f"amendment_{amendment.pk}", "target") as tables:
        _stage(proposal, cells_of(proposal) | amendment.values, tables)
        batch_check.check_rows(batch, tables)
        with transaction.atomic():
            locks.hold_shared(Lock.BOUNDARIES)
            if batch_check.boundaries_at() != boundaries:
                raise batch_check.BoundariesMoved(batch.pk)
            _finish(lease, amendment, batch, tables)


def job_of(amendment: Amendment) -> Job | None:
    """The latest job about an amendment."""
    return Job.objects.filter(subject=amendment.subject, kind=AMEND).order_by("pk").last()


def _finish(lease: work.Lease, amendment: Amendment, batch: Batch, tables: Tables) -> None:
    proposal = amendment.proposal
    submission.lock_regencies([int(proposal.village_id[:5].replace(".", ""))])
    errors = _errors(amendment, tables)
    status = Amendment.Status.REFUSED if errors else Amendment.Status.SENT
    if not errors and not _store(amendment, batch, tables, lease.job.created_at):
        status = Amendment.Status.LATE
    Amendment.objects.filter(pk=amendment.pk).update(
        status=status, errors=errors, done_at=lease.job.heartbeat_at
    )
    if status == Amendment.Status.SENT:
        record.entry(
            Action.CHANGE,
            about=proposal,
            by=amendment.user,
            step="amend",
            columns=sorted(amendment.values),
        )
    lease.finish(amendment=amendment.pk, status=status.value)


def _store(amendment: Amendment, batch: Batch, tables: Tables, now: datetime) -> bool:
    """Whether the proposal was changed."""
    proposal, typed = amendment.proposal, amendment.values.keys()
    stored = {"batch": batch.pk, "partition": 0, "by": amendment.user_id, "now": now}
    sql.run("proposals/store_proposals", stored, tables=tables)
    keeps_point = typed.isdisjoint({"latitude", "longitude", "village_code"})
    moved = sql.scalar(
        "proposals/returned/amend_row",
        {
            "id": proposal.pk,
            "batch": batch.pk,
            "row_number": proposal.row_number,
            "by": amendment.user_id,
            "by_name": str(amendment.user)[:200],
            "now": now,
            "note": amendment.note,
            "keeps_title": "name" not in typed,
            "keeps_point": keeps_point,
        },
        tables=tables,
    )
    if moved:
        civil_check.forget(proposal.pk)
        identity.refresh(wanted=[proposal.pk], now=now)
        catalogue = batch_check.catalogue()
        finding = {"batch": batch.pk, "value_chars": rules.VALUE_CHARS, **catalogue}
        sql.run("proposals/store_findings", finding, tables=tables)
    return bool(moved)


def _errors(amendment: Amendment, tables: Tables) -> list[dict[str, Any]]:
    """The errors that block review: findings to fix, and those that can be checked only now."""
    found = [
        _error(code, field or rules.RULES[code].field, _loaded(params), amendment)
        for code, field, params in sql.read(tables["findings"], "code", "field", "params")
        if rules.RULES[code].severity == Severity.ERROR
    ]
    names = ("nik", "village_id", "kind", "ends", "programme_id")
    ((nik, village, *own),) = sql.read(tables["tidy"], *names)
    submission.lock_claim(nik or "")
    if village and not _reaches(amendment, village):
        found.append({"code": NOT_YOURS, "field": "village_code", "params": {}})
    claim = sql.call("proposals_claim", *own)
    twins = Proposal.objects.filter(nik=nik, status__in=OPEN).annotate(claim=register_filters.CLAIM)
    if claim != register_filters.WHOLE_PERSON:
        twins = twins.filter(claim__in=(claim, register_filters.WHOLE_PERSON))
    if twins.exclude(pk=amendment.proposal_id).exclude(status=ProposalStatus.DRAFT).exists():
        found.append({"code": OPEN_TWIN, "field": "nik", "params": {}})
    return found


def _reaches(amendment: Amendment, village: str) -> bool:
    """Whether the sender works for the village that the row names now."""
    if village == amendment.proposal.village_id:
        return True
    return scope_of(amendment.user, Permission.UPLOAD_BATCH).contains(village)


def _loaded(params: Any) -> dict[str, Any]:
    """A jsonb column as Python values; this cursor returns it as text."""
    return dict(json.loads(params)) if isinstance(params, str) else dict(params or {})


def _error(code: str, field: str, params: dict[str, Any], amendment: Amendment) -> dict[str, Any]:
    """A finding with the cell that it is about, in the form of a stored finding."""
    value = amendment.values.get(field, "")
    more = {"value": value[: rules.VALUE_CHARS]} if value else {}
    return {"code": code, "field": field, "params": params | more}


def _stage(proposal: Proposal, cells: Mapping[str, str], tables: Tables) -> None:
    """Stage the row as text, with an empty table for the results of the checks."""
    sql.create(tables["staging"], ROW_COLUMNS)
    row: dict[str, Any] = {name: cells.get(name) or None for name in columns.COLUMNS}
    row["row_number"] = proposal.row_number
    sql.run("proposals/returned/stage_row", {"row": sql.json(row)}, tables=tables)
    sql.create_like(tables["target"], ("public", Proposal._meta.db_table))


def _day(day: date | None) -> str:
    return day.strftime("%d-%m-%Y") if day else ""
