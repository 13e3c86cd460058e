"""Screens on the wall: devices that show the board without a user."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of


class Wall(models.Model):
    """One screen. It is let in by a code, then by a token in a cookie, from one address only.

    Code and token are kept as SHA-256. `expires_at` moves on while the screen is in use; an ended
    screen shows nothing any more.
    """

    name = models.CharField(_("name"), max_length=60)
    code_sha256 = models.CharField(max_length=64, blank=True)
    code_until = models.DateTimeField(null=True, blank=True)
    token_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )

    class Meta:
        verbose_name = _("wall screen")
        verbose_name_plural = _("wall screens")

    def __str__(self) -> str:
        return self.name

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), self.name)
