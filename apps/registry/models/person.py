"""Families, their persons, and their enrolments."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from apps.audit.subjects import Subject, subject_of
from apps.common.geo import SRID
from apps.common.personal_data import personal_data
from apps.common.text.identity import masked
from apps.regions.models import Region
from apps.registry.models.change import Change
from apps.registry.models.ending import EndReason
from apps.registry.models.history import ScopedQuerySet, change_needed, tracked
from apps.registry.models.programme import Programme
from apps.registry.sensitive import PROTECTED_PPKS, cards_known_elsewhere


@personal_data
@tracked()
class Family(models.Model):
    """The persons of one KK, and their address.

    `location` is WGS 84; `location_verdict` is the result of the check against the boundary.
    """

    id = models.BigAutoField(primary_key=True)
    kk = models.CharField("No. KK", max_length=16, null=True, blank=True, db_collation="C")
    village = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, db_index=False, verbose_name=_("village")
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    rt = models.CharField("RT", max_length=3, blank=True)
    rw = models.CharField("RW", max_length=3, blank=True)
    location = models.PointField(_("point"), srid=SRID, null=True, blank=True, spatial_index=False)
    location_verdict = models.CharField(_("verdict"), max_length=12, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    change = models.ForeignKey(Change, models.PROTECT, db_constraint=False, db_index=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("family")
        verbose_name_plural = _("families")
        constraints = [
            models.UniqueConstraint(
                fields=["kk"], name="registry_family_kk", condition=models.Q(is_active=True)
            )
        ]
        indexes = [
            models.Index(fields=["village"], name="registry_family_village"),
            models.Index(
                fields=["kk"],
                name="registry_family_former_kk",
                condition=models.Q(is_active=False),
            ),
        ]
        triggers = [change_needed("family_new_change")]

    def __str__(self) -> str:
        return masked(self.kk)

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), region=self.village_id)


@personal_data
@tracked()
class Person(models.Model):
    """One person. The key is surrogate and never changes; the NIK may be missing or disputed.

    `village_id` repeats the family's village, for scope and row-level security. `origins` names the
    Change of each field whose origin differs from the row's. A person merged into another one keeps
    row, NIK and history, and refers to that one in `merged_into`, which is never itself merged
    (`registry.merging`). `end_reason` and `end_date` say why and since when a removed person left
    (the day of death, of the move); they are empty where a removal named none.
    """

    class Sex(models.TextChoices):
        MALE = "L", _("Male")
        FEMALE = "P", _("Female")

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        REMOVED = "removed", _("Removed")
        MERGED = "merged", _("Merged into another person")

    id = models.BigAutoField(primary_key=True)
    family = models.ForeignKey(
        Family,
        models.PROTECT,
        db_constraint=False,
        related_name="members",
        verbose_name=_("family"),
    )
    village = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, db_index=False, verbose_name=_("village")
    )
    nik = models.CharField("NIK", max_length=16, null=True, blank=True, db_collation="C")
    is_nik_disputed = models.BooleanField(_("NIK disputed"), default=False)
    name = models.CharField(_("name"), max_length=200)
    title = models.CharField(_("title"), max_length=60, blank=True)
    birth_place = models.CharField(_("place of birth"), max_length=120, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex, blank=True)
    mother_name = models.CharField(_("mother's name"), max_length=200, blank=True)
    relation = models.CharField(_("relation"), max_length=40, blank=True)
    occupation = models.CharField(_("occupation"), max_length=120, blank=True)
    marital_status = models.CharField(_("marital status"), max_length=40, blank=True)
    disability_kind = models.CharField(_("disability"), max_length=40, blank=True)
    ppks = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    end_reason = models.CharField(
        _("reason of the end"), max_length=12, choices=EndReason, blank=True, db_default=""
    )
    end_date = models.DateField(_("date of the event"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="merged",
        verbose_name=_("merged into"),
    )
    source = models.CharField(_("source"), max_length=40, blank=True)
    source_ref = models.CharField(_("number at the source"), max_length=60, blank=True)
    origins = models.JSONField(default=dict, blank=True)
    change = models.ForeignKey(Change, models.PROTECT, db_constraint=False, db_index=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        constraints = [
            models.UniqueConstraint(
                fields=["nik"],
                name="registry_person_nik",
                condition=models.Q(status="active", is_nik_disputed=False),
            ),
            models.CheckConstraint(
                name="registry_person_merged",
                condition=models.Q(status="merged", merged_into__isnull=False)
                | (~models.Q(status="merged") & models.Q(merged_into__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["village"], name="registry_person_village"),
            models.Index(fields=["birth_date"], name="registry_person_birth"),
            models.Index(
                fields=["nik"],
                name="registry_person_ended",
                condition=models.Q(status="removed"),
            ),
            models.Index(
                fields=["merged_into"],
                name="registry_person_survivor",
                condition=models.Q(merged_into__isnull=False),
            ),
        ]
        triggers = [change_needed("person_new_change")]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), region=self.village_id)

    @property
    def masked_nik(self) -> str:
        return masked(self.nik)

    @cached_property
    def has_protected_place(self) -> bool:
        """Whether the place of the person's house is protected (`protected_among`).

        Queries: none to two.
        """
        return bool(protected_among([self]))


def protected_among(persons: Iterable[Person]) -> set[int]:
    """Those of some persons (with `family`) in whose family, who live in one house, somebody has a
    protected kind of need.

    Where the register says nothing of it the apps above are asked, which know what is proposed
    (`sensitive.known_elsewhere`). Queries: none to two.
    """
    asked = {one.pk: one for one in persons}
    found = {pk for pk, one in asked.items() if not PROTECTED_PPKS.isdisjoint(one.ppks)}
    left = {pk: one for pk, one in asked.items() if pk not in found}
    if left:
        named = Person.objects.filter(ppks__overlap=sorted(PROTECTED_PPKS))
        named = named.filter(family__in={one.family_id for one in left.values()})
        families = set(named.values_list("family_id", flat=True))
        found |= {pk for pk, one in left.items() if one.family_id in families}
    cards = {pk: one.family.kk for pk, one in left.items() if pk not in found}
    known = cards_known_elsewhere(cards.values())
    return found | {pk for pk, card in cards.items() if card in known}


@personal_data
@tracked()
class Enrolment(models.Model):
    """A person is registered for a programme for a period (half-open, null is open)."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(
        Person, models.PROTECT, db_constraint=False, related_name="enrolments"
    )
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    programme = models.ForeignKey(Programme, models.PROTECT, db_index=False)
    active_from = models.DateField(_("from"))
    active_until = models.DateField(_("until"), null=True, blank=True)
    end_reason = models.CharField(
        _("reason of the end"), max_length=12, choices=EndReason, blank=True, db_default=""
    )
    change = models.ForeignKey(Change, models.PROTECT, db_constraint=False, db_index=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "programme"],
                name="registry_enrolment_open",
                condition=models.Q(active_until__isnull=True),
            )
        ]
        indexes = [
            models.Index(
                fields=["village"],
                name="registry_enrolment_village",
                condition=models.Q(active_until__isnull=True),
            )
        ]
        triggers = [change_needed("enrolment_new_change")]

    def __str__(self) -> str:
        return f"{self.programme_id}"
