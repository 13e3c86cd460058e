"""Agencies, and the API clients through which they act."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication, ApplicationManager

from apps.audit.subjects import Actor


class Agency(models.Model):
    """An organisation that sends or reads data through the API. A principal like a user."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    legal_basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    # An agency is a principal: the API framework asks it the same questions as a user.
    is_authenticated = True
    is_anonymous = False

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")

    def __str__(self) -> str:
        return self.name

    @property
    def audit_actor(self) -> Actor:
        return Actor(f"agency:{self.pk}", self.name)


class Client(AbstractApplication):
    """An OAuth2 client of an agency: client credentials only, 15-minute tokens, stated scopes."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="clients")
    allowed_scopes = models.JSONField(_("scopes"), default=list)
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[models.Manager[Any]] = ApplicationManager()

    class Meta(AbstractApplication.Meta):
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")

    @property
    def audit_actor(self) -> Actor:
        return Actor(f"client:{self.pk}", str(self.agency))

    def allows_grant_type(self, *grant_types: str) -> bool:
        return self.GRANT_CLIENT_CREDENTIALS in grant_types

    def is_usable(self, request: object) -> bool:
        return self.is_active and self.agency.is_active
