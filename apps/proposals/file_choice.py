"""Choosing a file for the filter of the list: by a part of its name, or by its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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


def _of_rows(key: int, by: User) -> list[FileChoice]:
    """A file of a wider region, of which the person sees rows; its name is not theirs to see."""
    rows = Proposal.objects.within(scope_of(by, Permission.VIEW_PROPOSAL)).filter(batch=key)
    return [FileChoice(key, _number(key), "")] if rows.exists() else []


def _number(key: int) -> str:
    return _("file no. {number}").format(number=key)
