"""Users, agencies and their API clients, and the grants of a role in a region to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication, ApplicationManager

from apps.accounts.roles import REGIONAL_ROLES, Role
from apps.audit.subjects import Actor, Subject, subject_of
from apps.common.personal_data import personal_data
from apps.regions.models import Region


class UserQuerySet(models.QuerySet["User"]):
    def within(self, scope: Any) -> UserQuerySet:
        """Users who hold or held a grant inside a scope; everybody, for the whole country."""
        if scope.is_national:
            return self
        held = Grant.objects.within(scope).filter(user__isnull=False)
        return self.filter(pk__in=held.values("user"))


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def within(self, scope: Any) -> UserQuerySet:
        return self.get_queryset().within(scope)

    def create_user(self, username: str, password: str | None = None, **fields: object) -> User:
        """A user without any grant; without a password nobody can sign in as them."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def at_the_door(self, *, pk: int | None = None, username: str = "") -> User | None:
        """One account before anybody is signed in: nobody is seen then, but through a function."""
        found = self.raw("SELECT * FROM accounts_at_the_door(%s, %s)", [pk, username])
        return next(iter(found), None)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


@personal_data
class User(AbstractBaseUser):
    """A person who signs in. What they may do stands in their grants alone.

    `nik` keeps one person to one account, so that nobody takes two consecutive steps as two users;
    a role that takes steps needs it (`roles.STEP_ROLES`, a trigger holds it).
    """

    username = models.CharField(_("user name"), max_length=80, unique=True)
    full_name = models.CharField(_("full name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    nik = models.CharField("NIK", max_length=16, null=True, blank=True, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    # somebody else knows it, so that nothing but a new one is possible with it
    password_is_temporary = models.BooleanField(_("temporary password"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    # each step ends every session of before
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    # until there is a new one: told at each sign-in
    factor_reset_at = models.DateTimeField(_("second factor reset"), null=True, blank=True)
    # When others last gave a password or took the factors, and who (nobody: from the machine). Both
    # together are the account; `users` asks for a second person then.
    password_given_at = models.DateTimeField(null=True, blank=True, editable=False)
    password_given_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    factor_taken_at = models.DateTimeField(null=True, blank=True, editable=False)
    factor_taken_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    # who made the account, or last had both: whom they let in there, nobody else has checked
    handed_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="handed"
    )

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), self.username)

    @property
    def audit_actor(self) -> Actor:
        return Actor(f"user:{self.pk}", str(self))

    @property
    def is_staff(self) -> bool:
        """Whether the admin opens at all: for everybody who holds a grant now."""
        return self.is_active and self.grants.at(timezone.now()).exists()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether any grant in force allows this, somewhere. Rows are for `access.scope_of`."""
        return self.is_active and any(
            backend.has_perm(self, perm) for backend in auth.get_backends()
        )

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and any(
            perm.startswith(f"{app_label}.")
            for backend in auth.get_backends()
            for perm in backend.get_all_permissions(self)
        )

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must know to go on: the password, and how often all were ended."""
        known = self.password + (f":{self.session_epoch}" if self.session_epoch else "")
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(salt, known, secret=secret, algorithm="sha256").hexdigest()

    def get_short_name(self) -> str:
        return self.full_name or self.username


class Agency(models.Model):
    """An organisation that sends or reads data through the API. A principal like a user."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    legal_basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    purpose = models.CharField(_("purpose"), max_length=300, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    # An agency is a principal: the API's framework asks it, as it asks a user.
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


class GrantQuerySet(models.QuerySet["Grant"]):
    def at(self, moment: datetime) -> GrantQuerySet:
        """Grants in force at a moment."""
        return self.filter(active_from__lte=moment, active_until__gt=moment)

    def within(self, scope: object) -> GrantQuerySet:
        """Grants on regions inside a scope (`accounts.access.Scope`)."""
        return self.filter(scope.query("region__code"))  # type: ignore[attr-defined]


class TstzRange(models.Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Grant(models.Model):
    """A principal holds a role in a region for a period (half-open, never without end).

    Roles of the regional chain may not meet in one person, nor with a national role: an exclusion
    constraint refuses it even in SQL. Source: Kepmensos 73/HUK/2024.
    """

    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="grants")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="grants")
    role = models.CharField(_("role"), max_length=30, choices=Role)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"))
    active_from = models.DateTimeField(_("from"))
    active_until = models.DateTimeField(_("until"))
    granted_by = models.CharField(_("granted by"), max_length=200)
    granted_at = models.DateTimeField(_("granted"))

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.CheckConstraint(
                name="accounts_grant_one_principal",
                condition=models.Q(user__isnull=False, agency__isnull=True)
                | models.Q(user__isnull=True, agency__isnull=False),
            ),
            models.CheckConstraint(
                name="accounts_grant_period",
                condition=models.Q(active_until__gte=models.F("active_from")),
            ),
            models.CheckConstraint(
                name="accounts_grant_agency_role",
                condition=models.Q(agency__isnull=True) | models.Q(role=Role.AGENCY),
            ),
            ExclusionConstraint(
                name="accounts_grant_incompatible_roles",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    (
                        models.Case(
                            models.When(role__in=REGIONAL_ROLES, then=models.F("role")),
                            default=models.Value("national"),
                            output_field=models.CharField(),
                        ),
                        RangeOperators.NOT_EQUAL,
                    ),
                    (TstzRange("active_from", "active_until"), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(user__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["region"], name="accounts_grant_region")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} – {self.region_id}"

    @property
    def is_in_force(self) -> bool:
        return self.active_from <= timezone.now() < self.active_until

    @property
    def principal_name(self) -> str:
        return str(self.user or self.agency)


class ReadCount(models.Model):
    """How much of other people's data somebody read in one day, by kind of reading.

    `limits.read_limits` counts; the data-protection officer sees it and may lift a day's stop.
    """

    class Kind(models.TextChoices):
        LOOKUP = "lookup", _("Look-ups in the register")
        LIST = "list", _("Rows shown in lists")
        REVEAL = "reveal", _("Numbers revealed")
        EXPORT = "export", _("Rows exported")
        GUESS = "guess", _("Numbers tried in a row")

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        User, models.CASCADE, related_name="read_counts", verbose_name=_("user")
    )
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    count = models.PositiveIntegerField(_("how many"), default=0)
    alarmed_at = models.DateTimeField(_("alarm"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("stop lifted"), null=True, blank=True)
    lifted_by = models.CharField(_("lifted by"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("reading of a day")
        verbose_name_plural = _("reading by day")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "day", "kind"], name="accounts_readcount_one_a_day"
            )
        ]
        indexes = [models.Index(fields=["-day", "-count"], name="accounts_readcount_day")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_kind_display()}"
