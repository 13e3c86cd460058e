"""Users, who sign in."""

from __future__ import annotations

from typing import Any

from django.contrib import auth
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.audit.subjects import Actor, Subject, subject_of
from apps.common.personal_data import personal_data


class UserQuerySet(models.QuerySet["User"]):
    def within(self, scope: Any) -> UserQuerySet:
        """Users who hold or held a grant inside a scope; all users for the whole country."""
        if scope.is_national:
            return self
        holders: UserQuerySet = UserQuerySet(self.model).filter(scope.query("grants__region__code"))
        return self.filter(pk__in=holders.values("pk"))


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def within(self, scope: Any) -> UserQuerySet:
        return self.get_queryset().within(scope)

    def create_user(self, username: str, password: str | None = None, **fields: object) -> User:
        """A user without any grant. Without a password the account cannot be signed in to."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def find_for_sign_in(self, *, pk: int | None = None, username: str = "") -> User | None:
        """One account before sign-in, when row-level security hides all users; uses a function."""
        found = self.raw("SELECT * FROM accounts_find_for_sign_in(%s, %s)", [pk, username])
        return next(iter(found), None)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


@personal_data
class User(AbstractBaseUser):
    """A person who signs in. Only grants define what the user may do.

    `nik` keeps one person to one account, so that a person cannot take two consecutive steps as two
    users. A role that takes steps needs it (`roles.STEP_ROLES`, enforced by a trigger).
    """

    username = models.CharField(_("user name"), max_length=80, unique=True)
    full_name = models.CharField(_("full name"), max_length=200)
    email = models.EmailField(_("e-mail"), blank=True)
    nik = models.CharField("NIK", max_length=16, null=True, blank=True, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    # another person knows the password, so only choosing a new one is allowed
    password_is_temporary = models.BooleanField(_("temporary password"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    # each increment ends all earlier sessions
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    # single letters as shortcuts in lists of work; off for those whom they disturb (WCAG 2.1.4)
    uses_shortcuts = models.BooleanField(_("keys in lists"), default=True)
    # until there is a new factor, each sign-in shows that it was reset
    factor_reset_at = models.DateTimeField(_("second factor reset"), null=True, blank=True)
    # When another person last set the password or removed the factors, and who (null: from the
    # machine). Both together give full access, so `users` then asks for a second person.
    password_given_at = models.DateTimeField(null=True, blank=True, editable=False)
    password_given_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    factor_taken_at = models.DateTimeField(null=True, blank=True, editable=False)
    factor_taken_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="+", db_index=False
    )
    # who made the account or last had both: only this person has checked who uses it
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
        """Whether the admin opens: for every user who holds a grant now."""
        return self.is_active and self.grants.at(timezone.now()).exists()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether any grant in force allows this in some region. For rows use `access.scope_of`."""
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
        """What a session must match to go on: the password, and how often all were ended."""
        known = self.password + (f":{self.session_epoch}" if self.session_epoch else "")
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(salt, known, secret=secret, algorithm="sha256").hexdigest()

    def get_short_name(self) -> str:
        return self.full_name or self.username
