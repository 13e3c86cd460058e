"""Roads, railways and rivers of a local extract, drawn under everything else."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.geo import MERCATOR_SRID


class BaseLayer(models.Model):
    """One import of an extract. The newest one that is ready is drawn; its number is in the
    address of its tiles. `attribution` is shown on the map.
    """

    file_name = models.CharField(_("file"), max_length=200)
    attribution = models.CharField(_("source"), max_length=200)
    lines = models.PositiveIntegerField(_("lines"), default=0)
    imported_at = models.DateTimeField(_("imported"))
    is_ready = models.BooleanField(_("ready"), default=False)

    class Meta:
        verbose_name = _("base layer")
        verbose_name_plural = _("base layers")

    def __str__(self) -> str:
        return self.file_name


class BaseLine(models.Model):
    """One line. `rank` 0 is a main road or river, 3 the smallest; it decides from which zoom on the
    line is drawn. Units: Web Mercator.
    """

    class Kind(models.TextChoices):
        ROAD = "road", _("road")
        RAIL = "rail", _("railway")
        RIVER = "river", _("river")

    id = models.BigAutoField(primary_key=True)
    layer = models.ForeignKey(BaseLayer, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    rank = models.PositiveSmallIntegerField(_("rank"))
    name = models.CharField(_("name"), max_length=80, blank=True)
    shape = models.MultiLineStringField(srid=MERCATOR_SRID, spatial_index=False)

    class Meta:
        verbose_name = _("line of a base layer")
        verbose_name_plural = _("lines of a base layer")
        # GiST indexes of the main lines and of the others: written as SQL (first migration).

    def __str__(self) -> str:
        return self.name
