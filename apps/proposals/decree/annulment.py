"""A decree that was wrong is annulled by another decree: the register is brought back.

The one who annuls is never the one who determined. What other decrees and resolutions wrote since
stays (`registry.reverting`); the list of differences says for each row what becomes of it. The
proposals keep their status and their decree: their families can be proposed again at once, because
the register no longer has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date as Date
from datetime import datetime
from typing import Any, BinaryIO, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of, may
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.common.tabular import write_csv
from apps.common.text.identity import masked
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.proposals import news
from apps.proposals.checks import identity
from apps.proposals.decree import annex
from apps.proposals.maps import HIDDEN
from apps.proposals.models import Decree
from apps.registry import changes
from apps.registry.models import Change
from apps.registry.reverting import change_reversal
from apps.registry.reverting.change_reversal import Difference
from apps.registry.sensitive import PROTECTED_PPKS

ANNUL: Final = "proposals.annul"
MIN_REASON: Final = 10
# A page counts what a decree of so many rows did; above it the annulment alone does.
MOST_COUNTED: Final = 20_000
MASKED: Final = ("nik", "kk")
HEADER: Final = (
    "jenis", "nomor", "kode_desa", "tindakan", "halangan", "kolom", "kini", "sebelumnya",
)  # fmt: skip
# What becomes of the rows that a decree wrote.
ACTS: Final = {
    "person_remove": _("persons leave the register, which the decree had brought"),
    "person_reopen": _("persons are in the register again, which the decree had removed"),
    "person_restore": _("persons have their former values again"),
    "person_stay": _("persons stay as they are, because something else has changed since"),
    "family_end": _("families end, which the decree had brought"),
    "family_reopen": _("families are open again, which the decree had ended"),
    "family_restore": _("families have their former values again"),
    "family_stay": _("families stay as they are, because something else has changed since"),
    "enrolment_end": _("enrolments end, on the day on which they began"),
    "enrolment_reopen": _("enrolments are open again, where the person is in the register"),
    "enrolment_restore": _("enrolments have their former values again"),
}
# What an annulment did, by the counts of `change_reversal.revert`.
DONE: Final = {
    "persons_removed": ACTS["person_remove"],
    "persons_restored": _("persons have their former state again"),
    "persons_left": ACTS["person_stay"],
    "families_ended": ACTS["family_end"],
    "families_restored": _("families have their former state again"),
    "families_left": ACTS["family_stay"],
    "enrolments_ended": ACTS["enrolment_end"],
    "enrolments_restored": _("enrolments have their former state again"),
    "enrolments_left": _("enrolments stay ended: the person is not in the register or has another"),
}
# Words of the stored list; like the annex it is an official paper, Indonesian in every setting.
WORDS: Final = {
    "person": "orang", "family": "keluarga", "enrolment": "kepesertaan",
    "remove": "keluar dari data induk", "end": "berakhir", "restore": "nilai dikembalikan",
    "reopen": "dibuka kembali", "stay": "tetap", "": "",
    "changed": "sudah diubah oleh keputusan atau penyelesaian lain",
    "nik": "NIK dipakai orang lain", "kk": "No. KK dipakai keluarga lain",
    "family_obstacle": "keluarganya tidak dapat dikembalikan",
    "person_obstacle": "anggotanya tidak dapat dikembalikan",
    "member": "ada anggota lain",
}  # fmt: skip


def is_counted(decree: Decree) -> bool:
    """Whether what an annulment would do is counted for a page: of more rows it takes too long."""
    return int(decree.counts.get("determined", 0)) <= MOST_COUNTED


def require_open(*, decree: Decree, by: User) -> None:
    """Whether a person may annul a decree now.

    Raises: `not_yours`, `annul_own`, `annul_not_in_force`.
    """
    _require(decree, by)


def count_differences(*, decree: Decree, by: User) -> dict[str, int]:
    """What an annulment would do now, as `change_reversal.count_differences`; nothing is written.
    Cost: 20,000 persons in a second.

    Raises: `not_yours`, `annul_own`, `annul_not_in_force`.
    """
    _require(decree, by)
    assert decree.change is not None
    return change_reversal.count_differences(decree.change)


def in_words(counted: dict[str, int]) -> list[tuple[str, int]]:
    """What becomes of how many rows: (words, how many), in the order of ACTS."""
    return [(str(words), counted[name]) for name, words in ACTS.items() if counted.get(name)]


def counts_in_words(decree: Decree) -> list[tuple[str, int]]:
    """What the annulment of a decree did: (words, how many); empty before it."""
    done = decree.counts.get("annulled", {})
    return [(str(words), done[name]) for name, words in DONE.items() if done.get(name)]


@transaction.atomic
def enqueue_annulment(
    *, decree: Decree, number: str, date: Date, reason: str, by: User, now: datetime
) -> Job:
    """Enqueue the annulment of a decree by another one (`number`, `date`).

    Raises: `not_yours`, `annul_own`, `annul_not_in_force`, `annul_number`, `annul_reason`,
    `annul_running`. Locks: the decree, so that two who annul it make one job.
    """
    decree = Decree.objects.select_for_update(of=["self"]).get(pk=decree.pk)
    _require(decree, by)
    number, reason = " ".join(number.split()), " ".join(reason.split())
    if not number or number == decree.number:
        raise DomainError("annul_number", number=decree.number)
    if len(reason) < MIN_REASON:
        raise DomainError("annul_reason", chars=MIN_REASON)
    running = Job.objects.filter(kind=ANNUL, subject=decree.subject).order_by("-pk").first()
    if running is not None and not running.is_finished:
        raise DomainError("annul_running", number=decree.number)
    record.entry(Action.CHANGE, about=decree, by=by, step="annul", number=number, reason=reason)
    return work.enqueue(
        ANNUL,
        decree.subject,
        subject_name=decree.number,
        by=actor_of(by),
        by_name=str(by),
        region_code=decree.region_id,
        parameters={
            "decree": decree.pk,
            "user": by.pk,
            "number": number[:80],
            "date": date.isoformat(),
            "reason": reason[:500],
        },
    )


@kinds.job(
    ANNUL,
    label=_("Annulment of a decree"),
    remedy=_(
        "The register is as it was before. A person who may determine asks for it again on the page"
        " of the decree (job %(job)s)."
    ),
)
def run_annulment(lease: work.Lease) -> Decree:
    """Do the job of an annulment, then compare the open proposals with the changed register."""
    decree = annul(lease)
    if decree.annulment_change_id is not None:
        identity.refresh_touched(change_id=decree.annulment_change_id, now=timezone.now())
    return decree


@transaction.atomic
def annul(lease: work.Lease) -> Decree:
    """Bring the register back, and mark the decree as annulled, in one transaction.

    Raises: as `preview`. Locks: the decree, the register.
    """
    asked = lease.job.parameters
    by = User.objects.get(pk=asked["user"])
    decree = Decree.objects.select_for_update(of=["self"]).get(pk=asked["decree"])
    if decree.status == Decree.Status.ANNULLED:
        lease.finish(decree=decree.pk)
        return decree
    _require(decree, by)
    assert decree.change is not None
    now = timezone.now()
    change = changes.begin(
        kind=Change.Kind.ANNULMENT,
        reference=decree.number,
        source="proposals",
        actor=actor_of(by),
        actor_name=str(by),
        reason=f"{asked['number']}, {asked['date']}: {asked['reason']}",
        now=now,
    )
    counts = change_reversal.revert(
        change=change, wrong=decree.change, listing=lambda found: _store_list(decree, found)
    )
    lease.timed("revert")
    decree.counts["annulled"] = counts
    decree.status = Decree.Status.ANNULLED
    decree.annulled_at, decree.annulled_by = now, by
    decree.annulment_number = asked["number"]
    decree.annulment_date = Date.fromisoformat(asked["date"])
    decree.annulment_reason = asked["reason"]
    decree.annulment_change = change
    decree.save()
    record.entry(
        Action.DECIDE,
        about=decree,
        by=by,
        step="annulled",
        number=asked["number"],
        reason=asked["reason"],
        change=change.pk,
        counts=counts,
    )
    news.decree_annulled(decree, now)
    lease.finish(decree=decree.pk, **counts)
    return decree


def _require(decree: Decree, by: User) -> None:
    """Raises: `not_yours`, `annul_own`, `annul_not_in_force`."""
    if not may(by, Permission.DETERMINE_PROPOSAL, decree.region_id):
        raise DomainError("not_yours", region=decree.region_id)
    if decree.user_id == by.pk:
        raise DomainError("annul_own", number=decree.number)
    if decree.status != Decree.Status.IN_FORCE or decree.change_id is None:
        raise DomainError(
            "annul_not_in_force", number=decree.number, status=decree.get_status_display()
        )


def _store_list(decree: Decree, differences: Iterable[Difference]) -> None:
    """Write the list of differences, a line for each field: NIK and KK masked, places and protected
    kinds of need without their values.
    """

    def fill(file: BinaryIO) -> None:
        write_csv(_lines(differences), HEADER, file)

    stored = annex.store(decree, "csv", fill)
    decree.differences_csv.name = stored.name
    decree.differences_csv_sha256 = stored.sha256


def _lines(differences: Iterable[Difference]) -> Iterator[tuple[Any, ...]]:
    for one in differences:
        obstacle = WORDS.get(f"{one.obstacle}_obstacle") or WORDS[one.obstacle]
        about = (WORDS[one.what], one.pk, one.village_code, WORDS[one.act], obstacle)
        for field, (now, then) in sorted(one.fields.items()) or [("", ("", ""))]:
            is_hidden = _is_hidden(field, now, then)
            yield (*about, field, *(_shown(field, value, is_hidden) for value in (now, then)))


def _is_hidden(field: str, now: Any, then: Any) -> bool:
    """Whether no value of a field is written: of no point, protected or not, and of no protected
    kind of need.
    """
    kinds = {*(now or ()), *(then or ())} if field == "ppks" else set()
    return field == "location" or not PROTECTED_PPKS.isdisjoint(kinds)


def _shown(field: str, value: Any, is_hidden: bool) -> str:
    if value is None:
        return ""
    if is_hidden:
        return HIDDEN
    return masked(str(value)) if field in MASKED else str(value)
