"""Clerical review: people's answers about a pair, and their effects.

Every answer is kept as a Judgement under the records' numbers at their sources, so that no run asks
it again. The status of a pair follows from its answers alone (`apply_judgements.sql`), whether they
come one by one here or all together at the end of a run.
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
from apps.reconciliation.models import Judgement, Record, RecordPair
from apps.reconciliation.states import BLIND, SETTLED, JudgementOutcome, PairStatus

UNDO_WITHIN: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class Judged:
    """The stored answer, the pair's status after it, and whether its group contradicts itself."""

    judgement: Judgement
    status: PairStatus
    is_torn: bool


@transaction.atomic
def judge(
    *,
    pair: RecordPair,
    outcome: JudgementOutcome,
    by: User,
    now: datetime,
    note: str = "",
    seen: str = "",
) -> Judged:
    """Store an answer about a pair.

    `seen` is the status that the page showed (`RecordPair.told`); without it, that of `pair`.

    Locks: the pairing's answers, so that two people's answers are processed one after the other,
    whichever pairs of a group they are about; a run that ends the pair meanwhile comes first.
    Raises: `already_judged`, `judged_by_you`, `pair_ended`.
    """
    status = _locked(pair)
    if Judgement.objects.filter(pair=pair, user=by, undone_at__isnull=True).exists():
        raise DomainError("judged_by_you")
    told = BLIND if pair.is_sample and status not in SETTLED else status
    if (seen or pair.status) not in (status, told):
        raise _faster(pair)
    judgement = _kept(pair, status, outcome, by, now, note)
    ids = _settle_group(pair)
    record.entry(Action.DECIDE, about=pair, by=by, outcome=outcome.value, before=status)
    pair.refresh_from_db(fields=["status"])
    return Judged(judgement, PairStatus(pair.status), pair.pk in ids)


@transaction.atomic
def undo(*, pair: RecordPair, by: User, now: datetime) -> Judgement:
    """Take back one's own answer within ten minutes; the row is kept and marked as taken back.

    Raises: `judgement_undo_too_late`.
    """
    _locked(pair)
    mine = Judgement.objects.filter(pair=pair, user=by, undone_at__isnull=True).first()
    if mine is None or now - mine.at > UNDO_WITHIN:
        raise DomainError("judgement_undo_too_late")
    mine.undone_at = now
    mine.save(update_fields=["undone_at"])
    RecordPair.objects.filter(pk=pair.pk).update(status=mine.before)
    _settle_group(pair)
    record.entry(Action.DECIDE, about=pair, by=by, step="undo", before=pair.status)
    pair.refresh_from_db(fields=["status"])
    return mine


def live(pair: RecordPair) -> list[Judgement]:
    """The current answers about a pair, oldest first."""
    said = Judgement.objects.filter(pair=pair, undone_at__isnull=True)
    return list(said.select_related("user").order_by("pk"))


def may_undo(judgement: Judgement, by: User, now: datetime) -> bool:
    return (
        judgement.user_id == by.pk
        and judgement.undone_at is None
        and now - judgement.at <= UNDO_WITHIN
    )


def _locked(pair: RecordPair) -> str:
    """The status of the pair, read under the lock of its pairing's answers.

    Raises: `pair_ended`.
    """
    locks.hold(Lock.PAIRING, pair.pairing_id)
    found = RecordPair.objects.select_for_update().filter(pk=pair.pk, until__isnull=True)
    status: str | None = found.values_list("status", flat=True).first()
    if status is None:
        raise DomainError("pair_ended")
    return status


def _kept(
    pair: RecordPair,
    status: str,
    outcome: JudgementOutcome,
    by: User,
    now: datetime,
    note: str,
) -> Judgement:
    try:
        with transaction.atomic():
            return Judgement.objects.create(
                **refs(pair.left, pair.right),
                pair=pair,
                outcome=outcome,
                before=status,
                note=note.strip()[:500],
                is_blind=pair.is_blind,
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


def _settle_group(pair: RecordPair) -> set[int]:
    """Apply the answers to every pair of the group; returns the ids of those that contradict."""
    records = clusters.records_of(pair)
    pairs = [pair.pk for pair in clusters.pairs_among(pair, records)]
    clusters.apply(pair.pairing_id, sorted({*pairs, pair.pk}), len(pairs))
    held = clusters.hold_contradictions(pair.pairing_id, records)
    return {*held, *([pair.pk] if held else [])}


def _faster(pair: RecordPair) -> DomainError:
    last = Judgement.objects.filter(pair=pair).select_related("user").order_by("-pk")
    found = last.first()
    if found is None:
        return DomainError("pair_ended")
    when = date_format(timezone.localtime(found.at), "DATETIME_FORMAT")
    return DomainError("already_judged", who=str(found.user), when=when)
