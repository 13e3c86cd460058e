"""When the proposals of a regency changed, or what is known of them: for what is computed from
them and kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import models
from django.db.models import Max, Sum
from django.utils.translation import gettext_lazy as _

from apps.common import sql

REGENCY_LENGTH: Final = 5


class RegencyChangeQuerySet(models.QuerySet["RegencyChange"]):
    def version_of(self, prefixes: Iterable[str]) -> tuple[int, int, str]:
        """A value that differs after each committed change noted under these codes.

        Numbers are given before the commit, so that the highest one alone would miss a change that
        ended late; the moment is other after a restore of the database. Queries: one.
        """
        regencies = sorted({prefix[:REGENCY_LENGTH] for prefix in prefixes})
        found = sql.run("proposals/read_version", {"prefixes": regencies})
        last, total, until = found[0]
        return int(last), int(total), str(until)

    def versions_of(self, prefixes: Iterable[str]) -> dict[str, tuple[int, int, str]]:
        """The same of each regency that ever changed. Queries: one."""
        found = self._under(prefixes).values("regency")
        grouped = found.annotate(last=Max("pk"), sum=Sum("pk"), until=Max("at"))
        return {
            one["regency"]: (one["last"], int(one["sum"]), str(one["until"])) for one in grouped
        }

    def _under(self, prefixes: Iterable[str]) -> RegencyChangeQuerySet:
        wanted = models.Q(pk__in=[])
        for prefix in prefixes:
            wanted |= models.Q(regency__startswith=prefix[:REGENCY_LENGTH])
        return self.filter(wanted)


class RegencyChange(models.Model):
    """One change of proposals in one regency, or of their findings, their questions, their papers,
    or what the registers said of them; written by triggers in its transaction.

    Rows are only added, so that two transactions never wait for each other; those older than an
    hour are removed with the next change of the regency. `version_of` reads the rest.
    """

    regency = models.CharField(_("regency"), max_length=5, db_collation="C")
    at = models.DateTimeField(_("when"))

    objects = RegencyChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change in a regency")
        verbose_name_plural = _("changes in regencies")
        indexes = [models.Index(fields=["regency", "id"], name="proposals_regencychange_of")]

    def __str__(self) -> str:
        return f"{self.regency} {self.pk}"
