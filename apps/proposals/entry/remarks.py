"""The findings of the checks about a draft, each beside its field. The rules are those of files.

The worker checks and stores the findings on the draft; the page reads them from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.common.staging import Staging
from apps.jobs import kinds, work
from apps.jobs.messages import ending
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.proposals import rules
from apps.proposals.checks import batch_check, finding_texts, location, reading
from apps.proposals.checks.check_tables import check_staging
from apps.proposals.entry import form_fields as form
from apps.proposals.entry import point
from apps.proposals.models import Batch, Finding, FormDraft, Severity

CHECK_DRAFT: Final = "proposals.check_draft"
# An empty field is no fault before its section was left once.
MOST_ROUNDS: Final = 3
UNFINISHED: Final = frozenset({"missing", "no_point"})


@dataclass(frozen=True)
class Remark:
    """One remark at its place on the form: `family.kk`, `members.1.nik`, `house.point`."""

    place: str
    code: str
    severity: int
    title: str
    remedy: str

    @property
    def is_error(self) -> bool:
        return self.severity == Severity.ERROR

    @property
    def section(self) -> str:
        return self.place.partition(".")[0]

    @property
    def anchor(self) -> str:
        """The id of the field on the page."""
        return self.place.replace(".", "-")

    @property
    def slot(self) -> str:
        """The id of the element beside the field that shows the remark."""
        return f"said-{self.anchor}"


def enqueue_draft_check(*, draft: FormDraft, by: User) -> Job | None:
    """Enqueue the check of a draft. None if the check is done or enqueued already."""
    if draft.checked_version == draft.version or pending(draft) is not None:
        return None
    return work.enqueue(
        CHECK_DRAFT,
        draft.subject,
        subject_name=_("Draft {number}").format(number=draft.pk),
        region_code=draft.region_id,
        by=actor_of(by),
        by_name=str(by),
        total=len(form.rows_of(draft.sections)),
    )


def pending(draft: FormDraft) -> Job | None:
    """The job of the check that has not ended."""
    return Job.objects.unfinished().filter(subject=draft.subject, kind=CHECK_DRAFT).first()


def job_of(draft: FormDraft) -> Job | None:
    """The latest job of the check."""
    return Job.objects.filter(subject=draft.subject, kind=CHECK_DRAFT).order_by("pk").last()


def stopped(draft: FormDraft) -> str:
    """Why the text typed last is not checked, if its check failed; else ""."""
    if draft.checked_version == draft.version:
        return ""
    last = job_of(draft)
    return ending(last) if last is not None and last.status == Job.Status.FAILED else ""


@kinds.job(
    CHECK_DRAFT,
    label=gettext_lazy("Check of a draft"),
    queue="interactive",
    remedy=gettext_lazy(
        "The draft is kept. It is checked again as soon as one of its fields changes; an"
        " administrator can resume the check on the page of jobs, too (job %(job)s)."
    ),
)
def check_draft(lease: Lease) -> None:
    """Run every check over the rows of a draft and store the findings on it. Runs as the worker."""
    draft = FormDraft.objects.filter(pk=int(lease.job.subject.rpartition(":")[2])).first()
    if draft is None:  # deleted in the meantime
        lease.finish()
        return
    found: list[Any] = []
    for _round in range(MOST_ROUNDS):
        found = _find_remarks(draft)
        draft.refresh_from_db(fields=["version", "sections", "region", "batch"])
        if draft.checked_version == draft.version:
            break  # the draft was not changed in the meantime
    lease.finish(findings=len(found))


def _find_remarks(draft: FormDraft) -> list[Any]:
    with check_staging(f"draft_{draft.pk}", bare="staging") as tables:
        found = _found(draft, tables)
    draft.checked_version = draft.version
    open_ = FormDraft.objects.filter(pk=draft.pk, submitted_at=None)
    open_.update(remarks=found, checked_version=draft.version)
    return found


def _found(draft: FormDraft, tables: Staging) -> list[Any]:
    rows = form.rows_of(draft.sections)
    reading.stage_rows(tables["staging"], rows)
    # a batch that is never stored; the draft's own earlier proposals are not repeats
    batch = Batch(pk=draft.batch_id or 0, region_id=draft.region_id, row_values=rows)
    batch_check.check_rows(batch, tables, draft=draft.pk)
    asked = {**batch_check.catalogue(), "value_chars": rules.VALUE_CHARS}
    found = tables.run("proposals/entry/read_remarks", asked)
    return [
        [row, code, severity, field, json.loads(params) if isinstance(params, str) else params]
        for row, code, severity, field, params in found
    ]


def of(draft: FormDraft, *, everything: bool = False) -> list[Remark]:
    """The remarks of the last check, in the order of the form.

    Without `everything`, empty fields of unfinished sections are left out.
    """
    return _placed(draft, draft.remarks, everything)


def beside_fields(said: Iterable[Remark]) -> list[Remark]:
    """The remarks that a field shows, without those that the field of the point shows itself."""
    return [one for one in said if one.code not in location.OF_ONE_POINT]


def of_batch(draft: FormDraft) -> list[Remark]:
    """The remarks of the check of its batch. This check decides on submission."""
    rows = Finding.objects.filter(batch=draft.batch_id).order_by("row_number", "-severity", "pk")
    found = rows.values_list("row_number", "code", "severity", "field", "params")
    return _placed(draft, found, True)


def registered(draft: FormDraft) -> set[int]:
    """The members (from 0) whom the register knows."""
    places = {r.place for r in of(draft) if r.code in form.REGISTERED}
    return {int(place.split(".")[1]) for place in places}


def _placed(draft: FormDraft, found: Iterable[Any], everything: bool) -> list[Remark]:
    members = draft.sections.get(form.MEMBERS) or []
    said: dict[tuple[str, str, str], Remark] = {}
    for row, code, severity, field, params in found:
        place = form.place_of(code, field, row, draft.sections)
        section = place.partition(".")[0]
        if section == form.MEMBERS and not members and not everything:
            continue
        if not everything and code in UNFINISHED and section not in draft.done:
            continue
        remark = _remark(place, code, severity, field, params, draft)
        said.setdefault((place, code, remark.title), remark)
    return sorted(said.values(), key=lambda r: (_order(r), -r.severity))


def _order(remark: Remark) -> tuple[int, int, int]:
    section, *rest = remark.place.split(".")
    number = int(rest[0]) if section == form.MEMBERS and rest else 0
    names = [field.name for field in form.FIELDS[section]]
    at = names.index(rest[-1]) if rest and rest[-1] in names else -1
    return form.SECTIONS.index(section), number, at


def _remark(
    place: str, code: str, severity: int, field: str, params: dict[str, Any], draft: FormDraft
) -> Remark:
    title, remedy = _words(code, field, params, draft)
    return Remark(place=place, code=code, severity=severity, title=title, remedy=remedy)


def _words(code: str, field: str, params: dict[str, Any], draft: FormDraft) -> tuple[str, str]:
    """The texts of the catalogue; the form has its own for those that mention rows and columns."""
    if code == "missing":
        return _("{field} is missing.").format(field=_label(field)), _("Fill it in.")
    if code == "duplicate_in_file":
        programmes = max(1, len((draft.sections.get(form.FAMILY) or {}).get("programme") or []))
        first = (int(params.get("first_row", 1)) - 1) // programmes + 1
        said = _("Member {number} has this NIK already.").format(number=first)
        return said, _("Remove one of the two, or correct the NIK if they are two persons.")
    if code == "no_point":
        said = _("The family has no point yet.")
        return said, _("Take the point at the house, if you can; the form goes on without it, too.")
    if code == "already_registered":
        said = finding_texts.text(code, params=params, field=field).title
        return said, _("Remove this person, or choose another programme.")
    if code == "already_proposed":
        said = finding_texts.text(code, params=params, field=field).title
        return said, _("Remove this person, or open that proposal to change it.")
    if code in location.OF_ONE_POINT:
        return point.words(code, params)
    said_ = finding_texts.text(code, params=params, field=field)
    return said_.title, said_.remedy


def _label(name: str) -> str:
    if name in (form.VILLAGE, "village_name"):
        return _("Village")
    fields = [field for section in form.SECTIONS for field in form.FIELDS[section]]
    return next((str(field.label) for field in fields if field.name == name), name)
