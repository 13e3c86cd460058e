"""How much of other people's data a user read."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models.user import User


class ReadCount(models.Model):
    """How much of other people's data a user read in one day, by kind of reading.

    `limits.read_limits` counts; what counts is where that is called: look-ups and numbers tried in
    a row where a number or name is searched for, the others where rows are listed, one is opened,
    revealed or exported. The data-protection officer sees it and may lift a day's stop.
    """

    class Kind(models.TextChoices):
        LOOKUP = "lookup", _("Look-ups in the register")
        LIST = "list", _("Rows shown in lists")
        REVEAL = "reveal", _("Numbers revealed")
        EXPORT = "export", _("Rows exported")
        GUESS = "guess", _("Numbers tried in a row")

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        User, models.CASCADE, related_name="read_counts", verbose_name=_("user")
    )
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    count = models.PositiveIntegerField(_("how many"), default=0)
    alarmed_at = models.DateTimeField(_("alarm"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("stop lifted"), null=True, blank=True)
    lifted_by = models.CharField(_("lifted by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("reading of a day")
        verbose_name_plural = _("reading by day")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "day", "kind"], name="accounts_readcount_one_a_day"
            )
        ]
        indexes = [models.Index(fields=["-day", "-count"], name="accounts_readcount_day")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_kind_display()}"
