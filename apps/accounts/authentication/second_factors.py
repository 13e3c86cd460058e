"""Second factors: an authenticator app (TOTP), passkeys, recovery codes on paper.

allauth stores and computes them. This module adds three rules: a code works once, every act is in
the audit trail, and a user who must have a factor cannot remove the last one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.exceptions import InvalidSignature
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError

Type = Authenticator.Type
FACTORS = (Type.TOTP, Type.WEBAUTHN)
LAST_COUNTER = "last_counter"
MOST_PASSKEYS = 10
# Called after each act on a user's own factors. The functions that send letters need the job queue,
# which models may not import.
listeners: list[Callable[..., object]] = []


def has(user: User) -> bool:
    """Whether the user has an app or a passkey. Recovery codes alone do not count."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def of(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, type__in=FACTORS).order_by("pk"))


# --- verifying one ---


@transaction.atomic
def match_code(*, user: User, code: str) -> str:
    """`totp` or `recovery_codes` when the code is right and unused, else "". The code is used up.

    Locks: the user's rows, so that of two requests with one code one is refused.
    """
    rows = Authenticator.objects.select_for_update().filter(
        user=user, type__in=(Type.TOTP, Type.RECOVERY_CODES)
    )
    for row in rows.order_by("-type"):
        if _matches(row, code):
            Authenticator.objects.filter(pk=row.pk).update(last_used_at=timezone.now())
            return str(row.type)
    return ""


def _matches(row: Authenticator, code: str) -> bool:
    try:
        return _totp(row, code) if row.type == Type.TOTP else bool(row.wrap().validate_code(code))
    except InvalidToken:  # written under another SECRET_KEY
        return False


def match_passkey(*, user: User, answer: dict[str, Any]) -> str:
    """`webauthn` when a passkey of the user signed the challenge of this session, else ""."""
    try:
        row = webauthn.complete_authentication(user, answer)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError, InvalidSignature):
        return ""
    row.record_usage()
    return str(row.type)


def _totp(row: Authenticator, code: str) -> bool:
    """Whether the code is of a time step after the last one that was used."""
    counter = counter_of(decrypt(row.data["secret"]), code)
    if counter is None or counter <= row.data.get(LAST_COUNTER, 0):
        return False
    row.data[LAST_COUNTER] = counter
    row.save(update_fields=["data"])
    return True


def counter_of(secret: str, code: str) -> int | None:
    """The time step of this code among those accepted now; None if there is none."""
    digits = "".join(code.split())
    for counter in totp.yield_hotp_counters_from_time():
        expected = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if totp.compare_user_code(actual=digits, expected=expected):
            return counter
    return None


# --- one's own: adding and taking away ---


@transaction.atomic
def set_app(*, user: User, secret: str, code: str) -> None:
    """Set the app that knows `secret` as the user's, in place of the former one.

    Raises: DomainError.
    """
    counter = counter_of(secret, code)
    if counter is None:
        raise DomainError("wrong_app_code")
    Authenticator.objects.filter(user=user, type=Type.TOTP).delete()
    row = totp.TOTP.activate(user, secret).instance
    row.data[LAST_COUNTER] = counter  # the code that was shown here cannot be used again
    row.save(update_fields=["data"])
    _added(user, Type.TOTP)


@transaction.atomic
def add_passkey(*, user: User, name: str, answer: dict[str, Any]) -> None:
    """Add the key that answered this session's challenge. Raises: DomainError."""
    if sum(row.type == Type.WEBAUTHN for row in of(user)) >= MOST_PASSKEYS:
        raise DomainError("too_many_passkeys", most=MOST_PASSKEYS)
    try:
        webauthn.parse_registration_response(answer)
        webauthn.complete_registration(answer)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DomainError("passkey_not_made") from error
    webauthn.WebAuthn.add(user, name, answer)
    _added(user, Type.WEBAUTHN)


@transaction.atomic
def remove(*, user: User, key: int) -> None:
    """Remove one of the user's own factors, but not the last one where a factor is required.

    Raises: DomainError.
    """
    User.objects.select_for_update().get(pk=user.pk)
    row = Authenticator.objects.filter(user=user, type__in=FACTORS, pk=key).first()
    if row is None:
        raise DomainError("no_such_factor")
    others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=key)
    if not others.exists() and settings.SECOND_FACTOR_REQUIRED:
        raise DomainError("last_factor")
    if not others.exists():
        Authenticator.objects.filter(user=user).delete()
    row.delete()
    _record_change(user, "factor_removed", kind=str(row.type))


def _added(user: User, kind: str) -> None:
    """Make recovery codes with the first factor, and end the notice about a reset."""
    RecoveryCodes.activate(user)
    User.objects.filter(pk=user.pk).update(factor_reset_at=None)
    user.factor_reset_at = None
    _record_change(user, "factor_added", kind=str(kind))


# --- recovery codes ---


def recovery_codes(user: User) -> RecoveryCodes | None:
    row = Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).first()
    return row.wrap() if row is not None else None


@transaction.atomic
def renew_recovery_codes(*, user: User) -> None:
    """Make ten new codes; the former ones become invalid. Raises: DomainError."""
    User.objects.select_for_update().get(pk=user.pk)
    if not has(user):
        raise DomainError("no_factor", name=str(user))
    Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)
    _record_change(user, "recovery_codes_renewed")


def keep_recovery_codes(*, user: User) -> None:
    """Note that the user has the codes on paper: they are not shown again."""
    codes = recovery_codes(user)
    if codes is not None and not codes.did_view:
        codes.mark_as_viewed()
        _record_change(user, "recovery_codes_kept")


# --- the administrator's ---


@transaction.atomic
def take_all(*, user: User, by: User | None, now: datetime) -> int:
    """Remove every factor of a user. `users.reset_factor` decides who may do so."""
    taken = Authenticator.objects.filter(user=user).delete()[0]
    User.objects.filter(pk=user.pk).update(
        factor_reset_at=now, factor_taken_at=now, factor_taken_by=by
    )
    user.factor_reset_at = now
    return taken


def _record_change(user: User, what: str, **details: str) -> None:
    """Record the change and notify the owner by letter, who can then detect a break-in."""
    for listener in listeners:
        listener(user=user, what=what, now=timezone.now())
    record.entry(Action.CHANGE, about=user, by=user, step=what, **details)
