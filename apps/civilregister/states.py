"""The answers of the civil register about a person, and the differences."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class CivilStatus(TextChoices):
    """The state of a proposal in the civil register (Dukcapil). There are four.

    Not asked; asked and found, alive and alike; asked and not so; asked without an answer. An
    outage is never an answer.
    """

    NOT_CHECKED = "not_checked", pgettext_lazy("civil", "Not checked")
    MATCHED = "matched", pgettext_lazy("civil", "Matched")
    NOT_MATCHED = "not_matched", pgettext_lazy("civil", "Not matched")
    FAILED = "failed", pgettext_lazy("civil", "Service failed")


class CivilDifference(TextChoices):
    """A difference between a proposal and the civil register, without the register's values."""

    NIK = "nik", pgettext_lazy("civil", "NIK not found")
    DECEASED = "deceased", pgettext_lazy("civil", "deceased")
    NAME = "name", pgettext_lazy("civil", "name")
    BIRTH_DATE = "birth_date", pgettext_lazy("civil", "date of birth")
    SEX = "sex", pgettext_lazy("civil", "sex")
    VILLAGE = "village", pgettext_lazy("civil", "village")
