"""The photos of a family's house: added, removed, handed over, listed with their distance.

A photo belongs to a draft or to a row of a file. All rows of the file with the same family card
show it; a form is one family as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.casework import photos
from apps.casework.models import Photo
from apps.common import locks, sql
from apps.common.errors import DomainError
from apps.common.geo import is_in_country_box
from apps.common.locks import Lock
from apps.proposals import chips, maps, rules
from apps.proposals.access import trail
from apps.proposals.models import Batch, FormDraft, HousePhoto, Proposal, Severity
from apps.proposals.states import BEING_CHECKED, ProposalStatus
from apps.regions.lookup import villages_at

# Of one family: front, rooms, roof, water. More do not help anybody who decides.
MOST_PHOTOS: Final = 8


@dataclass(frozen=True)
class ShownPhoto:
    """One photo as pages show it.

    Units: sides in pixels, degrees WGS 84, metres. `band` is how far the camera stood from the
    point: `near`, `apart`, `far`; "" if one of the two is unknown. `village` is the one at the
    camera, "" outside of all. `others` counts other families with the same picture. Where
    `is_protected` no position is said.
    """

    key: int
    kind: str
    width: int
    height: int
    taken_at: datetime | None
    latitude: float | None
    longitude: float | None
    village: str
    is_abroad: bool
    distance_m: float | None
    band: str
    others: int
    by_name: str
    at: datetime
    is_protected: bool = False

    @property
    def label(self) -> str:
        return str(HousePhoto.Kind(self.kind).label)

    @property
    def has_position(self) -> bool:
        return self.latitude is not None

    @property
    def position(self) -> str:
        """`-7.25042, 112.76881`; "" where the camera wrote none."""
        if self.latitude is None or self.longitude is None:
            return ""
        if self.is_protected:
            return maps.HIDDEN
        return f"{self.latitude:.5f}, {self.longitude:.5f}"

    @property
    def is_doubtful(self) -> bool:
        return self.is_abroad or self.band == "far"

    @property
    def mark(self) -> SafeString | str:
        """The chip before the sentence: ⚠ far away or abroad, plain words in between, else none."""
        if self.is_doubtful:
            return chips.severity(Severity.WARNING)
        if self.band == "apart":
            return format_html('<span class="tag">{}</span>', Severity.WARNING.label)
        return ""

    @property
    def sentence(self) -> str:
        """Where the camera stood, compared with the point. Without a position it is a note."""
        if not self.has_position:
            return _("The photo has no position; telephones often leave it out.")
        if self.is_abroad:
            return _("The camera's position is outside Indonesia: {position}.").format(
                position=self.position
            )
        if self.distance_m is None:
            return _("Taken at {position}; the family has no point to compare it with.").format(
                position=self.position
            )
        metres = chips.metres(self.distance_m)
        if self.band == "near":
            return _("Taken {distance} from the point.").format(distance=metres)
        if self.village:
            return _("Taken {distance} from the point, in {village}.").format(
                distance=metres, village=self.village
            )
        return _(
            "Taken {distance} from the point, outside every village boundary (at sea or in another"
            " country)."
        ).format(distance=metres)

    @property
    def others_text(self) -> str:
        """That other families have the same picture; "" if none is seen."""
        if not self.others:
            return ""
        return ngettext(
            "The same picture is at {count} other family.",
            "The same picture is at {count} other families.",
            self.others,
        ).format(count=number_format(self.others))


# --- shown ---


def of_proposal(proposal: Proposal) -> list[ShownPhoto]:
    """The photos of a proposal's house, the front first. Queries: one."""
    point = proposal.location
    found = _listed(
        batch=proposal.batch_id,
        row_number=proposal.row_number,
        kk=proposal.kk,
        longitude=point.x if point else None,
        latitude=point.y if point else None,
    )
    return [replace(one, is_protected=proposal.is_protected) for one in found]


def of_draft(
    draft: FormDraft, *, latitude: float | None = None, longitude: float | None = None
) -> list[ShownPhoto]:
    """The photos of a draft, compared with its point in degrees. Queries: one."""
    return _listed(draft=draft.pk, longitude=longitude, latitude=latitude)


