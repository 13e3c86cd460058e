"""Choosing a file, or who sent it, for the filter of the list: by a part of the name, a file by its
number, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common.http import integer
from apps.proposals.models import Batch, Proposal

MOST_FILES: Final = 20
# More senders than this are no list to choose from.
MOST_SENDERS: Final = 100
# Fewer letters fit most names.
LEAST_LETTERS: Final = 3


@dataclass(frozen=True)
class FileChoice:
    """A file as a choice: its key, its name, and its number, sender and day."""

    pk: int
    name: str
    detail: str

    @classmethod
    def of(cls, batch: Batch) -> FileChoice:
        day = date_format(localtime(batch.received_at), "DATE_FORMAT")
        detail = _("no. {number}, {sender}, {day}")
        return cls(
            batch.pk,
            str(batch),
            detail.format(number=batch.pk, sender=batch.sender, day=day),
        )


def files_matching(asked: str, by: User) -> list[FileChoice]:
    """The newest files of a person's region whose name has the typed text, or with this number.

    At most MOST_FILES. Queries: one; another for a number that only rows of the region have.
    """
    asked = asked.strip()
    number = integer(asked)
    wanted = Q(pk=number) if number is not None else Q(pk__in=[])
    if len(asked) >= LEAST_LETTERS:
        wanted |= Q(file_name__icontains=asked)
    files = Batch.objects.within(scope_of(by, Permission.VIEW_BATCH)).filter(wanted)
    found = files.select_related("user", "agency").order_by("-pk")[:MOST_FILES]
    choices = [FileChoice.of(batch) for batch in found]
    if number is not None and not any(one.pk == number for one in choices):
        choices += _of_rows(number, by)
    return choices


def chosen_file(key: int | None, by: User) -> FileChoice | None:
    """The file that a filter names. Queries: at most two."""
    if key is None:
        return None
    files = Batch.objects.within(scope_of(by, Permission.VIEW_BATCH)).filter(pk=key)
    found = files.select_related("user", "agency").first()
    return FileChoice.of(found) if found else FileChoice(key, _number(key), "")


@dataclass(frozen=True)
class SenderChoice:
    """Somebody who sent files, as a choice."""

    pk: int
    name: str

    @property
    def key(self) -> str:
        return str(self.pk)


def senders(by: User) -> list[SenderChoice]:
    """The senders of files in a person's region, if they are few enough for a list; else none.

    Queries: one.
    """
    found = list(_senders(by)[: MOST_SENDERS + 1])
    return [SenderChoice(*one) for one in found] if len(found) <= MOST_SENDERS else []


def senders_matching(asked: str, by: User) -> list[SenderChoice]:
    """The senders of files in a person's region whose name has the typed text, at most MOST_FILES.

    Queries: one, or none.
    """
    asked = asked.strip()
    if len(asked) < LEAST_LETTERS:
        return []
    found = _senders(by).filter(user__full_name__icontains=asked)
    return [SenderChoice(*one) for one in found[:MOST_FILES]]


def chosen_sender(key: int | None, by: User) -> SenderChoice | None:
    """The sender that a filter names. Queries: one, or none."""
    if key is None:
        return None
    found = _senders(by).filter(user_id=key).first()
    return SenderChoice(*found) if found else SenderChoice(key, _("a sender of another region"))


def _senders(by: User) -> Any:
    files = Batch.objects.within(scope_of(by, Permission.VIEW_BATCH)).filter(user__isnull=False)
    named = files.order_by("user__full_name", "user_id")
    return named.values_list("user_id", "user__full_name").distinct()


def _of_rows(key: int, by: User) -> list[FileChoice]:
    """A file of a wider region, of which the person sees rows; its name is not theirs to see."""
    rows = Proposal.objects.within(scope_of(by, Permission.VIEW_PROPOSAL)).filter(batch=key)
    return [FileChoice(key, _number(key), "")] if rows.exists() else []


def _number(key: int) -> str:
    return _("file no. {number}").format(number=key)
