"""The Minister's decree."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.common.personal_data import personal_data
from apps.regions.models import Region
from apps.registry.models import Change


@personal_data
class Decree(models.Model):
    """The Minister's decree: it puts accepted proposals into the register, all or none.

    `whole_csv` and `whole_pdf` are its annex: all rows, numbered, with unmasked NIKs and KKs, for
    users who may reveal them. `annex_csv` and `annex_pdf` are the same rows with these numbers
    masked, for all other users who see the decree (decrees of former releases have only these).
    Each has its sha256 in a field of its own.
    `civil_reason` is the reason for determining proposals that are not matched with the civil
    register; without a reason none of them is determined. `counts["civil"]` has their numbers.
    """

    class Status(models.TextChoices):
        PREPARING = "preparing", _("Being prepared")
        IN_FORCE = "in_force", _("In force")
        FAILED = "failed", _("Failed – can be resumed")
        ANNULLED = "annulled", _("Annulled")

    number = models.CharField(_("number"), max_length=80, unique=True)
    date = models.DateField(_("date"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PREPARING)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("region"))
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("determined by"))
    created_at = models.DateTimeField(_("asked"))
    in_force_at = models.DateTimeField(_("in force at"), null=True, blank=True)
    civil_reason = models.CharField(
        _("reason for others than matched"), max_length=1000, blank=True
    )
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    annex_csv = models.FileField(_("annex (CSV)"), upload_to="decrees/", blank=True, max_length=200)
    annex_csv_sha256 = models.CharField(max_length=64, blank=True)
    annex_pdf = models.FileField(_("annex (PDF)"), upload_to="decrees/", blank=True, max_length=200)
    annex_pdf_sha256 = models.CharField(max_length=64, blank=True)
    whole_csv = models.FileField(
        _("whole annex (CSV)"), upload_to="decrees/", blank=True, max_length=200
    )
    whole_csv_sha256 = models.CharField(max_length=64, blank=True)
    whole_pdf = models.FileField(
        _("whole annex (PDF)"), upload_to="decrees/", blank=True, max_length=200
    )
    whole_pdf_sha256 = models.CharField(max_length=64, blank=True)
    change = models.OneToOneField(Change, models.PROTECT, null=True, blank=True)
    annulled_at = models.DateTimeField(_("annulled at"), null=True, blank=True)
    annulled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("annulled by")
    )
    annulment_number = models.CharField(
        _("number of the decree that annuls it"), max_length=80, blank=True, db_default=""
    )
    annulment_date = models.DateField(_("date of the decree that annuls it"), null=True, blank=True)
    annulment_reason = models.CharField(
        _("reason of the annulment"), max_length=500, blank=True, db_default=""
    )
    differences_csv = models.FileField(
        _("list of differences (CSV)"), upload_to="decrees/", blank=True, max_length=200
    )
    differences_csv_sha256 = models.CharField(max_length=64, blank=True, db_default="")
    annulment_change = models.OneToOneField(
        Change, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("decree")
        verbose_name_plural = _("decrees")

    def __str__(self) -> str:
        return self.number

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), self.number, self.region_id)

    @property
    def subject(self) -> str:
        return f"proposals.Decree:{self.pk}"
