"""Sessions: how they begin, how long they last, which ones a person has, and how they end.

A session lives `IDLE_SESSION_S` after the last act and `SESSION_COOKIE_AGE` after its beginning,
whatever the cookie says. Between the password and the second factor nobody is signed in.
"""

from __future__ import annotations

from datetime import timedelta
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

SEEN, BEGAN = "seen", "began"
FACTOR_AT = "second_factor_at"
WAITING = "waits_for_second_factor"
NOTED_EVERY_S = 60


# --- beginning ---


def begin_waiting(request: HttpRequest, *, user: User, target: str) -> None:
    """The password was right; the second factor of this user is asked for next."""
    request.session.cycle_key()
    request.session[WAITING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": timezone.now().timestamp(),
        "target": target,
    }


def waiting(request: HttpRequest) -> tuple[User, str] | None:
    """Who waits to show a second factor, and where to go then; nobody after ten minutes."""
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
    """A new session with a new id; `factor` is the kind that was shown, if any."""
    request.session.pop(WAITING, None)
    open_gate(user)  # from here on it is them
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    now = timezone.now().timestamp()
    request.session[BEGAN] = request.session[SEEN] = now
    request.session.pop(FACTOR_AT, None)
    if factor:
        request.session[FACTOR_AT] = now
    UserSession.objects.create_from_request(request)


def note_sign_in(user: User) -> None:
    """In the place of Django's own, which takes it for a fault when nobody may see the account."""
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())


# --- lasting ---


def left_s(request: HttpRequest) -> int:
    """Seconds until the session ends when nothing more happens; 0 without one."""
    if not request.user.is_authenticated:
        return 0
    now = timezone.now().timestamp()
    idle = request.session.get(SEEN, now) + settings.IDLE_SESSION_S
    absolute = request.session.get(BEGAN, now) + settings.SESSION_COOKIE_AGE
    return max(0, int(min(idle, absolute) - now))


def is_over(request: HttpRequest) -> bool:
    """Idle too long, or begun too long ago."""
    now = timezone.now().timestamp()
    is_idle = now - request.session.get(SEEN, now) > settings.IDLE_SESSION_S
    return is_idle or now - request.session.get(BEGAN, now) > settings.SESSION_COOKIE_AGE


def why_over(request: HttpRequest) -> str:
    """The sentence for whoever finds the session ended."""
    if timezone.now().timestamp() - request.session.get(SEEN, 0) > settings.IDLE_SESSION_S:
        return _("You were signed out after 30 minutes without activity.")
    return _("You were signed out: a session lasts 12 hours. Sign in again to go on.")


def touch(request: HttpRequest, *, at_once: bool = False) -> None:
    """Something was done: the idle time begins anew. Written once a minute at most."""
    now = timezone.now().timestamp()
    seen = request.session.get(SEEN)
    request.session.setdefault(BEGAN, now)
    if seen is None or at_once or now - seen > NOTED_EVERY_S:
        request.session[SEEN] = now
        if seen is not None:  # the first act is the sign-in, which wrote it down
            _list(request)


def _list(request: HttpRequest) -> None:
    """Keep this session in the list of its person's sessions, with where it was last seen.

    The library's own way reads the account of a listed session, which row-level security shows to
    nobody before the scope of a request is set; of two requests at once that find the session not
    listed, the later one would do that.
    """
    seen = {
        "ip": client_address(request) or UNKNOWN_ADDRESS,
        "user_agent": request.META.get("HTTP_USER_AGENT", "")[:200],
        "last_seen_at": timezone.now(),
    }
    listed = UserSession.objects.filter(session_key=request.session.session_key)
    if not listed.filter(user_id=request.user.pk).update(**seen):
        own = UserSession(session_key=request.session.session_key, user_id=request.user.pk, **seen)
        # one statement: of two pages at once the second finds the row of the first
        UserSession.objects.bulk_create(
            [own],
            update_conflicts=True,
            unique_fields=["session_key"],
            update_fields=["user_id", *seen],
        )


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every page of a signed-in person tells its script: how long it may wait, and for whom.

    The page itself was an act, so that its seconds are the same each time, but near the 12th hour.
    """
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    person = salted_hmac("kept-forms", str(user.pk), algorithm="sha256").hexdigest()[:16]
    return {
        "person": person,
        "left_s": min(left_s(request), settings.IDLE_SESSION_S - NOTED_EVERY_S),
    }


# --- one's own, and how they end ---


def listed(request: HttpRequest) -> list[UserSession]:
    """The sessions of whoever asks, the newest first; what has ended is left out."""
    user: Any = request.user
    open_ones = UserSession.objects.purge_and_list(user)
    return sorted(open_ones, key=lambda session: session.last_seen_at, reverse=True)


# In this order: each names those after it, too.
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"))


def browser_of(agent: str) -> str:
    """`Chrome, Android`: enough to know one's own again."""
    known = (*BROWSERS, ("Safari/", "Safari")), (*SYSTEMS, ("Mac OS", "macOS"), ("Linux", "Linux"))
    found = [next((name for mark, name in group if mark in agent), "") for group in known]
    return ", ".join(filter(None, found)) or _("Unknown browser")


def end_one(request: HttpRequest, *, key: str) -> bool:
    """End one of one's own other sessions. False where there is none of that number."""
    user: Any = request.user
    session = UserSession.objects.filter(user=user, pk=integer(key)).first()
    if session is None or session.session_key == request.session.session_key:
        return False
    session.end()
    record.entry(Action.CHANGE, about=user, by=user, what="session_ended")
    return True


@transaction.atomic
def end_others(request: HttpRequest) -> None:
    """End every session of one's own but this one."""
    user: Any = request.user
    end_all(user=user)
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)
    record.entry(Action.CHANGE, about=user, by=user, what="sessions_ended")


def end_all(*, user: User) -> None:
    """End every session of a user, also those that no list knows."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    for session in UserSession.objects.filter(user=user):
        session.end()


def forget(request: HttpRequest) -> None:
    """Strike this session from the list, at sign-out."""
    UserSession.objects.filter(session_key=request.session.session_key).delete()


def state(request: HttpRequest) -> dict[str, Any]:
    """What the page's script needs: seconds left, and the hour of the end with its zone."""
    left = left_s(request)
    ends = timezone.localtime(timezone.now() + timedelta(seconds=left))
    return {"left_s": left, "ends": f"{ends:%H.%M %Z}"}
