"""The life of a wall screen: made by an operator, let in by its code, renewed by use, ended."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import command
from apps.commandcentre.models import Wall
from apps.commandcentre.states import TOPIC
from apps.common.errors import DomainError
from apps.jobs import outbox

# Without letters and digits that look alike. Ten of 31 are 49 bits, valid for ten minutes.
ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ2346789"
CODE_LENGTH: Final = 10
CODE_FOR: Final = timedelta(minutes=10)
# A screen that is not in use for so long has to be let in again.
KEPT: Final = timedelta(days=30)
# The row is written at most so often.
SEEN_EVERY: Final = timedelta(minutes=5)


@transaction.atomic
def make_wall(*, name: str, by: User, now: datetime) -> tuple[Wall, str]:
    """A screen and its code, which is shown once. Raises: `wall_name`."""
    if not (name := name.strip()):
        raise DomainError("wall_name")
    code = "".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH))
    wall = Wall.objects.create(
        name=name[:60],
        code_sha256=_digest(code),
        code_until=now + CODE_FOR,
        made_at=now,
        made_by=by,
    )
    record.entry(Action.CREATE, about=wall, by=by)
    return wall, code


@transaction.atomic
def let_in(*, code: str, address: str | None, now: datetime) -> tuple[Wall, str]:
    """The screen of a code, and the token for its cookie. A code counts once.

    Raises: `wall_code`.
    """
    asked = "".join(code.split()).replace("-", "").upper()
    token = secrets.token_urlsafe(32)
    waiting = Wall.objects.filter(
        code_sha256=_digest(asked), code_until__gt=now, ended_at__isnull=True, token_sha256=""
    )
    found = waiting.first()
    if found is None or not waiting.filter(pk=found.pk).update(
        code_sha256="",
        code_until=None,
        token_sha256=_digest(token),
        address=address,
        expires_at=now + KEPT,
        seen_at=now,
    ):
        raise DomainError("wall_code")
    found.refresh_from_db()
    record.entry(Action.CHANGE, about=found, by=command("wall"), step="let_in", address=address)
    return found, token


def wall_of(*, token: str, address: str | None, now: datetime) -> Wall | None:
    """The screen of a token, if it may show the board: from its address, neither over nor ended.

    Its time moves on. Queries: one, and one in five minutes.
    """
    if not token:
        return None
    wall = Wall.objects.filter(
        token_sha256=_digest(token), ended_at__isnull=True, expires_at__gt=now
    ).first()
    if wall is None or wall.address != address:
        return None
    if wall.seen_at is None or wall.seen_at < now - SEEN_EVERY:
        Wall.objects.filter(pk=wall.pk).update(seen_at=now, expires_at=now + KEPT)
    return wall


@transaction.atomic
def end_wall(*, wall: Wall, by: User, now: datetime) -> None:
    """End a screen: it is told, and shows nothing from its next request on. A second time changes
    nothing.
    """
    if Wall.objects.filter(pk=wall.pk, ended_at__isnull=True).update(
        ended_at=now, ended_by=by, token_sha256="", code_sha256=""
    ):
        record.entry(Action.CHANGE, about=wall, by=by, step="end")
        outbox.publish(TOPIC, "wall")


def walls(*, now: datetime) -> QuerySet[Wall]:
    """The screens that are in use or wait for their code, the newest first."""
    is_alive = Q(expires_at__gt=now) | Q(code_until__gt=now)
    return Wall.objects.filter(is_alive, ended_at__isnull=True).order_by("-pk")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
