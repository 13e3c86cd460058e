"""Indicators, the releases of their figures, and the values by region."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.regions.models import Level, Region

# How the unit of a percentage is written.
PERCENT: Final = frozenset(("%", "persen", "per cent", "percent"))


class Indicator(models.Model):
    """What is measured, under a code that addresses and files use (`poverty_rate`).

    `name` and `denominator` are Indonesian as published; `name_en` is shown in English where given.
    A rate's values are in `unit`; a count's are whole numbers. `limits` say which values a file may
    have. `is_sensitive`: no fill at villages.
    """

    class Kind(models.TextChoices):
        RATE = "rate", _("rate")
        COUNT = "count", _("count")
        AMOUNT = "amount", _("amount")

    class Origin(models.TextChoices):
        PUBLISHED = "published", _("published by an agency")
        REGISTER = "register", _("counted from the register")

    class Limits(models.TextChoices):
        SHARE = "share", _("0 to 100, a share of a whole")
        OPEN = "open", _("any, such as a rate of growth, or of enrolment above 100 per cent")

    code = models.SlugField(_("code"), primary_key=True, max_length=50)
    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("name (English)"), max_length=200, blank=True)
    origin = models.CharField(_("origin"), max_length=9, choices=Origin)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    unit = models.CharField(_("unit"), max_length=40)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=1)
    denominator = models.CharField(_("denominator"), max_length=200, blank=True)
    method = models.TextField(_("method"), blank=True)
    publisher = models.CharField(_("publisher"), max_length=200, blank=True)
    limits = models.CharField(_("possible values"), max_length=5, choices=Limits)
    is_sensitive = models.BooleanField(_("sensitive"), default=False)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """The figures of one indicator for one period, as one source gave them at one time.

    `period_start` is the first day of the period, `period` its label (`2021`, `2026-09`,
    `2026-Q3`). `code_system` and `vintage` say which codes the source used. The release in force is
    `is_current`: at most one of an indicator and a period. `sha256` is of the source's content; of
    figures that are published it is that of the values (`figures/hash_values.sql`). `levels` are
    those that have values; nothing is summed up.
    """

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="releases", verbose_name=_("indicator")
    )
    period_start = models.DateField(_("first day of the period"))
    period = models.CharField(_("period"), max_length=10)
    level = models.CharField(_("lowest level"), max_length=10, choices=Level)
    levels = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    source = models.CharField(_("source"), max_length=200)
    file_name = models.CharField(_("file or address"), max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    code_system = models.CharField(_("codes"), max_length=10)
    vintage = models.CharField(_("date of the codes"), max_length=20, blank=True)
    published_date = models.DateField(_("published"), null=True, blank=True)
    stored_at = models.DateTimeField(_("stored"))
    values_count = models.PositiveIntegerField(_("values"), default=0)
    is_current = models.BooleanField(_("in force"), default=False)
    publication = models.ForeignKey(
        "indicators.Publication", models.PROTECT, null=True, blank=True, related_name="releases"
    )
    current_since = models.DateTimeField(_("in force since"), null=True, blank=True)
    current_by = models.CharField(_("put in force by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "period_start", "period"],
                condition=models.Q(is_current=True),
                name="indicators_one_current_release",
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.period}"


class Value(models.Model):
    """The figure of one region. `region` is the present code of the region.

    Published figures are not summed up: a level without values has none.
    """

    id = models.BigAutoField(primary_key=True)
    release = models.ForeignKey(Release, models.CASCADE, related_name="values", db_index=False)
    region = models.ForeignKey(
        Region, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=6)
    numerator = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    denominator = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        constraints = [
            models.UniqueConstraint(
                fields=["release", "region"], name="indicators_one_value_of_a_region"
            )
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.region_id}"
