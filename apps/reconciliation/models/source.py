"""Sources of records, and the priority of each for a field of a person."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.audit.subjects import Subject, subject_of
from apps.regions.models import COUNTRY, CodeSystem

# The register itself, as a source of records.
REGISTER: Final = "REGISTER"
# The regions' proposals and decrees, as a source of claims without deliveries. Changes of decrees
# use this code (proposals.determination).
PROPOSALS: Final = "proposals"


# Sources without deliveries from outside.
OWN_SOURCES: Final = (REGISTER, PROPOSALS)


class NationalQuerySet(models.QuerySet[Any]):
    """Rows without a region: only a national scope sees them."""

    def within(self, scope: Scope) -> Any:
        return self.all() if scope.is_national else self.none()


class Source(models.Model):
    """A supplier of records, with the purpose and the legal basis.

    `mapping` is the column mapping of its last file (our column → heading). `limit_desil` is the
    highest rank at which a person of the register still belongs to it, for a ranking.
    `sample_percent` is the share of pairs that two people judge without seeing weights.
    """

    class Kind(models.TextChoices):
        REGISTER = "register", _("The register itself")
        PROPOSALS = "proposals", _("Proposals of the regions")
        CIVIL = "civil", _("Civil register")
        RANKING = "ranking", _("Ranking (desil)")
        PROGRAMME = "programme", _("Recipients of a programme")
        POVERTY = "poverty", _("List of poor families")
        EMPLOYEES = "employees", _("Civil servants")

    code = models.CharField(_("code"), primary_key=True, max_length=40, db_collation="C")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    ministry = models.CharField(_("ministry"), max_length=120, blank=True)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    legal_basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    refresh_days = models.PositiveSmallIntegerField(_("delivered every (days)"), default=90)
    programme = models.CharField(_("programme"), max_length=20, blank=True)
    limit_desil = models.PositiveSmallIntegerField(_("highest desil"), null=True, blank=True)
    is_draft = models.BooleanField(_("draft"), default=True)
    is_one_to_one = models.BooleanField(_("each person once"), default=True)
    needs_two = models.BooleanField(_("two people decide"), default=False)
    sample_percent = models.PositiveSmallIntegerField(_("blind sample (%)"), default=5)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    code_system = models.CharField(_("village codes"), max_length=10, default=CodeSystem.KEMENDAGRI)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")

    def __str__(self) -> str:
        return self.name

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), self.name, COUNTRY)


class Authority(models.Model):
    """The priority of a source for one field of a person: 1 is the highest.

    `is_automatic`: a steward has allowed that values of the first of these sources, from its
    certain pairs, are taken over in one act, without a question to the region.
    """

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, models.CASCADE, related_name="authorities")
    field = models.CharField(_("field"), max_length=40)
    rank = models.PositiveSmallIntegerField(_("priority"))
    is_automatic = models.BooleanField(_("taken over without a question"), default=False)

    class Meta:
        verbose_name = _("authority")
        verbose_name_plural = _("authorities")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "field"], name="reconciliation_authority_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.field}"
