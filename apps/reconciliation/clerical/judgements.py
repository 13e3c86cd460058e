"""Clerical review: what people say about a pair, and what follows from it.

Every answer is kept as a Judgement under the records' numbers at their sources, so that no run asks
it again. What a pair stands as follows from its answers alone (`apply_judgements.sql`), whether
they come one by one here or all together at the end of a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.common import locks
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.reconciliation.linkage import clusters
from apps.reconciliation.models import Candidate, Judgement, Record
from apps.reconciliation.states import BLIND, SETTLED, JudgementOutcome, PairStatus

UNDO_WITHIN: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Judged:
    """An answer that was kept, where the pair stands now, and whether its group contradicts."""

    judgement: Judgement
    standing: PairStatus
    is_torn: bool


@transaction.atomic
def judge(
    *,
    candidate: Candidate,
    verdict: JudgementOutcome,
    by: User,
    now: datetime,
    note: str = "",
    seen: str = "",
) -> Judged:
    """Say what a pair is. `seen` is how it stood on the page (`Candidate.told`); without it, as
    `candidate` says.

    Locks: the pairing's answers, so that of two people one comes second, whichever pairs of a group
    they speak of; a run that ends the pair meanwhile comes first.
    Raises: `already_judged`, `judged_by_you`, `pair_ended`.
    """
    standing = _locked(candidate)
    if Judgement.objects.filter(candidate=candidate, user=by, undone_at__isnull=True).exists():
        raise DomainError("judged_by_you")
    told = BLIND if candidate.is_sample and standing not in SETTLED else standing
    if (seen or candidate.standing) not in (standing, told):
        raise _faster(candidate)
    judgement = _kept(candidate, standing, verdict, by, now, note)
    ids = _settle_group(candidate)
    record.entry(Action.DECIDE, about=candidate, by=by, verdict=verdict.value, before=standing)
    candidate.refresh_from_db(fields=["standing"])
    return Judged(judgement, PairStatus(candidate.standing), candidate.pk in ids)


@transaction.atomic
def undo(*, candidate: Candidate, by: User, now: datetime) -> Judgement:
    """Take one's own answer back within ten minutes; it stays on record as taken back.

    Raises: `judgement_undo_too_late`.
    """
    _locked(candidate)
    mine = Judgement.objects.filter(candidate=candidate, user=by, undone_at__isnull=True).first()
    if mine is None or now - mine.at > UNDO_WITHIN:
        raise DomainError("judgement_undo_too_late")
    mine.undone_at = now
    mine.save(update_fields=["undone_at"])
    Candidate.objects.filter(pk=candidate.pk).update(standing=mine.before)
    _settle_group(candidate)
    record.entry(Action.DECIDE, about=candidate, by=by, verdict="undo", before=candidate.standing)
    candidate.refresh_from_db(fields=["standing"])
    return mine


def live(candidate: Candidate) -> list[Judgement]:
    """What people say about a pair now, the first first."""
    said = Judgement.objects.filter(candidate=candidate, undone_at__isnull=True)
    return list(said.select_related("user").order_by("pk"))


def may_undo(judgement: Judgement, by: User, now: datetime) -> bool:
    return (
        judgement.user_id == by.pk
        and judgement.undone_at is None
        and now - judgement.at <= UNDO_WITHIN
    )


def _locked(candidate: Candidate) -> str:
    """How the pair stands, while nobody else's answer about this pairing is counted.

    Raises: `pair_ended`.
    """
    locks.hold(Lock.PAIRING, candidate.pairing_id)
    found = Candidate.objects.select_for_update().filter(pk=candidate.pk, until__isnull=True)
    standing: str | None = found.values_list("standing", flat=True).first()
    if standing is None:
        raise DomainError("pair_ended")
    return standing


def _kept(
    candidate: Candidate,
    standing: str,
    verdict: JudgementOutcome,
    by: User,
    now: datetime,
    note: str,
) -> Judgement:
    try:
        with transaction.atomic():
            return Judgement.objects.create(
                **refs(candidate.left, candidate.right),
                candidate=candidate,
                verdict=verdict,
                before=standing,
                note=note.strip()[:500],
                is_blind=candidate.is_blind,
                user=by,
                at=now,
            )
    except IntegrityError as error:
        raise DomainError("judged_by_you") from error


def refs(left: Record, right: Record) -> dict[str, str]:
    """The names under which answers about two records are kept."""
    one, other = (left.source_id, left.source_ref), (right.source_id, right.source_ref)
    if one[0] == other[0]:
        one, other = sorted((one, other))
    return {
        "left_source": one[0],
        "left_ref": one[1],
        "right_source": other[0],
        "right_ref": other[1],
    }


def _settle_group(candidate: Candidate) -> set[int]:
    """Where every pair of the group stands by what people say; the ids of those that contradict."""
    records = clusters.records_of(candidate)
    pairs = [pair.pk for pair in clusters.pairs_among(candidate, records)]
    clusters.apply(candidate.pairing_id, sorted({*pairs, candidate.pk}), len(pairs))
    held = clusters.hold_contradictions(candidate.pairing_id, records)
    return {*held, *([candidate.pk] if held else [])}


def _faster(candidate: Candidate) -> DomainError:
    last = Judgement.objects.filter(candidate=candidate).select_related("user").order_by("-pk")
    found = last.first()
    if found is None:
        return DomainError("pair_ended")
    when = date_format(timezone.localtime(found.at), "DATETIME_FORMAT")
    return DomainError("already_judged", who=str(found.user), when=when)
