"""A person's field that no source changes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.common.personal_data import personal_data
from apps.reconciliation.models.conflict import ConflictQuerySet
from apps.regions.models import Region
from apps.registry.models import Person


@personal_data
class Lock(models.Model):
    """A field of a person that no source changes any more, until a person lifts the lock."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.PROTECT, db_constraint=False, related_name="locks")
    village = models.ForeignKey(Region, models.PROTECT, db_constraint=False, db_index=False)
    field = models.CharField(_("field"), max_length=40)
    reason = models.CharField(_("reason"), max_length=500)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        verbose_name = _("locked field")
        verbose_name_plural = _("locked fields")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "field"],
                name="reconciliation_lock_once",
                condition=Q(lifted_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.field}"
