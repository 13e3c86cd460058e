"""Sessions: how they begin, how long they last, which ones a person has, and how they end.

A session ends `IDLE_SESSION_S` after the last act and `SESSION_COOKIE_AGE` after its beginning,
independently of the cookie. One that follows a shift (`follow_shift`) lasts until the shift ends,
also without acts, and not longer. Between the password and the second factor the user is not
signed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from apps.accounts.access import open_gate
from apps.accounts.authentication.adapters import UNKNOWN_ADDRESS
from apps.accounts.models import User
from apps.accounts.origin import client_address
from apps.audit import record
from apps.audit.models import Action
from apps.common.http import integer
from apps.ui.requests import signed_in_user, user_of

SEEN, BEGAN = "seen", "began"
FACTOR_AT = "second_factor_at"
WAITING = "waits_for_second_factor"
SHIFT_ENDS = "shift_ends"
NOTED_EVERY_S = 60


# --- beginning ---


def begin_waiting(request: HttpRequest, *, user: User, target: str) -> None:
    """Note that the password was right. The second factor of this user is asked for next."""
    request.session.cycle_key()
    request.session[WAITING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": timezone.now().timestamp(),
        "target": target,
    }


def waiting(request: HttpRequest) -> tuple[User, str] | None:
    """The user who has to show a second factor and the next address; None after ten minutes."""
    known = request.session.get(WAITING)
    if not known or timezone.now().timestamp() - known["at"] > settings.SECOND_FACTOR_WITHIN_S:
        return None
    user = User.objects.find_for_sign_in(pk=known["user"])
    if (
        user is None
        or not user.is_active
        or not constant_time_compare(known["hash"], user.get_session_auth_hash())
    ):
        return None
    return user, str(known["target"])


def begin(request: HttpRequest, *, user: User, factor: str) -> None:
    """Begin a session with a new id. `factor` is the kind that was shown, or ""."""
    request.session.pop(WAITING, None)
    open_gate(user)  # from here on the request acts as this user
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    now = timezone.now().timestamp()
    request.session[BEGAN] = request.session[SEEN] = now
    request.session.pop(FACTOR_AT, None)
    if factor:
        request.session[FACTOR_AT] = now
    UserSession.objects.create_from_request(request)


def note_sign_in(user: User) -> None:
    """Replaces Django's own, which raises an error because row-level security hides the account."""
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())


# --- lasting ---


def left_s(request: HttpRequest) -> int:
    """Seconds until the session ends if nothing more happens; 0 without a session."""
    if signed_in_user(request) is None:
        return 0
    now = timezone.now().timestamp()
    return max(0, int(min(_quiet_until(request, now), _latest(request, now)) - now))


def is_over(request: HttpRequest) -> bool:
    """Whether the session was idle too long, its shift ended, or it began too long ago."""
    now = timezone.now().timestamp()
    return now > min(_quiet_until(request, now), _latest(request, now))


def follow_shift(request: HttpRequest, *, ends_at: datetime | None) -> None:
    """The session ends with a shift, and not before it for want of acts: an operator watches.

    None: it lasts as any other from now on. The limit of `SESSION_COOKIE_AGE` stays.
    """
    request.session.pop(SHIFT_ENDS, None)
    if ends_at is not None:
        request.session[SHIFT_ENDS] = ends_at.isoformat()
    touch(request, at_once=True)


def shift_end(request: HttpRequest) -> datetime | None:
    """When the shift ends that the session follows; None where it follows none."""
    known = request.session.get(SHIFT_ENDS)
    return None if known is None else datetime.fromisoformat(known)


def is_of_shift(request: HttpRequest) -> bool:
    """Whether the session follows a shift."""
    return SHIFT_ENDS in request.session


def _quiet_until(request: HttpRequest, now: float) -> float:
    """Until when nothing need happen."""
    shift = shift_end(request)
    if shift is not None:
        return shift.timestamp()
    return float(request.session.get(SEEN, now)) + settings.IDLE_SESSION_S


def _latest(request: HttpRequest, now: float) -> float:
    return float(request.session.get(BEGAN, now)) + settings.SESSION_COOKIE_AGE


