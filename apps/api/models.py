"""Requests of agencies' programs with an Idempotency-Key, and their answers."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from apps.accounts.models import Client
from apps.common.personal_data import personal_data
from apps.proposals.models import Batch


@personal_data
class IdempotencyKey(models.Model):
    """One key of one client: the request's digest, its batch, and the stored answer.

    `status` and `body` are empty until the first of the equal requests is answered. Row-level
    security shows an agency its own rows only. The hourly cleanup deletes them after a day.
    """

    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    batch = models.ForeignKey(Batch, models.CASCADE, null=True, related_name="+")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)  # the JSON as it was sent, byte for byte
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="api_idempotencykey_once")
        ]
        indexes = [models.Index(fields=["created_at"], name="api_idempotencykey_age")]

    def __str__(self) -> str:
        return f"{self.client_id}: {self.key}"
