"""Chromium and who sits before it, for benchmarks that measure until something is seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from apps.accounts.authentication.session_store import SessionStore
from apps.accounts.models import Grant, User

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-background-networking", "--no-first-run"]
# WebGL2 without a graphics card
QUIET += ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


def user(role: str, number: int) -> User:
    made = User.objects.create(username=role, nik=f"97010101016{number:05}")
    now = timezone.now()
    Grant.objects.create(
        user=made,
        role=role,
        region_id="ID",
        active_from=now - timedelta(days=1),
        active_until=now + timedelta(days=1),
        granted_by="bench",
        granted_at=now,
    )
    return made


def session_key(one: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(one.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = one.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def session_cookie(key: str, port: int) -> Any:
    """The cookie of a session at a portal of this machine."""
    return {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": f"http://127.0.0.1:{port}"}