def why_over(request: HttpRequest) -> str:
    """The sentence for a person whose session has ended."""
    shift = shift_end(request)
    if shift is not None and timezone.now() > shift:
        return _(
            "You were signed out: your shift has ended. Sign in again if you have another one."
        )
    idle_s = timezone.now().timestamp() - request.session.get(SEEN, 0)
    if shift is None and idle_s > settings.IDLE_SESSION_S:
        return _("You were signed out after 30 minutes without activity.")
    return _("You were signed out: a session lasts 12 hours. Sign in again to go on.")


def touch(request: HttpRequest, *, at_once: bool = False) -> None:
    """Restart the idle time. Written at most once a minute."""
    now = timezone.now().timestamp()
    seen = request.session.get(SEEN)
    request.session.setdefault(BEGAN, now)
    if seen is None or at_once or now - seen > NOTED_EVERY_S:
        request.session[SEEN] = now
        if seen is not None:  # the first act is the sign-in, which wrote it already
            _list(request)


def _list(request: HttpRequest) -> None:
    """Keep this session in the list of its person's sessions, with where it was last seen.

    The library's own way reads the account of a listed session. Row-level security hides that
    account until the scope of a request is set. When two requests at once find the session not
    listed, the later one would read it.
    """
    seen = {
        "ip": client_address(request) or UNKNOWN_ADDRESS,
        "user_agent": request.META.get("HTTP_USER_AGENT", "")[:200],
        "last_seen_at": timezone.now(),
    }
    key, user_id = request.session.session_key, user_of(request).pk
    if not UserSession.objects.filter(session_key=key, user_id=user_id).update(**seen):
        own = UserSession(session_key=key, user_id=user_id, **seen)
        # one statement: of two requests at once the second finds the row of the first
        UserSession.objects.bulk_create(
            [own],
            update_conflicts=True,
            unique_fields=["session_key"],
            update_fields=["user_id", *seen],
        )


def frame(request: HttpRequest) -> dict[str, Any]:
    """Session data for the script of every signed-in page: how long it may wait, and for whom.

    Loading the page was an act, so the seconds are the same each time, except near the 12th hour.
    """
    user = signed_in_user(request)
    if user is None:
        return {}
    person = salted_hmac("kept-forms", str(user.pk), algorithm="sha256").hexdigest()[:16]
    most = left_s(request) if is_of_shift(request) else settings.IDLE_SESSION_S - NOTED_EVERY_S
    return {"person": person, "left_s": min(left_s(request), most)}


# --- one's own, and how they end ---


def listed(request: HttpRequest) -> list[UserSession]:
    """The sessions of the user, newest first, without those that have ended."""
    user = user_of(request)
    open_ones = UserSession.objects.purge_and_list(user)
    return sorted(open_ones, key=lambda session: session.last_seen_at, reverse=True)


# The order matters: each browser's text also contains the names after it.
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"))


def browser_of(agent: str) -> str:
    """`Chrome, Android`: enough for a user to recognise a browser."""
    known = (*BROWSERS, ("Safari/", "Safari")), (*SYSTEMS, ("Mac OS", "macOS"), ("Linux", "Linux"))
    found = [next((name for mark, name in group if mark in agent), "") for group in known]
    return ", ".join(filter(None, found)) or _("Unknown browser")


def end_one(request: HttpRequest, *, key: str) -> bool:
    """End one other session of the user. False if there is none of that number."""
    user = user_of(request)
    session = UserSession.objects.filter(user=user, pk=integer(key)).first()
    if session is None or session.session_key == request.session.session_key:
        return False
    session.end()
    record.entry(Action.CHANGE, about=user, by=user, step="session_ended")
    return True


@transaction.atomic
def end_others(request: HttpRequest) -> None:
    """End every session of the user except this one."""
    user = user_of(request)
    end_all(user=user)
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)
    record.entry(Action.CHANGE, about=user, by=user, step="sessions_ended")


def end_all(*, user: User) -> None:
    """End every session of a user, also those that are not listed."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    for session in UserSession.objects.filter(user=user):
        session.end()


def forget(request: HttpRequest) -> None:
    """Remove this session from the list, at sign-out."""
    UserSession.objects.filter(session_key=request.session.session_key).delete()


def state(request: HttpRequest) -> dict[str, Any]:
    """What the page's script needs: seconds left, the time of the end with its zone, and whether
    that is the end of a shift.
    """
    left = left_s(request)
    ends = timezone.localtime(timezone.now() + timedelta(seconds=left))
    return {"left_s": left, "ends": f"{ends:%H.%M %Z}", "is_shift": is_of_shift(request)}
