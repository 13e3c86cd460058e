"""Models that several apps share: calendar, work-lists, notices, documents."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.lookups import IsNull
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.accounts.models import User
from apps.audit.subjects import Subject, subject_of
from apps.common.geo import SRID
from apps.common.personal_data import personal_data
from apps.regions.models import Region


class CycleQuerySet(models.QuerySet["Cycle"]):
    def open_on(self, day: date) -> CycleQuerySet:
        """The cycles in which a batch of this day may be proposed."""
        return self.filter(opens_date__lte=day, cutoff_date__gte=day)


class Cycle(models.Model):
    """One round of proposals, usually a month: opened, closed, and frozen when data are drawn.

    Source: practice of 2025, cut-off every 17th and data drawn on the 18th; set by Pusdatin.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    opens_date = models.DateField(_("opens"))
    cutoff_date = models.DateField(_("closes"))
    draw_date = models.DateField(_("frozen, data drawn"))

    objects = CycleQuerySet.as_manager()

    class Meta:
        verbose_name = _("cycle")
        verbose_name_plural = _("cycles")
        constraints = [
            models.CheckConstraint(
                name="casework_cycle_in_order",
                condition=models.Q(
                    opens_date__lte=models.F("cutoff_date"), cutoff_date__lt=models.F("draw_date")
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, user: User) -> NoticeQuerySet:
        """The notices of one person; other users never read them."""
        return self.filter(user_id=user.pk)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)


@personal_data
class Notice(models.Model):
    """A message to a person about an event. Written in the transaction of the event.

    While it is unread, further events of the same kind and subject increase `count` instead of
    adding a notice. `params` holds numbers and the name of a file, never personal data.
    """

    class Kind(models.TextChoices):
        BATCH_READY = "batch_ready", _("File checked")
        BATCH_ASKS = "batch_asks", _("File waits for an answer")
        BATCH_STOPPED = "batch_stopped", _("Check stopped")
        CORRECTED = "corrected", _("Corrections taken over")
        ROWS_RETURNED = "rows_returned", _("Proposals returned")
        CYCLE_CLOSING = "cycle_closing", _("Cycle closes soon")
        QUESTIONS = "questions", _("Questions to answer")
        ANSWER_BACK = "answer_back", _("Answers handed back")
        MUCH_READING = "much_reading", _("Much reading")
        ROW_ASKED = "row_asked", _("Question about a proposal")
        ROW_ANSWERED = "row_answered", _("Answer about a proposal")
        CANARY = "canary", _("A made-up person was touched")
        HAZARD_WAITS = "hazard_waits", _("Hazard not taken on")
        POCKETS = "pockets", _("Villages of which two sources differ")
        DECREE_ANNULLED = "decree_annulled", _("Decree annulled")
        HOST_WAITS = "host_waits", _("Host of a service to be allowed")
        BULK_ENDED = "bulk_ended", _("Decision on many rows ended")

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    subject = models.CharField(_("subject"), max_length=80)
    count = models.PositiveIntegerField(_("count"), default=1)
    params = models.JSONField(default=dict, blank=True)
    url = models.CharField(_("address"), max_length=200)
    at = models.DateTimeField(_("at"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "subject"],
                name="casework_notice_unread_once",
                condition=Q(read_at__isnull=True),
            )
        ]
        indexes = [models.Index(fields=["user", "-id"], name="casework_notice_of_user")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class MailPreference(models.Model):
    """Whether a person wants the daily e-mail, and in which language. No row: yes, Indonesian."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="mail_preference",
        verbose_name=_("user"),
    )
    wants_digest = models.BooleanField(_("e-mail once a day"), default=True)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="id"
    )
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("mail preference")
        verbose_name_plural = _("mail preferences")

    def __str__(self) -> str:
        return f"{self.user_id} {self.language}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def within(self, scope: Scope) -> DocumentQuerySet:
        """Documents of the villages inside a scope."""
        return self.filter(scope.query("region__code")) if scope else self.none()

    def of_villages(self) -> DocumentQuerySet:
        """Documents about the proposals of a village, without the evidence about single persons."""
        return self.filter(kind__in=Document.VILLAGE_KINDS)

    def uncorrected(self) -> DocumentQuerySet:
        """Without entries after which the same file was sent again for the village and cycle."""
        later = Document.objects.of_villages().filter(
            Q(cycle=OuterRef("cycle")) | Q(cycle=None) & IsNull(OuterRef("cycle"), True),
            region=OuterRef("region"),
            sent_sha256=OuterRef("sent_sha256"),
            pk__gt=OuterRef("pk"),
        )
        return self.filter(~Exists(later))


@personal_data
class Document(models.Model):
    """A village's decision about its proposals of a cycle, on paper: the evidence of its rows.

    With kind `evidence` it is an officer's evidence about one person (`reconciliation.Answer`): it
    belongs to no cycle, permits no submission, and is opened only beside its answer. With kind
    `emergency` it is a regency's, belongs to a plan of shipments, and is opened beside that.

    Source: Kepmensos 73/HUK/2024, minutes of the village's meeting, or the head's own statement.
    The stored file is the one to open: a PDF as it was sent, a picture encoded again. `sha256` is
    that of the stored file, `sent_sha256` that of the file that was sent. An entry is never
    changed: a file sent again with another kind, number or date is one more.
    """

    class Kind(models.TextChoices):
        MINUTES = "minutes", _("Minutes of the village meeting")
        STATEMENT = "statement", _("Statement of responsibility (SPTJM)")
        EVIDENCE = "evidence", _("Evidence about one person")
        EMERGENCY = "emergency", _("Statement of emergency of a regent")

    VILLAGE_KINDS: ClassVar = (Kind.MINUTES, Kind.STATEMENT)

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    number = models.CharField(_("number"), max_length=80)
    date = models.DateField(_("date"))
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("village"))
    cycle = models.ForeignKey(
        Cycle,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("cycle"),
    )
    file = models.FileField(_("file"), upload_to="documents/", max_length=200)
    file_name = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(_("size (bytes)"))
    sha256 = models.CharField(max_length=64)
    sent_sha256 = models.CharField(max_length=64)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    by_name = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("at"))

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [models.Index(fields=["cycle", "region"], name="casework_document_village")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def is_picture(self) -> bool:
        """Whether a browser shows it in a page."""
        return self.media_type.startswith("image/")

    @property
    def is_pdf(self) -> bool:
        """Whether its first pages are drawn as a picture to be shown."""
        return self.media_type == "application/pdf"

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), str(self), self.region_id)

    @property
    def subject(self) -> str:
        return f"casework.Document:{self.pk}"


@personal_data
class Photo(models.Model):
    """A photo as evidence, drawn again without what its camera wrote. The app that asked for it
    knows what it shows.

    `location` (WGS 84) and `taken_at` are what the camera wrote; empty where it wrote nothing,
    which says nothing about the photo: telephones remove both when a picture is chosen. `sha256` is
    that of the stored JPEG, `sent_sha256` that of the file that was sent. The name of the file is
    not kept, because people name photos after persons.
    """

    id = models.BigAutoField(primary_key=True)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("region"))
    file = models.FileField(_("file"), upload_to="photos/", max_length=200)
    size = models.PositiveIntegerField(_("size (bytes)"))
    width = models.PositiveSmallIntegerField(_("width (pixels)"))
    height = models.PositiveSmallIntegerField(_("height (pixels)"))
    sha256 = models.CharField(max_length=64)
    sent_sha256 = models.CharField(max_length=64)
    location = models.PointField(
        _("position of the camera"), srid=SRID, null=True, blank=True, spatial_index=False
    )
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("by"))
    by_name = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")

    def __str__(self) -> str:
        return gettext("Photo {number}").format(number=self.pk)

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), str(self), self.region_id)


class WorklistQuerySet(models.QuerySet["Worklist"]):
    def within(self, scope: Scope) -> WorklistQuerySet:
        """Lists of the regions inside a scope."""
        return self.filter(scope.query("region__code")) if scope else self.none()

    def open(self) -> WorklistQuerySet:
        return self.filter(closed_at__isnull=True)


class Worklist(models.Model):
    """Questions of one kind about one region, with a due date.

    The app that creates a list owns its questions, updates `total` and `done` in the transaction of
    every answer, and closes the list when no question is left. `kind` is defined by that app;
    `subject` is the source of the list (`reconciliation.Run:12`). There is one list for each kind,
    subject and region.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=40)
    subject = models.CharField(_("from"), max_length=80)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("region"))
    due_date = models.DateField(_("to be answered until"))
    total = models.PositiveIntegerField(_("questions"), default=0)
    done = models.PositiveIntegerField(_("answered"), default=0)
    made_at = models.DateTimeField(_("made"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects = WorklistQuerySet.as_manager()

    class Meta:
        verbose_name = _("work-list")
        verbose_name_plural = _("work-lists")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "region"], name="casework_worklist_once"
            ),
            models.CheckConstraint(
                name="casework_worklist_counts", condition=Q(done__lte=models.F("total"))
            ),
        ]
        indexes = [models.Index(fields=["region", "due_date"], name="casework_worklist_region")]

    def __str__(self) -> str:
        return f"{self.kind} {self.region_id}"

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), region=self.region_id)
