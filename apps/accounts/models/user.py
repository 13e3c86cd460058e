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
        """Users who hold or held a grant inside a scope; everybody, for the whole country."""
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
        """A user without any grant; without a password nobody can sign in as them."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def find_for_sign_in(self, *, pk: int | None = None, username: str = "") -> User | None:
        """One account before anybody is signed in: nobody is seen then, but through a function."""
        found = self.raw("SELECT * FROM accounts_find_for_sign_in(%s, %s)", [pk, username])
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
