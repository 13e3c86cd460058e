"""Who did or saw what, about whom, when and from where. Append-only; no references to users or
rows.

Entries hold text instead of foreign keys, so that no change of live data affects them. Seals chain
the committed entries; only the role of the sealing function can write them.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.personal_data import personal_data


class Action(models.TextChoices):
    """What was done. The value is stored permanently: never rename it."""

    SIGN_IN = "sign_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Failed sign-in")
    SIGN_OUT = "sign_out", _("Signed out")
    CREATE = "create", _("Created")
    CHANGE = "change", _("Changed")
    DECIDE = "decide", _("Decided")
    READ = "read", _("Read")
    SEARCH = "search", _("Searched")
    REVEAL = "reveal", _("Revealed a number")
    EXPORT = "export", _("Exported")
    GRANT = "grant", _("Granted")
    REVOKE = "revoke", _("Revoked")
    REFUSED = "refused", _("Refused")
    RUN = "run", _("Ran")


# Acts with legal effect, acts that give access, and exports: sealed and anchored at once.
AT_ONCE = (Action.DECIDE, Action.GRANT, Action.REVOKE, Action.EXPORT)


class EntryQuerySet(models.QuerySet["Entry"]):
    def about(self, subject: str) -> EntryQuerySet:
        """Entries about one subject, e.g. `registry.Person:81`."""
        return self.filter(subject=subject)

    def within_prefixes(self, prefixes: tuple[str, ...]) -> EntryQuerySet:
        """Entries of the regions under these code prefixes (`""` is the whole country)."""
        if "" in prefixes:
            return self.all()
        query = models.Q()
        for prefix in prefixes:
            query |= models.Q(region_code__startswith=prefix)
        return self.filter(query) if prefixes else self.none()


@personal_data
class Entry(models.Model):
    """One act. `actor` is `user:12` or `client:3`, `subject` is `app.Model:id`."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"))
    action = models.CharField(_("action"), max_length=20, choices=Action)
    actor = models.CharField(_("by"), max_length=80)
    actor_name = models.CharField(_("name"), max_length=200, blank=True)
    subject = models.CharField(_("about"), max_length=120, blank=True)
    subject_name = models.CharField(_("what"), max_length=200, blank=True)
    region_code = models.CharField(_("region"), max_length=13, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    address = models.GenericIPAddressField(_("from"), null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    details = models.JSONField(_("details"), default=dict, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(fields=["subject", "id"], name="audit_entry_subject"),
            models.Index(fields=["actor", "id"], name="audit_entry_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.pk}"


class Seal(models.Model):
    """One link of the chain: `digest = sha256(previous digest || canonical text of the entry)`.

    `position` counts 1, 2, 3 … without gaps, in the order of sealing, which is not the order of
    entry ids when transactions overlap.
    """

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return str(self.position)


class Installation(models.Model):
    """Which database this is: one row, written once. Files and backups name it."""

    number = models.SmallIntegerField(primary_key=True, default=1)
    identity = models.UUIDField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(number=1), name="audit_installation_one_row")
        ]

    def __str__(self) -> str:
        return str(self.identity)
