"""Numbers by which places were lately found to be protected."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.personal_data import personal_data


@personal_data
class PlaceToJudge(models.Model):
    """A family card, or a person, found to be protected, whose rows are judged once more.

    A row that another transaction stores at the same moment does not see it, and is not seen. It is
    judged again (`checks.place_judging`) until every transaction of that moment has ended. Written
    by the triggers that judge places, and removed within seconds.
    """

    kk = models.CharField("No. KK", max_length=16, db_collation="C", blank=True)
    nik = models.CharField("NIK", max_length=16, db_collation="C", blank=True)
    # The first transaction number that was not yet given when the row was first seen.
    horizon = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("place to judge again")
        verbose_name_plural = _("places to judge again")

    def __str__(self) -> str:
        return str(self.pk)