def _listed(**known: Any) -> list[ShownPhoto]:
    values = {"batch": 0, "draft": 0, "row_number": 0, "kk": "", **known}
    values |= {"near_m": rules.NEAR_PHOTO_M, "far_m": rules.FAR_PHOTO_M}
    rows = sql.run("proposals/photos/list_photos", values)
    return [ShownPhoto(*row) for row in rows]


def visible_to(user: User) -> QuerySet[HousePhoto]:
    """The photos that a person may open: of their own drafts and files, and of rows in scope.

    Photos follow the permission of their rows: who sees files alone opens none of others' files.
    """
    scope = scope_of(user, Permission.VIEW_PROPOSAL)
    sending = scope_of(user, Permission.UPLOAD_BATCH)
    files, seen = Batch.objects.within(scope), Proposal.objects.within(scope)
    sent = Batch.objects.within(sending).filter(user=user)
    own = FormDraft.objects.of(user, sending)
    row = seen.filter(batch_id=OuterRef("batch_id"), row_number=OuterRef("row_number"))
    family = Proposal.objects.filter(
        batch_id=OuterRef(OuterRef("batch_id")), row_number=OuterRef(OuterRef("row_number"))
    )
    same_card = seen.filter(batch_id=OuterRef("batch_id"), kk__in=family.values("kk"))
    whole = seen.filter(batch_id=OuterRef("batch_id"))
    return HousePhoto.objects.select_related("photo", "batch", "draft").filter(
        Q(draft__in=own)
        | Q(batch__in=files)
        | Q(batch__in=sent)
        | Exists(row)
        | Exists(same_card)
        | (Q(row_number=None) & Exists(whole))
    )


def note_opened(shown: HousePhoto, by: User) -> None:
    """Count and record that a user looks at a photo: under the rows of its family, or its draft.

    Raises: read_limits.ReadingStopped.
    """
    trail.count_read(by, [f"photo:{shown.pk}"])
    if shown.batch is None:
        record.entry(Action.READ, about=shown.draft, by=by, photo=shown.pk)
        return
    family = Proposal.objects.filter(batch=shown.batch)
    if shown.row_number is not None:
        cards = family.filter(row_number=shown.row_number).values("kk")
        family = family.filter(Q(row_number=shown.row_number) | Q(kk__in=cards))
    rows = sorted(set(family.values_list("row_number", flat=True)) | {shown.row_number or 1})
    record.entry(Action.READ, about=shown.batch, by=by, rows=rows, photo=shown.pk)


# --- added and removed ---


@transaction.atomic
def add_to_draft(
    *, draft: FormDraft, prepared: photos.PreparedPhoto, kind: str, by: User, now: datetime
) -> tuple[HousePhoto, bool]:
    """Add a photo to a person's own draft; the same picture again only changes its kind.

    Returns the photo, and whether it is new. Raises: `draft_sent`, `too_many_photos`, NoRoom.
    Locks: the draft's row.
    """
    draft = _locked(draft)
    _need_unsent(draft)
    known = draft.photos.filter(sent_sha256=prepared.sent_sha256).first()
    if known is not None:
        HousePhoto.objects.filter(pk=known.pk).update(kind=kind)
        return known, False
    if draft.photos.count() >= MOST_PHOTOS:
        raise DomainError("too_many_photos", limit=MOST_PHOTOS)
    village = (draft.sections.get("family") or {}).get("village_code") or draft.region_id
    added = _add(prepared, village, kind, by, now, draft=draft, batch=draft.batch)
    _count_change(draft, now)
    return added, True


@transaction.atomic
def remove_from_draft(*, draft: FormDraft, key: int, by: User, now: datetime) -> None:
    """Remove a photo of a draft; one that is gone already changes nothing. Raises: `draft_sent`.

    Locks: the draft's row.
    """
    draft = _locked(draft)
    _need_unsent(draft)
    if _remove(draft.photos.filter(pk=key), by, now):
        _count_change(draft, now)


