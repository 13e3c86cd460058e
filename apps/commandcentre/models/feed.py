"""The feeds that are polled, and messages that could not be used."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Feed(models.Model):
    """The state of one feed, by its name. `interval_s` is how often it is polled.

    `code` with `params` says why the last poll gave nothing (`feeds.messages`); empty after a good
    one. `etag` and `last_modified` are sent back with the next request.
    """

    name = models.CharField(_("feed"), primary_key=True, max_length=30)
    interval_s = models.PositiveIntegerField(_("interval (s)"))
    polled_at = models.DateTimeField(_("last asked"), null=True, blank=True)
    answered_at = models.DateTimeField(_("last good answer"), null=True, blank=True)
    changed_at = models.DateTimeField(_("last news"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    code = models.CharField(max_length=60, blank=True)
    params = models.JSONField(default=dict, blank=True)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")

    def __str__(self) -> str:
        return self.name


class FeedDocument(models.Model):
    """A document that a list of alerts names and that gave no hazard under its number in the list:
    refused, not to be had, or a warning under another number.

    It is asked for again at `ask_again_at`, with `etag` and `last_modified` of the last answer; one
    with the same `sha256` is not read again. `code`: why it gave nothing; `tries` counts requests.
    """

    id = models.BigAutoField(primary_key=True)
    feed = models.CharField(_("feed"), max_length=30)
    identifier = models.CharField(max_length=120)
    url = models.CharField(max_length=1000)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=60, blank=True)
    tries = models.PositiveIntegerField(default=1)
    asked_at = models.DateTimeField(_("last asked"))
    ask_again_at = models.DateTimeField(_("asked again"))

    class Meta:
        verbose_name = _("document of a feed")
        verbose_name_plural = _("documents of feeds")
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "identifier"], name="commandcentre_feeddocument_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.identifier}"


class RefusedMessage(models.Model):
    """A message, or a whole answer, that could not be used, kept for inspection.

    `sha256` is of the content; the same content of one feed is kept once, `last_at` says when it
    came last. `content` is bounded.
    """

    feed = models.CharField(_("feed"), max_length=30)
    code = models.CharField(max_length=60)
    params = models.JSONField(default=dict, blank=True)
    sha256 = models.CharField(max_length=64)
    content = models.TextField(_("content"), blank=True)
    first_at = models.DateTimeField(_("first received"))
    last_at = models.DateTimeField(_("last received"))

    class Meta:
        verbose_name = _("refused message")
        verbose_name_plural = _("refused messages")
        constraints = [
            models.UniqueConstraint(
                fields=["feed", "sha256", "code"], name="commandcentre_refused_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.feed} {self.code}"
