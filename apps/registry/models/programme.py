"""Programmes of social aid."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.utils.translation import gettext_lazy as _


class Programme(models.Model):
    """A programme of social aid, by its code (PKH, SEMBAKO, PBI-JK …)."""

    code = models.CharField(_("code"), primary_key=True, max_length=20, db_collation="C")
    name = models.CharField(_("name"), max_length=120)
    synonyms = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")

    def __str__(self) -> str:
        return self.code