@transaction.atomic
def add_to_row(
    *,
    batch: Batch,
    row_number: int,
    village_code: str,
    prepared: photos.PreparedPhoto,
    kind: str,
    by: User,
    now: datetime,
) -> bool:
    """Add a photo to a row of a file. False if the row has this picture already.

    The caller checks whether the person may, and places the findings afterwards.
    Raises: `too_many_photos`, NoRoom.
    Locks: the photos of the row, so that two jobs do not both add the last one that fits.
    """
    locks.hold_text(Lock.PHOTOS, f"{batch.pk}/{row_number}")
    own = HousePhoto.objects.filter(batch=batch, row_number=row_number)
    if own.filter(sent_sha256=prepared.sent_sha256).exists():
        return False
    if own.count() >= MOST_PHOTOS:
        raise DomainError("too_many_photos", limit=MOST_PHOTOS)
    _add(prepared, village_code, kind, by, now, batch=batch, row_number=row_number)
    return True


@transaction.atomic
def remove_from_row(*, batch: Batch, key: int, by: User, now: datetime) -> int | None:
    """Remove a photo of a row that is not submitted; returns its row, None if it is gone already.

    The caller checks whether the person may, and has the findings compared again.
    Raises: `photo_row_sent`.
    """
    shown = HousePhoto.objects.filter(batch=batch, pk=key, row_number__isnull=False).first()
    if shown is None:
        return None
    if not is_removable(batch, [shown])[shown.pk]:
        raise DomainError("photo_row_sent")
    _remove([shown], by, now)
    return shown.row_number


def is_removable(batch: Batch, shown: Iterable[HousePhoto]) -> dict[int, bool]:
    """Whether each photo of a file can be removed: only while its row is not submitted.

    Queries: one.
    """
    rows = {one.pk: one.row_number for one in shown}
    wanted = {row for row in rows.values() if row is not None}
    sent = Proposal.objects.filter(batch=batch, row_number__in=wanted)
    numbers = set(sent.exclude(status=ProposalStatus.DRAFT).values_list("row_number", flat=True))
    return {key: row is not None and row not in numbers for key, row in rows.items()}


def hand_over(draft: FormDraft, batch: Batch) -> None:
    """Give the photos of a draft to the batch that it is sent as. A repeat changes nothing."""
    HousePhoto.objects.filter(draft=draft).update(batch=batch)


def forget_draft(draft: FormDraft, *, by: User | None, now: datetime) -> None:
    """Remove the photos of a draft that is deleted, unless they were sent with its batch."""
    _remove(draft.photos.filter(batch=None), by, now)


def _add(
    prepared: photos.PreparedPhoto,
    region_code: str,
    kind: str,
    by: User,
    now: datetime,
    **owner: Any,
) -> HousePhoto:
    stored = photos.store(prepared, region_code=region_code, by=by, now=now)
    village, is_abroad = _place_of(stored)
    return HousePhoto.objects.create(
        photo=stored,
        sent_sha256=stored.sent_sha256,
        kind=kind if kind in HousePhoto.Kind.values else HousePhoto.Kind.OTHER,
        actual_village_id=village,
        is_abroad=is_abroad,
        at=now,
        **owner,
    )


def _place_of(stored: Photo) -> tuple[str | None, bool]:
    """The village at the camera, and whether its position cannot be in Indonesia."""
    if stored.location is None:
        return None, False
    if not is_in_country_box(stored.location.x, stored.location.y):
        return None, True
    return next(iter(villages_at(stored.location)), None), False


def _remove(shown: Iterable[HousePhoto], by: User | None, now: datetime) -> int:
    count = 0
    for one in shown:
        stored = one.photo
        one.delete()
        photos.remove(stored, by=by, now=now)
        count += 1
    return count


def _count_change(draft: FormDraft, now: datetime) -> None:
    """A draft with other photos is checked again."""
    draft.version += 1
    draft.outcome, draft.updated_at = {}, now
    draft.save(update_fields=["version", "outcome", "updated_at"])


def _locked(draft: FormDraft) -> FormDraft:
    rows = FormDraft.objects.select_for_update(of=("self",)).select_related("batch")
    return rows.get(pk=draft.pk)


def _need_unsent(draft: FormDraft) -> None:
    is_checked = draft.batch is not None and draft.batch.status in BEING_CHECKED
    if draft.submitted_at is not None or is_checked:
        raise DomainError("draft_sent")
