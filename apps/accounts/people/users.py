"""Making, disabling and re-opening accounts. Every act is in the audit trail; passwords are not.

A person who has the password and the second factor of an account can act as its owner. So taking
both within a week needs a second person, at Pusdatin. A password that others know is valid for a
day. The owner is notified of each such act at once (`account_notices`).
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import scope_of
from apps.accounts.authentication import second_factors, sessions
from apps.accounts.models import Grant, User
from apps.accounts.people import account_notices, grants
from apps.accounts.roles import Permission, Role
from apps.audit import record
from apps.audit.models import Action
from apps.common import sql
from apps.common.errors import DomainError
from apps.common.text.identity import digits, nik_fault

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9@.+_-]{1,79}")
# Without letters and digits that look alike; 20 of 31 are 99 bits.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 4, 5
# Within it, the person who set the password may not remove the factors, nor the reverse.
APART = timedelta(days=7)


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

    Raises: DomainError.
    """
    if not USERNAME.fullmatch(username):
        raise DomainError("username_shape", username=username[:80].replace("\0", ""))
    if _is_taken(username):
        raise DomainError("username_taken", username=username)
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
                password_given_at=now if is_temporary else None,
                handed_by=by,
            )
    except IntegrityError as error:
        # another request made the same account between the check and this insert
        taken = "username_taken" if _is_taken(username) else "nik_taken"
        raise DomainError(taken, username=username) from error
    record.entry(Action.CREATE, about=user, by=by)
    return user, password


def disable(*, user: User, by: User, now: datetime) -> None:
    """Close an account: its sessions end at their next request. Raises: DomainError."""
    _switch(user, by, now, active=False)


def enable(*, user: User, by: User, now: datetime) -> None:
    """Open a closed account again. Grants that are still in force count again."""
    _switch(user, by, now, active=True)


@transaction.atomic
def give_nik(*, user: User, nik: str, by: User | None, now: datetime) -> None:
    """Store the NIK of an account's person, once. Raises: DomainError.

    It is given together with a grant, by a person who may give that grant.
    """
    number = _nik(nik)
    if number is None or number == user.nik:
        return
    try:
        with transaction.atomic():
            known = User.objects.filter(pk=user.pk, nik=None).update(nik=number)
    except IntegrityError as error:
        raise DomainError("nik_taken") from error
    if not known:
        raise DomainError("nik_known", name=str(user))
    user.nik = number
    record.entry(Action.CHANGE, about=user, by=by, step="nik_given")


@transaction.atomic
def reset_password(*, user: User, by: User, now: datetime) -> str:
    """A new temporary password; every session of the user ends. Raises: DomainError.

    Locks: the user's row, so that a reset of the factor beside it is not missed.
    """
    _check_hand(user, by)
    kept = User.objects.select_for_update().get(pk=user.pk)
    taken_lately = _is_lately(kept.factor_taken_at, now)
    if taken_lately:
        _check_second_person(kept, by, kept.factor_taken_by_id)
    if taken_lately or not second_factors.has(kept):
        _hand_over(kept, by)
    password = random_password()
    user.set_password(password)
    user.password_is_temporary = True
    user.password_given_at, user.password_given_by = now, by
    user.save(
        update_fields=[
            "password",
            "password_is_temporary",
            "password_given_at",
            "password_given_by",
        ]
    )
    record.entry(Action.CHANGE, about=user, by=by, step="password_reset")
    account_notices.notify_owner(user=user, what="password_reset", now=now)
    return password


def is_over(user: User, now: datetime) -> bool:
    """Whether a temporary password was not used within its day."""
    if not user.password_is_temporary:
        return False
    given = user.password_given_at or user.created_at
    return (now - given).total_seconds() > settings.TEMPORARY_PASSWORD_S


def _is_lately(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at < APART


def _check_second_person(user: User, by: User | None, first: int | None) -> None:
    """Refuse the person who took the other half; the second person must be at Pusdatin."""
    if by is None:
        return
    if by.pk == first or not scope_of(by, Permission.MANAGE_USER).is_national:
        raise DomainError("second_person", name=str(user), days=APART.days)


def _hand_over(user: User, by: User | None) -> None:
    """Note that one person now has both halves. That person must not hold the neighbouring step.

    Raises: DomainError.
    """
    if by is not None:
        for held in Grant.objects.filter(user=user).order_by("pk"):
            grants.check_hands(by, user, Role(held.role), held.region_id)
    User.objects.filter(pk=user.pk).update(handed_by=by)


# Reasons for removing a second factor, as the trail stores them.
RESET_REASONS = {
    "lost": _("The telephone or key is lost or stolen"),
    "replaced": _("The telephone or key was replaced"),
    "broken": _("The app shows no code, or wrong ones"),
    "suspicion": _("Somebody else may use it"),
}


@transaction.atomic
def reset_factor(*, user: User, by: User | None, reason: str, now: datetime) -> None:
    """Remove the second factor, so that a new one is set up at the next sign-in.

    Every session of the user ends; the password stays. Raises: DomainError.
    """
    if by is not None:
        _check_hand(user, by)
    if reason not in RESET_REASONS:
        raise DomainError("reset_reason_missing")
    kept = User.objects.select_for_update().get(pk=user.pk)
    if kept.password_given_by_id is not None and _is_lately(kept.password_given_at, now):
        _check_second_person(kept, by, kept.password_given_by_id)
        _hand_over(kept, by)
    if not second_factors.take_all(user=user, by=by, now=now):
        raise DomainError("no_factor", name=str(user))
    sessions.end_all(user=user)
    record.entry(Action.CHANGE, about=user, by=by, reason=reason, step="factor_reset")
    account_notices.notify_owner(user=user, what="factor_reset", now=now)


@transaction.atomic
def change_own_password(*, user: User, password: str) -> None:
    """Set the user's own password, which the form has checked. Their other sessions end."""
    user.set_password(password)
    user.password_is_temporary = False
    user.save(update_fields=["password", "password_is_temporary"])
    record.entry(Action.CHANGE, about=user, by=user, step="password_changed")
    account_notices.notify_owner(user=user, what="password_changed", now=timezone.now())


@transaction.atomic
def _switch(user: User, by: User, now: datetime, *, active: bool) -> None:
    _check_hand(user, by)
    moved = User.objects.filter(pk=user.pk, is_active=not active).update(is_active=active)
    if not moved:
        raise DomainError("already_so", name=str(user))
    user.is_active = active
    record.entry(Action.CHANGE, about=user, by=by, step="enabled" if active else "disabled")
    account_notices.notify_owner(user=user, what="enabled" if active else "disabled", now=now)


def _check_hand(user: User, by: User) -> None:
    """Refuse an administrator who may not change this account.

    A user administrator may, while every grant in force lies inside their own regency: an
    administrator who could reset the password of a higher account could act as its owner.
    """
    if user == by:
        raise DomainError("own_account")
    scope = scope_of(by, Permission.MANAGE_USER)
    # read again: a page may have loaded only the grants of its own region
    held = Grant.objects.filter(user=user).values_list("region_id", flat=True)
    if not scope.is_national and not (held and all(scope.contains(code) for code in held)):
        raise DomainError("not_your_user", name=str(user))


def _is_taken(username: str) -> bool:
    """Whether any account has the name, also one that this administrator cannot see."""
    return bool(sql.call("accounts_username_exists", username))


def _nik(written: str) -> str | None:
    number = digits(written)
    if number and (fault := nik_fault(number)):
        raise DomainError(fault, count=len(number))
    return number or None
