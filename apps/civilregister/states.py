"""What the civil register says of somebody, and in what the two differ."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class CivilStatus(TextChoices):
    """What the civil register (Dukcapil) says of a proposal: four different things.

    Nobody has asked; it was asked and knows the person alive and alike; it was asked and does not;
    it was asked and gave no answer. An outage is never an answer.
    """

    NOT_CHECKED = "not_checked", pgettext_lazy("civil", "Not checked")
    MATCHED = "matched", pgettext_lazy("civil", "Matched")
    NOT_MATCHED = "not_matched", pgettext_lazy("civil", "Not matched")
    FAILED = "failed", pgettext_lazy("civil", "Service failed")


class CivilDifference(TextChoices):
    """In what a proposal differs from the civil register. The register's own values stay there."""

    NIK = "nik", pgettext_lazy("civil", "NIK not found")
    DECEASED = "deceased", pgettext_lazy("civil", "deceased")
    NAME = "name", pgettext_lazy("civil", "name")
    BIRTH_DATE = "birth_date", pgettext_lazy("civil", "date of birth")
    SEX = "sex", pgettext_lazy("civil", "sex")
    VILLAGE = "village", pgettext_lazy("civil", "village")
