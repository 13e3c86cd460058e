"""A photo of the house of a proposed family."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.audit.subjects import Subject, subject_of
from apps.casework.models import Photo
from apps.common.personal_data import personal_data
from apps.proposals.models.batch import Batch
from apps.proposals.models.form_draft import FormDraft
from apps.regions.models import Region


@personal_data
class HousePhoto(models.Model):
    """One photo of the house of one family of a batch, or of a draft that is not sent yet.

    `row_number` is a row of the family; all rows of the batch with the same family card show the
    photo. It is empty where the whole batch is one family (a form). `sent_sha256` is that of the
    photo, so that one picture sent twice for a family is one. `actual_village` is the village at
    the camera's position, empty outside of all villages; `is_abroad` says that the position cannot
    be in Indonesia.
    """

    class Kind(models.TextChoices):
        FRONT = "front", _("Front of the house")
        INSIDE = "inside", _("Inside the house")
        OTHER = "other", _("Other view")

    id = models.BigAutoField(primary_key=True)
    draft = models.ForeignKey(
        FormDraft, models.SET_NULL, null=True, blank=True, related_name="photos"
    )
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, related_name="photos")
    row_number = models.PositiveIntegerField(_("row"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.FRONT)
    photo = models.OneToOneField(Photo, models.PROTECT, related_name="+", verbose_name=_("photo"))
    sent_sha256 = models.CharField(max_length=64)
    actual_village = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("village at the camera"),
    )
    is_abroad = models.BooleanField(_("camera abroad"), default=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("photo of a house")
        verbose_name_plural = _("photos of houses")
        constraints = [
            models.CheckConstraint(
                name="proposals_housephoto_has_owner",
                condition=Q(draft__isnull=False) | Q(batch__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["draft", "sent_sha256"],
                name="proposals_housephoto_once_in_draft",
                condition=Q(draft__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["batch", "row_number", "sent_sha256"],
                name="proposals_housephoto_once_in_batch",
                condition=Q(batch__isnull=False),
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["sent_sha256"], name="proposals_housephoto_picture")]

    def __str__(self) -> str:
        return gettext("Photo {number}").format(number=self.pk)

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), str(self), self.photo.region_id)
