"""What the verbs of submission, review and determination refuse, and the words for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import DomainError
from apps.proposals.states import ProposalStatus

REFUSALS: dict[str, Promise] = {
    "not_yours": _(
        "This step is not part of your work in this region (%(region)s). Nothing was saved. Ask"
        " the user administrator of your regency which role takes it."
    ),
    "batch_not_ready": _(
        "Batch %(batch)s is not ready to submit; its status is: %(status)s. Wait until the check"
        " has ended, or resume it."
    ),
    "already_decided": _(
        "%(who)s decided this proposal on %(when)s; its status is now: %(to)s. Your decision was"
        " not saved; look at that one, then go on with the next proposal."
    ),
    "two_steps": _(
        "You took the last step on this proposal yourself. Nobody takes two steps in a row on one"
        " proposal; a colleague has to take this one."
    ),
    "selection_changed": _(
        "%(expected)s proposals were shown, now there are %(now)s. Nothing was changed. Look at the"
        " new list, then decide again."
    ),
    "selection_swapped": _(
        "%(now)s proposals were shown and there are %(now)s now, but not the same ones: at least"
        " one left and another came, or one was changed. Nothing was decided. Look at the new"
        " list, then decide again."
    ),
    "reason_missing": _(
        "The reason is missing. Choose one from the list, and write in words what must be mended:"
        " the officer reads it as it stands here."
    ),
    "undo_too_late": _(
        "This step can no longer be undone: 10 minutes have passed, somebody has built on it, or"
        " it was not yours. Return the proposal with a reason instead."
    ),
    "decree_exists": _(
        "A decree with the number %(number)s exists already, from %(date)s. Check the number, or"
        " open that decree."
    ),
    "not_your_region": _(
        "Region %(region)s is not among those for which you send proposals. Nothing was stored."
        " Choose a region of your own work."
    ),
    "no_room": _(
        "%(filename)s was not stored: %(free_mb)s MB of disk are free, %(needed_mb)s MB are needed."
        " Tell the administrator; upload it again when there is room."
    ),
    "columns_missing": _(
        "Columns that were not found: %(columns)s. Row 1 of %(filename)s holds: %(found)s. Match"
        " the columns, or use the header of the template."
    ),
    "mapping_unknown": _(
        "There is no column %(column)s in %(filename)s or in our list. Match the columns again."
    ),
    "cannot_resume": _(
        "Batch %(batch)s has not failed, so that there is nothing to resume. Look at its page."
    ),
    "wrong_offset": _("%(received)s bytes of this file have arrived; it goes on from there."),
    "not_whole": _(
        "%(filename)s has not arrived whole. Choose the same file again; it goes on where it"
        " stopped."
    ),
    "file_changed": _(
        "%(filename)s was changed while it was sent. Nothing of it was kept. Close it in the other"
        " program, then choose it again."
    ),
    "is_photo": _(
        "This is a photo (%(found)s), not a file of proposals. %(filename)s. Photos of a house are"
        " added in the form of one family; here choose the table (XLSX or CSV)."
    ),
    "too_many_uploads": _(
        "%(count)s files wait already for their end. Finish or remove one of them first."
    ),
    "unknown_ending": _(
        "%(name)s: write a file whose name ends in .csv, .xlsx or .geojson (findings in the"
        " officer's own file: .csv or .xlsx)."
    ),
    "no_file": _(
        "%(batch)s came without a file, so that there is none to give back. Its row is on its page."
    ),
    "nothing_accepted": _(
        "No accepted proposal in region %(region)s waits for a decree. Nothing was determined."
    ),
}


class Refused(DomainError):
    """A refusal of this app; `text` says it in the language in use."""

    @property
    def text(self) -> str:
        return text(self.code, self.params)


def text(code: str, params: dict[str, Any]) -> str:
    """The words for a refusal that was stored by its code, e.g. in a job.

    Raises: KeyError when another app refused.
    """
    shown = {name: _shown(value) for name, value in params.items()}
    if "to" in shown:
        shown["to"] = str(ProposalStatus(params["to"]).label)
    return str(REFUSALS[code]) % shown


def words_of(refused: DomainError) -> str:
    """A refusal of the reader, the intake or the submission, in words."""
    return str(getattr(refused, "text", "") or refused)


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    return value


class NotYours(Refused):
    """The principal holds no such permission in that region."""

    code = "not_yours"


class BatchNotReady(Refused):
    """Rows can be submitted once the check has ended."""

    code = "batch_not_ready"


class AlreadyDecided(Refused):
    """Somebody was faster: `params` say who, when (aware datetime) and to which status."""

    code = "already_decided"

    def __init__(self, who: str, when: datetime, to_status: str) -> None:
        super().__init__(who=who, when=when, to=to_status)
        self.who, self.when, self.to_status = who, when, to_status


class TwoSteps(Refused):
    """The person took the step before."""

    code = "two_steps"


class SelectionChanged(Refused):
    """The rows under a filter are no longer those that were shown."""

    code = "selection_changed"

    def __init__(self, expected: int, now: int) -> None:
        super().__init__(expected=expected, now=now)
        self.expected, self.now = expected, now


class SelectionSwapped(Refused):
    """As many rows under a filter as were shown, but others, or one of them changed."""

    code = "selection_swapped"

    def __init__(self, now: int) -> None:
        super().__init__(now=now)


class ReasonMissing(Refused):
    """Whoever proposed has to read why."""

    code = "reason_missing"


class UndoTooLate(Refused):
    """Too long ago, built upon, or somebody else's."""

    code = "undo_too_late"


class DecreeExists(Refused):
    """A decree's number is used once."""

    code = "decree_exists"


class NothingAccepted(Refused):
    """A decree without a single row is none."""

    code = "nothing_accepted"
