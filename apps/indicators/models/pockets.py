"""Pockets of extreme poverty: editions, their villages and areas, and where two editions differ."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.audit.subjects import Subject, subject_of
from apps.casework.models import Worklist
from apps.common.geo import SRID
from apps.common.states import Moves, StatusMoves, pairs
from apps.regions.models import Region


class PocketStatus(models.TextChoices):
    WAITING = "waiting", _("In work")
    READY = "ready", _("Ready")
    ACTIVE = "active", _("In force")
    SUPERSEDED = "superseded", _("Superseded")
    FAILED = "failed", _("Failed")


POCKET_TRANSITIONS: Moves = {
    PocketStatus.WAITING: {PocketStatus.READY, PocketStatus.FAILED},
    PocketStatus.READY: {PocketStatus.ACTIVE},
    PocketStatus.ACTIVE: {PocketStatus.SUPERSEDED},
    PocketStatus.SUPERSEDED: {PocketStatus.ACTIVE},
    PocketStatus.FAILED: {PocketStatus.WAITING},
}


class PocketEdition(models.Model):
    """One picture of the pockets: published by BIG (a file), or computed from the register.

    `parameters` are those of the computation, or the least share of a village that an area has to
    cover; `summary` counts what was stored and lists what was found in the file. `boundaries` names
    the boundary editions whose villages were met. One edition of each origin is in force.
    """

    Status: ClassVar = PocketStatus
    TRANSITIONS: ClassVar = POCKET_TRANSITIONS

    class Origin(models.TextChoices):
        PUBLISHED = "published", _("BIG")
        COMPUTED = "computed", _("the register")

    origin = models.CharField(_("origin"), max_length=9, choices=Origin)
    name = models.CharField(_("name"), max_length=80, unique=True)
    published_date = models.DateField(_("published"))
    status = models.CharField(
        _("status"), max_length=10, choices=PocketStatus, default=PocketStatus.WAITING
    )
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    boundaries = ArrayField(
        models.CharField(max_length=80), verbose_name=_("boundary editions"), default=list
    )
    file = models.FileField(_("file"), upload_to="pockets/", max_length=200, blank=True)
    file_name = models.CharField(_("file name"), max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    summary = models.JSONField(_("summary"), default=dict, blank=True)
    stored_at = models.DateTimeField(_("stored"))
    stored_by = models.CharField(_("by"), max_length=200)
    activated_at = models.DateTimeField(_("in force since"), null=True, blank=True)
    activated_by = models.CharField(_("put in force by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("edition of pockets")
        verbose_name_plural = _("editions of pockets")
        constraints = [
            models.UniqueConstraint(
                fields=["origin"],
                condition=models.Q(status="active"),
                name="indicators_one_pocket_edition",
            )
        ]
        triggers = [StatusMoves(name="pocket_edition_moves", transitions=pairs(POCKET_TRANSITIONS))]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), self.name)


class VillageRows(models.QuerySet["PocketVillage"]):
    def within(self, scope: Scope) -> VillageRows:
        """Villages inside a scope."""
        return self.filter(scope.query("village__code")) if scope else self.none()


class PocketVillage(models.Model):
    """A village in an edition: of BIG's, those in a pocket; of ours, all with registered families.

    `share_area` (0 to 1) is the part that published areas cover, null for a list of villages.
    `counted` are the families that the method counts; `per_km2` and `percent` (of the registered
    families) are theirs. The other counts are families by what is known of them, `enrolled_persons`
    persons by programme; families by programme are shown by the maps alone. All are exact; `hidden`
    names the columns that are not shown to anybody (`pockets.disclosure`). Of a village whose
    counted families are hidden the register does not say whether it is a pocket (null): that would
    narrow the number (adr/0030).
    """

    id = models.BigAutoField(primary_key=True)
    edition = models.ForeignKey(
        PocketEdition, models.CASCADE, related_name="villages", db_index=False
    )
    village = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    is_pocket = models.BooleanField(_("pocket"), null=True)
    share_area = models.FloatField(_("share of the area"), null=True, blank=True)
    families = models.PositiveIntegerField(_("registered families"), default=0)
    persons = models.PositiveIntegerField(_("registered persons"), default=0)
    counted = models.PositiveIntegerField(_("counted families"), default=0)
    per_km2 = models.FloatField(_("counted families per km²"), null=True, blank=True)
    percent = models.FloatField(_("counted families (%)"), null=True, blank=True)
    enrolled = models.PositiveIntegerField(_("families with a programme"), default=0)
    proposed = models.PositiveIntegerField(_("families with a proposal"), default=0)
    located = models.PositiveIntegerField(_("families with a point"), default=0)
    inside = models.PositiveIntegerField(_("points inside their village"), default=0)
    near_border = models.PositiveIntegerField(_("points near its border"), default=0)
    enrolled_persons = models.JSONField(_("enrolled persons"), default=dict, blank=True)
    enrolled_families = models.JSONField(default=dict, blank=True)
    hidden = ArrayField(models.CharField(max_length=30), default=list, blank=True)

    objects = VillageRows.as_manager()

    class Meta:
        verbose_name = _("village of an edition of pockets")
        verbose_name_plural = _("villages of editions of pockets")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "village"], name="indicators_pocket_village_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.village_id}"


class PocketArea(models.Model):
    """An area of an edition: a published polygon, or a cell of our grid.

    `families` and `persons` of a cell are rounded to fives, `per_km2` is made of the rounded
    number; a cell with fewer than five counted families is not stored. `villages` are those of its
    counted families, whose numbers are all shown. A polygon has none of these. `middle_in` is the
    code of the region, a village where there is one, in which a point in its middle lies; empty
    outside of all boundaries.
    """

    id = models.BigAutoField(primary_key=True)
    edition = models.ForeignKey(PocketEdition, models.CASCADE, related_name="areas", db_index=False)
    number = models.CharField(_("number"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True)
    area = models.MultiPolygonField(_("area"), srid=SRID, spatial_index=False)
    area_km2 = models.FloatField(_("area (km²)"))
    is_repaired = models.BooleanField(_("repaired"), default=False)
    families = models.PositiveIntegerField(_("counted families"), null=True, blank=True)
    persons = models.PositiveIntegerField(_("their persons"), null=True, blank=True)
    per_km2 = models.FloatField(_("counted families per km²"), null=True, blank=True)
    villages = ArrayField(models.CharField(max_length=13), default=list, blank=True)
    middle_in = models.CharField(max_length=13, default="", blank=True)

    class Meta:
        verbose_name = _("area of an edition of pockets")
        verbose_name_plural = _("areas of editions of pockets")
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "number"], name="indicators_pocket_area_once"
            )
        ]
        # the cells of a village go when it is hidden
        indexes = [GinIndex(fields=["villages"], name="indicators_cells_of_village")]

    def __str__(self) -> str:
        return f"{self.edition_id} {self.number}"


class PocketSum(models.Model):
    """The coverage of the villages of a regency on one side of the pockets: sums of what is shown.

    Of the editions in force alone. Without `published` the pockets are the register's own. `is_in`
    is null for villages of which that is not said. `persons` are registered persons of the villages
    whose persons are shown; `by_programme` those enrolled; `left_out` are villages and their
    persons where a programme is not shown. `is_stale`: more is hidden since, nobody is shown the
    row.
    """

    SUMS: ClassVar = (
        *("regency", "is_in", "villages", "suppressed", "families", "enrolled", "not_enrolled"),
        *("not_proposed", "located", "inside", "near_border", "persons", "persons_suppressed"),
    )

    id = models.BigAutoField(primary_key=True)
    computed = models.ForeignKey(PocketEdition, models.CASCADE, related_name="+")
    published = models.ForeignKey(
        PocketEdition, models.CASCADE, related_name="+", null=True, db_index=False
    )
    regency = models.CharField(max_length=5)
    is_in = models.BooleanField(null=True)
    is_stale = models.BooleanField(default=False)
    villages = models.PositiveIntegerField()
    suppressed = models.PositiveIntegerField()
    families = models.PositiveIntegerField()
    enrolled = models.PositiveIntegerField()
    not_enrolled = models.PositiveIntegerField()
    not_proposed = models.PositiveIntegerField()
    located = models.PositiveIntegerField()
    inside = models.PositiveIntegerField()
    near_border = models.PositiveIntegerField()
    persons = models.PositiveIntegerField()
    persons_suppressed = models.PositiveIntegerField()
    by_programme = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("coverage of a regency")
        verbose_name_plural = _("coverage of regencies")
        constraints = [
            models.UniqueConstraint(
                fields=["computed", "published", "regency", "is_in"],
                name="indicators_pocket_sum_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.computed_id} {self.published_id} {self.regency}"


class DifferenceRows(models.QuerySet["PocketDifference"]):
    def within(self, scope: Scope) -> DifferenceRows:
        """Villages inside a scope, without those that nobody is shown (`Kind.ENDED`)."""
        if not scope:
            return self.none()
        return self.filter(scope.query("village__code")).exclude(kind=PocketDifference.Kind.ENDED)


class PocketDifference(models.Model):
    """A village that is a pocket in at least one of two editions, and what its regency said of it.

    Its kind is `hidden` where BIG says so and the register does not say, or does not say any more,
    whether it is. Where only the register said so and does not any more, the row is `ended`: on no
    page, map, file or list, kept for what its regency answered (adr/0030).

    The counts are those of our edition, so that one picture is compared with one state of the
    register. Written once for each pair of editions.
    """

    class Kind(models.TextChoices):
        AGREE = "agree", _("both")
        ONLY_PUBLISHED = "published", _("only BIG")
        ONLY_COMPUTED = "computed", _("only the register")
        HIDDEN = "hidden", _("BIG; the register's number is suppressed")
        ENDED = "ended", _("not said any more")

    class Answer(models.TextChoices):
        POCKET = "pocket", _("is a pocket")
        NO_POCKET = "no_pocket", _("is no pocket")
        UNKNOWN = "unknown", _("cannot be said yet")

    id = models.BigAutoField(primary_key=True)
    published = models.ForeignKey(PocketEdition, models.CASCADE, related_name="+", db_index=False)
    computed = models.ForeignKey(PocketEdition, models.CASCADE, related_name="+", db_index=False)
    village = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    kind = models.CharField(_("says pocket"), max_length=9, choices=Kind)
    share_area = models.FloatField(_("share of the area"), null=True, blank=True)
    families = models.PositiveIntegerField(_("registered families"), default=0)
    persons = models.PositiveIntegerField(_("registered persons"), default=0)
    counted = models.PositiveIntegerField(_("counted families"), default=0)
    per_km2 = models.FloatField(_("counted families per km²"), null=True, blank=True)
    percent = models.FloatField(_("counted families (%)"), null=True, blank=True)
    hidden = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    worklist = models.ForeignKey(
        Worklist, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    answer = models.CharField(_("answer"), max_length=9, choices=Answer, blank=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.CharField(_("by"), max_length=200, blank=True)

    objects = DifferenceRows.as_manager()

    class Meta:
        verbose_name = _("difference of pockets")
        verbose_name_plural = _("differences of pockets")
        constraints = [
            models.UniqueConstraint(
                fields=["published", "computed", "village"],
                name="indicators_pocket_difference_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["worklist"],
                name="indicators_difference_list",
                condition=models.Q(worklist__isnull=False),
            ),
            # what the maps hide of an edition is hidden in its differences
            models.Index(fields=["computed", "village"], name="indicators_difference_ours"),
        ]

    def __str__(self) -> str:
        return f"{self.published_id} {self.computed_id} {self.village_id}"
