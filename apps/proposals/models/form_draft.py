"""A family that is being typed."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.common.personal_data import personal_data
from apps.proposals.models.batch import Batch
from apps.regions.models import Region


class FormDraftQuerySet(models.QuerySet["FormDraft"]):
    def of(self, user: User, scope: Scope) -> FormDraftQuerySet:
        """A person's own drafts, as long as they work in that region."""
        return self.filter(scope.query("region__code"), user=user) if scope else self.none()


@personal_data
class FormDraft(models.Model):
    """One family that is being typed into the form. It belongs to the person who types it.

    `sections` holds what was typed (`family`, `members`, `house`). `version` counts the saves and
    `versions` holds the save that last changed each section, so that a person who would overwrite a
    version that they have not seen is warned. `done` are the sections completed by their button.
    `remarks` are the findings about `checked_version`. `outcome` is why the batch was not
    submitted; after a submission the typed values are removed.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("by"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("region"))
    sections = models.JSONField(default=dict, blank=True)
    versions = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0)
    done = models.JSONField(default=list, blank=True)
    remarks = models.JSONField(default=list, blank=True)
    checked_version = models.IntegerField(default=-1)
    batch = models.OneToOneField(
        Batch, models.PROTECT, null=True, blank=True, related_name="draft", verbose_name=_("batch")
    )
    outcome = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("begun"))
    updated_at = models.DateTimeField(_("saved"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)

    objects = FormDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("form draft")
        verbose_name_plural = _("form drafts")

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def audit_subject(self) -> Subject:
        return Subject(
            subject_of(self), gettext("Draft {number}").format(number=self.pk), self.region_id
        )

    @property
    def subject(self) -> str:
        return f"proposals.FormDraft:{self.pk}"
