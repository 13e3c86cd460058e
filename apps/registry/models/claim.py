"""Values that lost against the register's values."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import BrinIndex
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.common.personal_data import personal_data
from apps.common.text.identity import masked
from apps.regions.models import Region
from apps.registry.models.change import Change
from apps.registry.models.history import ScopedQuerySet
from apps.registry.models.person import Person


@personal_data
class Claim(models.Model):
    """A value that is not in force: a lost value of a person's field, or the value of a row.

    `was_held` is false for a value that a row of `change` contained and the register did not
    accept; `source_ref` is then that row's number. Such a claim may also be about a field of the
    family. `undone` is the Change that took it back: the merge that brought it was a mistake.
    """

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, db_constraint=False, related_name="claims")
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    field = models.CharField(_("field"), max_length=40)
    value = models.CharField(_("value"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=40)
    source_ref = models.CharField(
        _("number at the source"), max_length=60, blank=True, db_default=""
    )
    was_held = models.BooleanField(_("held before"), db_default=True)
    change = models.ForeignKey(Change, models.PROTECT, db_constraint=False, db_index=False)
    lost_at = models.DateTimeField(_("lost"), db_default=Now())
    undone = models.ForeignKey(
        Change,
        models.PROTECT,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        indexes = [BrinIndex(fields=["change"], name="registry_claim_change")]

    def __str__(self) -> str:
        return self.field

    @property
    def shown(self) -> str:
        """The value for a page: numbers masked."""
        return masked(self.value) if self.field in ("nik", "kk") else self.value
