"""Drafts of the form: created, saved section by section, and deleted by their author.

A save over a version that its sender has not seen is refused. Nothing is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.access import Scope, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.proposals.entry import form_fields as form
from apps.proposals.entry import point
from apps.proposals.models import FormDraft, FormDraftQuerySet
from apps.proposals.photos import house_photos
from apps.proposals.region_choice import ANCESTORS, regions_of
from apps.proposals.states import BEING_CHECKED
from apps.regions.models import COUNTRY, Level, Region

# Limit of drafts for one person, so that forgotten drafts do not fill the list.
MOST_DRAFTS: Final = 100
# A draft that was not saved for this long is deleted. Its page warns some days before.
KEPT: Final = timedelta(days=90)
TOLD: Final = timedelta(days=14)
MOST_AT_ONCE: Final = 1_000


class SavedElsewhere(DomainError):
    """The section was saved by another tab or device after this one was opened.

    `stored` is the saved section, `version` its number, `differing` the names of the fields that
    differ.
    """

    code = "saved_elsewhere"

    def __init__(self, stored: Any, version: int, when: datetime, differing: list[str]) -> None:
        super().__init__(when=when, count=len(differing))
        self.stored, self.version, self.when, self.differing = stored, version, when, differing


def mine(user: User) -> FormDraftQuerySet:
    """The drafts that this person may open."""
    return FormDraft.objects.of(user, scope_of(user, Permission.UPLOAD_BATCH))


def unfinished(user: User) -> FormDraftQuerySet:
    """The drafts that this person has not submitted."""
    return mine(user).filter(submitted_at=None)


def goes_on(draft: FormDraft, now: datetime) -> datetime | None:
    """When an old draft is deleted unless it is saved again; None while that is far off."""
    then = draft.updated_at + KEPT
    return then if now > then - TOLD else None


def sweep(*, now: datetime) -> int:
    """Delete drafts that were not saved for 90 days and never submitted. Returns how many.

    Runs as the worker, the only role that sees the drafts of all users.
    """
    old = FormDraft.objects.filter(submitted_at=None, updated_at__lt=now - KEPT)
    old = old.exclude(batch__status__in=BEING_CHECKED)
    gone = 0
    for key in list(old.order_by("updated_at").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        with transaction.atomic():
            draft = old.select_for_update(of=("self",)).filter(pk=key).first()
            if draft is not None:  # else it was saved or sent in the meantime
                record.entry(Action.CHANGE, about=draft, step="swept")
                house_photos.forget_draft(draft, by=None, now=now)
                draft.delete()
                gone += 1
    return gone


@transaction.atomic
def begin(*, by: User, now: datetime) -> FormDraft:
    """Create an empty draft. Its village is filled in if the person works in one village only.

    Raises: `not_yours`, `too_many_drafts`.
    """
    scope = scope_of(by, Permission.UPLOAD_BATCH)
    if not scope:
        raise DomainError("not_yours", region="–")
    if unfinished(by).count() >= MOST_DRAFTS:
        raise DomainError("too_many_drafts", count=MOST_DRAFTS)
    region = scope.prefixes[0] or COUNTRY
    family = form.empty(form.FAMILY)
    family[form.VILLAGE] = region if len(scope.prefixes) == 1 and _is_village(region) else ""
    draft = FormDraft.objects.create(
        user=by,
        region_id=region,
        sections={form.FAMILY: family},
        created_at=now,
        updated_at=now,
    )
    record.entry(Action.CREATE, about=draft)
    return draft


@transaction.atomic
def save(
    *,
    draft: FormDraft,
    section: str,
    values: Any,
    seen: int,
    by: User,
    now: datetime,
    is_done: bool = False,
) -> FormDraft:
    """Store one section. `seen` is the version that its sender was shown.

    Equal values are not a conflict: the same save may arrive twice, or two tabs may be equal.
    Raises: SavedElsewhere, `draft_sent`.
    Locks: the draft's row.
    """
    draft = FormDraft.objects.select_for_update().get(pk=draft.pk)
    need_open(draft)
    values = _completed(section, values, by)
    stored = draft.sections.get(section)
    current = int(draft.versions.get(section, 0))
    if stored != values:
        if seen != current:
            raise SavedElsewhere(stored, current, draft.updated_at, differing(stored, values))
        draft.sections[section] = values
        draft.version += 1
        draft.versions[section] = draft.version
        draft.outcome = {}
        if section == form.FAMILY:
            draft.region_id = _region_for(values[form.VILLAGE], by)
    draft.updated_at = now
    if is_done and section not in draft.done:
        draft.done = [*draft.done, section]
    draft.save()
    return draft


@transaction.atomic
def delete(*, draft: FormDraft, by: User) -> None:
    """Delete a draft. Proposals that were submitted from it are kept.

    Raises: `draft_sent` while its batch is being checked or in review.
    """
    need_open(draft)
    record.entry(Action.CHANGE, about=draft, step="delete")
    house_photos.forget_draft(draft, by=by, now=timezone.now())
    draft.delete()


def need_open(draft: FormDraft) -> None:
    """Raises: `draft_sent`."""
    if draft.submitted_at is not None or is_being_sent(draft):
        raise DomainError("draft_sent")


def is_being_sent(draft: FormDraft) -> bool:
    """Whether its batch is being checked now."""
    return draft.batch is not None and draft.batch.status in BEING_CHECKED


def village_of(draft: FormDraft) -> Region | None:
    code = (draft.sections.get(form.FAMILY) or {}).get(form.VILLAGE, "")
    return villages_of([draft]).get(code) if code else None


def villages_of(drafts: Iterable[FormDraft]) -> dict[str, Region]:
    """The villages of drafts by code, with their ancestors. Queries: one."""
    codes = {(draft.sections.get(form.FAMILY) or {}).get(form.VILLAGE, "") for draft in drafts}
    found = Region.objects.filter(code__in=codes - {""}, level=Level.VILLAGE)
    return {region.code: region for region in found.select_related(ANCESTORS)}


def locate_point(draft: FormDraft) -> point.LocatedPoint:
    """Find where the point of the draft lies now. Queries: two to five."""
    return point.locate_typed(
        (draft.sections.get(form.HOUSE) or {}).get("point", ""), village_of(draft)
    )


def differing(stored: Any, values: Any) -> list[str]:
    """The names of the fields in which two versions of a section differ: `members.1.name`."""
    if isinstance(values, list):
        stored = stored if isinstance(stored, list) else []
        both = [
            (stored[i] if i < len(stored) else {}, values[i] if i < len(values) else {})
            for i in range(max(len(stored), len(values)))
        ]
        return [f"{i}.{name}" for i, pair in enumerate(both) for name in _differing(*pair)]
    return _differing(stored or {}, values)


def _differing(stored: Mapping[str, Any], values: Mapping[str, Any]) -> list[str]:
    names = [*values, *(name for name in stored if name not in values)]
    return [name for name in names if (stored.get(name) or "") != (values.get(name) or "")]


def _completed(section: str, values: Any, by: User) -> Any:
    """The values and those derived from them: a point's degrees, a village that may be chosen."""
    if section == form.HOUSE:
        known = point.read_typed(values["point"])
        unread = values["point"] if known.problem else ""
        return values | {
            "latitude": f"{known.latitude:.6f}" if known.latitude is not None else unread,
            "longitude": f"{known.longitude:.6f}" if known.longitude is not None else unread,
        }
    if section == form.FAMILY:
        regions = regions_of(scope_of(by, Permission.UPLOAD_BATCH)).filter(level=Level.VILLAGE)
        chosen = regions.filter(code=values[form.VILLAGE]).exists() if values[form.VILLAGE] else 0
        return values | {form.VILLAGE: values[form.VILLAGE] if chosen else ""}
    return values


def _region_for(village_code: str, by: User) -> str:
    """The widest of the person's regions that holds the village, else their first."""
    scope: Scope = scope_of(by, Permission.UPLOAD_BATCH)
    fitting = [p for p in scope.prefixes if village_code and village_code.startswith(p)]
    return (fitting or list(scope.prefixes))[0] or COUNTRY


def _is_village(code: str) -> bool:
    return Region.objects.filter(code=code, level=Level.VILLAGE).exists()
