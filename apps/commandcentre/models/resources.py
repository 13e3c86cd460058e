"""What help is there: facilities, the goods in them as a ledger, and the people who respond."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.access import Scope
from apps.audit.subjects import Subject, subject_of
from apps.common.geo import SRID
from apps.common.personal_data import personal_data
from apps.regions.models import Region


class FacilityQuerySet(models.QuerySet["Facility"]):
    def within(self, scope: Scope) -> FacilityQuerySet:
        """Facilities of the villages inside a scope; those at sea only in the national one."""
        return self.filter(scope.query("village__code")) if scope else self.none()

    def active(self) -> FacilityQuerySet:
        return self.filter(is_active=True)


class Facility(models.Model):
    """A place from which help comes. It is no personal data: the phone is that of an office.

    `location` is WGS 84. `is_estimated` is true where the source gave only the village, and the
    point is one inside that. `village` is the one that contains the point, or that the source
    names; null where the point lies in none. `reference` is the source's own number, or "".
    """

    class Kind(models.TextChoices):
        LUMBUNG = "lumbung", _("Social granary (lumbung sosial)")
        WAREHOUSE = "warehouse", _("Logistics warehouse")
        CENTRE = "centre", _("Centre (sentra, balai)")
        HEALTH = "health", _("Health facility")
        OFFICE = "office", _("Office")
        OTHER = "other", _("Other")

    id = models.BigAutoField(primary_key=True)
    reference = models.CharField(_("reference"), max_length=60, blank=True, db_collation="C")
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    location = models.PointField(_("point"), srid=SRID)
    is_estimated = models.BooleanField(_("point estimated"), default=False)
    village = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("village"),
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    office = models.CharField(_("responsible office"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField(_("updated"))

    objects = FacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("facility")
        verbose_name_plural = _("facilities")
        constraints = [
            models.UniqueConstraint(
                fields=["reference"],
                name="commandcentre_facility_reference",
                condition=~Q(reference=""),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), self.name, region=self.village_id or "")


class Good(models.Model):
    """A good of the standard catalogue, counted in whole units (`resources/catalogue.py`)."""

    class Unit(models.TextChoices):
        PACKAGE = "package", _("packages")
        SHEET = "sheet", _("sheets")
        PIECE = "piece", _("pieces")
        KILOGRAM = "kg", _("kg")
        LITRE = "litre", _("litres")

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(_("code"), max_length=30, unique=True, db_collation="C")
    name = models.CharField(_("name"), max_length=120)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    synonyms = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        verbose_name = _("good")
        verbose_name_plural = _("goods")

    def __str__(self) -> str:
        return self.name


class StockItem(models.Model):
    """One batch of a good in a facility. Its balances are written by the ledger's trigger only.

    `on_hand` units are in the building, `reserved` of them are promised and not yet dispatched.
    `expiry_date` is the last day on which the batch may be given out, null for goods that keep.
    """

    id = models.BigAutoField(primary_key=True)
    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="stock", verbose_name=_("facility")
    )
    good = models.ForeignKey(Good, models.PROTECT, related_name="+", verbose_name=_("good"))
    batch_label = models.CharField(pgettext_lazy("stock", "batch"), max_length=60, blank=True)
    expiry_date = models.DateField(_("expires"), null=True, blank=True)
    on_hand = models.BigIntegerField(_("on hand"), default=0)
    reserved = models.BigIntegerField(_("reserved"), default=0)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "good", "batch_label", "expiry_date"],
                name="commandcentre_stockitem_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="commandcentre_stockitem_enough",
                condition=Q(reserved__gte=0, on_hand__gte=F("reserved")),
            ),
        ]
        indexes = [models.Index(fields=["good", "facility"], name="commandcentre_stock_of_good")]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.good_id} {self.batch_label}"


class StockMovement(models.Model):
    """One line of the ledger. It is never changed or removed; an error is mended by another line.

    `quantity` is in whole units of the good. A release or a dispatch takes from one reservation,
    which names what it is for in `purpose` (`commandcentre.Plan:12`, or words).
    """

    class Kind(models.TextChoices):
        RECEIPT = "receipt", _("Received")
        RESERVATION = "reservation", _("Reserved")
        RELEASE = "release", _("Reservation released")
        DISPATCH = "dispatch", _("Dispatched")
        LOSS = "loss", _("Lost or counted less")

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(StockItem, models.PROTECT, related_name="movements")
    kind = models.CharField(_("movement"), max_length=12, choices=Kind)
    quantity = models.PositiveBigIntegerField(_("quantity"))
    reservation = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="taken"
    )
    purpose = models.CharField(_("for"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("by"), max_length=80)
    actor_name = models.CharField(_("by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        indexes = [
            models.Index(
                fields=["purpose"],
                name="commandcentre_movement_purpose",
                condition=Q(kind="reservation"),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="commandcentre_movement_of_something", condition=Q(quantity__gt=0)
            ),
            models.CheckConstraint(
                name="commandcentre_movement_reservation",
                condition=Q(kind__in=["release", "dispatch"], reservation__isnull=False)
                | (~Q(kind__in=["release", "dispatch"]) & Q(reservation__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"


class ResponderQuerySet(models.QuerySet["Responder"]):
    def within(self, scope: Scope) -> ResponderQuerySet:
        """Responders of the villages inside a scope."""
        return self.filter(scope.query("village__code")) if scope else self.none()

    def active(self) -> ResponderQuerySet:
        return self.filter(is_active=True)


@personal_data
class Responder(models.Model):
    """A person who can be called to help. `location` (WGS 84) is null where only the village is
    known. `reference` is the source's own number, or "".
    """

    class Kind(models.TextChoices):
        TAGANA = "tagana", "Tagana"
        TKSK = "tksk", "TKSK"
        PKH = "pkh", _("PKH companion")
        PELOPOR = "pelopor", _("Peace pioneer (Pelopor Perdamaian)")

    id = models.BigAutoField(primary_key=True)
    reference = models.CharField(_("reference"), max_length=60, blank=True, db_collation="C")
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    village = models.ForeignKey(
        Region, models.PROTECT, related_name="+", db_constraint=False, verbose_name=_("village")
    )
    location = models.PointField(_("point"), srid=SRID, null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=30)
    is_active = models.BooleanField(_("active"), default=True)
    updated_at = models.DateTimeField(_("updated"))

    objects = ResponderQuerySet.as_manager()

    class Meta:
        verbose_name = _("responder")
        verbose_name_plural = _("responders")
        constraints = [
            models.UniqueConstraint(fields=["kind", "phone"], name="commandcentre_responder_phone")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), region=self.village_id)
