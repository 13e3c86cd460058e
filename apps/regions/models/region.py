"""The region tree by Kemendagri code, and other systems' codes."""

from __future__ import annotations

from datetime import date

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.geo import SRID

COUNTRY = "ID"


class Level(models.TextChoices):
    """The level of a region, determined by the length of its dotted code."""

    COUNTRY = "country", _("Country")
    PROVINCE = "province", _("Province")
    REGENCY = "regency", _("Regency or city")
    DISTRICT = "district", _("District")
    VILLAGE = "village", _("Village")

    @classmethod
    def of(cls, code: str) -> Level:
        """The level of a dotted code.

        Raises: KeyError when the code does not have such a form.
        """
        return cls.COUNTRY if code == COUNTRY else LEVEL_BY_LENGTH[len(code)]


LEVEL_BY_LENGTH = {
    2: Level.PROVINCE,
    5: Level.REGENCY,
    8: Level.DISTRICT,
    13: Level.VILLAGE,
}


def prefix_of(code: str) -> str:
    """The prefix of all codes under a region; empty for the country."""
    return "" if code == COUNTRY else code


def in_region(column: str, code: str) -> models.Q:
    """The condition that a column of dotted codes names a region, or one in it.

    On a key of the region table (`code`, `village__code`, `village_id`), which has the collation C,
    it is a range: after `97.01` come `97.01.01.2001` and its like, all before `97.01/`. An index
    reads it also under row-level security; a condition by prefix is not leakproof and reads every
    row.
    """
    if not (prefix := prefix_of(code)):
        return models.Q()
    if column == "code" or column.endswith(("__code", "_id")):
        return models.Q(**{f"{column}__gte": prefix, f"{column}__lt": f"{prefix}/"})
    return models.Q(**{f"{column}__startswith": prefix})


class RegionQuerySet(models.QuerySet["Region"]):
    def at(self, day: date) -> RegionQuerySet:
        """Regions whose code is in force on a day."""
        return self.filter(
            models.Q(valid_from__isnull=True) | models.Q(valid_from__lte=day),
            models.Q(valid_until__isnull=True) | models.Q(valid_until__gt=day),
        )

    def under(self, code: str) -> RegionQuerySet:
        """A region and everything in it."""
        return self.filter(code__startswith=prefix_of(code))


class Region(models.Model):
    """A region under its Kemendagri code (`34.04.01.2001`); the code is the key everywhere.

    Decrees change codes: an ended code keeps its row, with its successor where there is one.
    Units: the period is half-open, null is unbounded. `office` is the village office, WGS 84.
    Source: Kepmendagri 300.2.2-2430/2025 and its predecessors.
    """

    code = models.CharField(_("code"), primary_key=True, max_length=13, db_collation="C")
    digits = models.GeneratedField(
        expression=models.Func(
            models.F("code"), models.Value("."), models.Value(""), function="replace"
        ),
        output_field=models.CharField(max_length=10),
        db_persist=True,
    )
    name = models.CharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors"
    )
    decree = models.CharField(_("decree"), max_length=60, blank=True)
    office = models.PointField(_("office"), srid=SRID, null=True, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        indexes = [
            models.Index(fields=["digits"], name="regions_region_digits"),
            # all provinces, regencies or districts of the country
            models.Index(fields=["level", "code"], name="regions_region_level"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class TreeVersion(models.Model):
    """One row: its number rises with each change of the tree, for what is kept of its names."""

    number = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number=1), name="regions_one_tree_version")
        ]

    def __str__(self) -> str:
        return f"{self.version}"


class CodeSystem(models.TextChoices):
    """The systems in which files write codes of regions. Ours are Kemendagri's."""

    KEMENDAGRI = "kemendagri", "Kemendagri"
    BPS = "bps", "BPS"


class ForeignCode(models.Model):
    """Another system's code of a region. BPS codes look like ours but mean other places."""

    region = models.ForeignKey(Region, models.CASCADE, related_name="foreign_codes")
    system = models.CharField(max_length=10, choices=[(CodeSystem.BPS.value, CodeSystem.BPS.label)])
    code = models.CharField(max_length=20, db_collation="C")
    vintage = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("code of another system")
        verbose_name_plural = _("codes of other systems")
        constraints = [
            models.UniqueConstraint(
                fields=["system", "vintage", "code", "region"], name="regions_foreigncode_once"
            )
        ]
        indexes = [models.Index(fields=["system", "code"], name="regions_foreigncode_code")]

    def __str__(self) -> str:
        return f"{self.system} {self.code}"
