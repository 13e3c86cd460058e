"""Making, disabling and re-opening accounts. Every act is in the audit trail, no password is."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import factors, sessions
from apps.accounts.access import actor_of, scope_of
from apps.accounts.models import Grant, User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.common.identity import NIK_LENGTH, digits
from apps.common.numbers import whole

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9@.+_-]{1,79}")
# Without the letters and digits that are read for one another; 20 of 31 are 99 bits.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 4, 5


class AccountRefused(DomainError):
    """Something about an account that may not be done; the words stand in `messages`."""

    code = "account_refused"


def random_password() -> str:
    """A password that can be read out on the telephone, e.g. `k7mpq-x2ars-…`."""
    groups = (
        "".join(secrets.choice(LETTERS) for _ in range(GROUP_LENGTH)) for _group in range(GROUPS)
    )
    return "-".join(groups)


@transaction.atomic
def create(
    *,
    username: str,
    full_name: str,
    by: User | None,
    now: datetime,
    email: str = "",
    nik: str = "",
    is_temporary: bool = True,
) -> tuple[User, str]:
    """A new account without any grant, and its password, which is shown once and stored hashed.

    Raises: AccountRefused.
    """
    if not USERNAME.fullmatch(username):
        raise AccountRefused("username_shape", username=username[:80].replace("\0", ""))
    if User.objects.filter(username__iexact=username).exists():
        raise AccountRefused("username_taken", username=username)
    number = _nik(nik)
    password = random_password()
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                username,
                password,
                full_name=full_name or username,
                email=email,
                nik=number,
                created_at=now,
                password_is_temporary=is_temporary,
            )
    except IntegrityError as error:
        taken = User.objects.filter(username=username).exists()
        raise AccountRefused(
            "username_taken" if taken else "nik_taken", username=username
        ) from error
    _note(Action.CREATE, user, by)
    return user, password


def disable(*, user: User, by: User, now: datetime) -> None:
    """Close an account: its sessions end at their next request. Raises: AccountRefused."""
    _switch(user, by, active=False)


def enable(*, user: User, by: User, now: datetime) -> None:
    """Open a closed account again, with the grants that are still in force."""
    _switch(user, by, active=True)


@transaction.atomic
def reset_password(*, user: User, by: User, now: datetime) -> str:
    """A new temporary password; every session of the user ends. Raises: AccountRefused."""
    _check_hand(user, by)
    password = random_password()
    user.set_password(password)
    user.password_is_temporary = True
    user.save(update_fields=["password", "password_is_temporary"])
    _note(Action.CHANGE, user, by, what="password_reset")
    return password


# Why a second factor is taken away, as it stands in the trail.
RESET_REASONS = {
    "lost": _("The telephone or key is lost or stolen"),
    "replaced": _("The telephone or key was replaced"),
    "broken": _("The app shows no code, or wrong ones"),
    "suspicion": _("Somebody else may use it"),
}


@transaction.atomic
def reset_factor(*, user: User, by: User | None, reason: str, now: datetime) -> None:
    """Take the second factor away, so that a new one is set up at the next sign-in.

    Every session of the user ends, the password stays. Raises: AccountRefused.
    """
    if by is not None:
        _check_hand(user, by)
    if reason not in RESET_REASONS:
        raise AccountRefused("reason_missing")
    if not factors.take_all(user=user, now=now):
        raise AccountRefused("no_factor", name=str(user))
    sessions.end_all(user=user)
    _note(Action.CHANGE, user, by, reason=reason, what="factor_reset")


@transaction.atomic
def change_own_password(*, user: User, password: str) -> None:
    """The user's own choice, already checked by the form; their other sessions end."""
    user.set_password(password)
    user.password_is_temporary = False
    user.save(update_fields=["password", "password_is_temporary"])
    _note(Action.CHANGE, user, user, what="password_changed")


@transaction.atomic
def _switch(user: User, by: User, *, active: bool) -> None:
    _check_hand(user, by)
    moved = User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active)
    if not moved:
        raise AccountRefused("already_so", name=str(user))
    user.is_active = active
    _note(Action.CHANGE, user, by, what="enabled" if active else "disabled")


def _check_hand(user: User, by: User) -> None:
    """Whether this administrator may lay hand on this account.

    A user administrator may, as long as every grant in force lies inside the own regency: who
    could reset the password of somebody above could act as them.
    """
    if user == by:
        raise AccountRefused("own_account")
    scope = scope_of(by, Permission.MANAGE_USER)
    # asked anew: a page may have loaded those of its own region alone
    held = Grant.objects.filter(user=user).values_list("region_id", flat=True)
    if not scope.is_national and not (held and all(scope.contains(code) for code in held)):
        raise AccountRefused("not_your_user", name=str(user))


def _nik(written: str) -> str | None:
    number = digits(written)
    if number and (len(number) != NIK_LENGTH or whole(number) is None):
        raise AccountRefused("nik_shape", count=len(number))
    return number or None


def _note(action: Action, user: User, by: User | None, **details: str) -> None:
    hand = {"by": actor_of(by), "by_name": str(by)} if by is not None else {}
    record.entry(
        action, subject=record.subject_of(user), subject_name=user.username, **hand, **details
    )
