"""A filter of the list of proposals that a person saved, for themselves or for the office."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def of(self, user: User, regions: list[str]) -> SavedFilterQuerySet:
        """One's own, and those shared in an office of one's regions."""
        return self.filter(Q(user=user) | Q(is_shared=True, offices__overlap=regions))


class SavedFilter(models.Model):
    """A named address of the list: filter, sorting and columns. It holds no data of a person.

    `offices` are the codes of the regions in which it is shared: those of who saved it.
    """

    user = models.ForeignKey(
        User, models.CASCADE, related_name="saved_filters", verbose_name=_("by")
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=2000)
    offices = ArrayField(models.CharField(max_length=13), default=list, verbose_name=_("offices"))
    is_shared = models.BooleanField(_("shared in the office"), default=False)
    saved_at = models.DateTimeField(_("saved"))

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="proposals_savedfilter_name")
        ]

    def __str__(self) -> str:
        return self.name
