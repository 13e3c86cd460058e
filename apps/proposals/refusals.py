"""What the verbs of submission, review and determination refuse, and the words for it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.casework.calendar import CycleCalendar
from apps.civilregister.states import CivilStatus
from apps.common.errors import DomainError
from apps.common.tabular import messages as file_messages
from apps.common.tabular.messages import MESSAGES as FILE_MESSAGES
from apps.jobs.messages import PUT_ASIDE, ending
from apps.jobs.models import Job
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
    "identity_unseen": _(
        "In the register somebody else is probably the person of this NIK, or that comparison has"
        " changed since you opened the page. Nothing was decided. Compare both on this page, then"
        " decide."
    ),
    "move_gone": _(
        "There is no move to confirm on this proposal any more: it says the same as the register,"
        " or its review has ended. Nothing was saved."
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
    "region_unclear": _(
        "You send proposals for several regions, and %(filename)s does not tell which one is"
        " meant: %(regions)s. A file is for one region. Choose it on the page or give --region to"
        " the command; rows of several regions go into one file for each."
    ),
    "columns_missing": _(
        "Columns that were not found: %(columns)s. Line %(line)s of %(filename)s holds: %(found)s."
        "%(likely)s Match the columns, or use the header of the template."
    ),
    "mapping_unknown": _(
        "There is no column %(column)s in %(filename)s or in our list. Match the columns again."
    ),
    "nothing_asked": _(
        "Batch %(batch)s waits for no answer: somebody has answered already. Nothing was changed;"
        " its page says what became of it."
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
        "This is a photo (%(found)s), not a file of proposals. %(filename)s. Choose the table (XLSX"
        " or CSV); the portal takes no photos of houses."
    ),
    "too_many_uploads": _(
        "%(count)s files wait already for their end. Finish or remove one of them first."
    ),
    "whole_not_yours": _(
        "%(batch)s was sent by somebody else, and your role reveals no numbers. Nothing was"
        " fetched. Mend the rows on its page, or ask its sender for the file."
    ),
    "request_gone": _(
        "This request was answered already, or its page was open for too long. Nothing was"
        " changed. Open the file's page and ask again."
    ),
    "request_answered": _("%(who)s answered this request on %(when)s. Your answer was not stored."),
    "reason_for_file": _(
        "It does not say what the file is needed for. Nothing was asked. Open the file's page and"
        " write the reason in words."
    ),
    "unknown_ending": _(
        "%(name)s: write a file whose name ends in .csv, .xlsx or .geojson (findings in the"
        " officer's own file: .csv or .xlsx)."
    ),
    "no_file": _(
        "%(batch)s came without a file, so that there is none to give back. Its row is on its page."
    ),
    "cycle_closed": _(
        "Cycle %(name)s closed on %(closed)s. These proposals stay ready and go into cycle"
        " %(next)s, which opens on %(opens)s. Submit them then."
    ),
    "cycle_closed_last": _(
        "Cycle %(name)s closed on %(closed)s, and no later one is planned yet. These proposals stay"
        " ready; Pusdatin sets the date of the next cycle."
    ),
    "cycle_not_begun": _(
        "No cycle is open yet. Cycle %(next)s opens on %(opens)s; these proposals stay ready until"
        " then."
    ),
    "cycle_frozen": _(
        "Cycle %(name)s has been frozen since %(frozen)s: its verification and endorsement have"
        " ended. What was not endorsed goes on in cycle %(next)s, which opens on %(opens)s."
    ),
    "cycle_frozen_last": _(
        "Cycle %(name)s has been frozen since %(frozen)s: its verification and endorsement have"
        " ended. No later cycle is planned yet; Pusdatin sets its date."
    ),
    "rows_unknown": _(
        "Rows that this file does not have: %(rows)s; it has rows %(first)s to %(last)s. Nothing"
        " was changed. Compare the column Baris with the file that you fetched from this page."
    ),
    "rows_gone": _(
        "%(rows)s rows of %(batch)s can no longer be read from the stored file. Nothing was"
        " changed. Tell the administrator; the stored file has to be looked at."
    ),
    "no_row_column": _(
        "The column Baris is missing in %(filename)s. Row 1 holds: %(found)s. Fetch the file with"
        " findings from this page, correct its cells and leave its last three columns."
    ),
    "row_numbers_missing": _(
        "Column Baris holds no number in %(filename)s, lines %(lines)s. Nothing was changed. Write"
        " the row's number from the file with findings, or delete the line."
    ),
    "rows_twice": _(
        "Rows that come twice in %(filename)s: %(rows)s. Nothing was changed. Leave each row only"
        " once, the one that is right."
    ),
    "other_batch": _(
        "%(filename)s speaks of other people: in %(count)s rows NIK, family card and name all"
        " differ, for example rows %(rows)s. Nothing was changed. Upload the correction on the page"
        " of its own file."
    ),
    "row_changed": _(
        "Row %(row)s was changed by %(who)s on %(when)s. What you typed was not saved; look at the"
        " row as it is now, then change it again."
    ),
    "row_submitted": _(
        "Row %(row)s was submitted already and is under review. Nothing was changed. The verifier"
        " can return it with a reason."
    ),
    "mending_over": _(
        "Cycle %(name)s closed on %(closed)s, and with it the time to mend this file. Nothing was"
        " changed. Download the rows that must be mended, correct them and upload them as a new"
        " file in the next cycle."
    ),
    "fix_gone": _(
        "This change was taken back, or was never made. Nothing was changed. Its page says what"
        " happened."
    ),
    "nothing_to_fix": _(
        "No row of this file needs that change any more. Look at the findings as they are now."
    ),
    "saved_elsewhere": _(
        "This section was saved in another tab or on another device on %(when)s. Your input is"
        " still in the fields; %(count)s of them differ. Nothing more of this section is saved"
        " until you choose one of the two."
    ),
    "draft_sent": _(
        "This family has been submitted already. Nothing was changed; look at its proposals."
    ),
    "too_many_drafts": _(
        "%(count)s families are begun and not submitted. Finish or delete one of them first."
    ),
    "nothing_typed": _(
        "There is no member in this family yet. Add at least one person in section 2, Members."
    ),
    "civil_reason_missing": _(
        "%(others)s of %(total)s accepted proposals in region %(region)s are not matched with the"
        " civil register: %(not_matched)s differ, %(failed)s got no answer, %(not_checked)s were"
        " not checked. Nothing was determined. Write the reason for determining them, or check"
        " them first."
    ),
    "decree_stopping": _(
        "The work of decree %(number)s is being cancelled just now. Wait some seconds, then resume"
        " it."
    ),
    "nothing_accepted": _(
        "No accepted proposal in region %(region)s waits for a decree. Nothing was determined."
    ),
}

# What is said of work that ended and did not say why.
RESUMABLE = _("The work stopped. What was done so far is kept; it can be resumed.")
UNCHANGED = _("The work stopped and nothing was changed. Try again in a moment.")

# Days of the calendar travel as text, so that a job can keep them.
DATES = {"closed", "opens", "frozen"}


class Refused(DomainError):
    """A refusal of this app; `text` says it in the language in use."""

    races = frozenset(
        {
            *("already_decided", "selection_changed", "selection_swapped", "row_changed"),
            *("row_submitted", "fix_gone", "draft_sent", "decree_exists", "nothing_accepted"),
            "request_answered",
        }
    )

    @property
    def text(self) -> str:
        return text(self.code, self.params)


def text(code: str, params: dict[str, Any]) -> str:
    """The words for a refusal that was stored by its code, e.g. in a job.

    Raises: KeyError when another app refused.
    """
    said = {"first": 1, **{name: shown(value) for name, value in params.items()}}
    for name in DATES & said.keys():
        said[name] = date_format(date.fromisoformat(params[name]), "DATE_FORMAT")
    if "to" in said:
        said["to"] = str(ProposalStatus(params["to"]).label)
    return str(REFUSALS[code]) % said


def job_text(code: str, params: dict[str, Any]) -> str | None:
    """The sentence for a job that failed, where it is one of ours or of the file's reader."""
    return text(code, params) if code in REFUSALS else file_messages.job_text(code, params)


def why(job: Job, otherwise: Promise | str = RESUMABLE) -> str:
    """Why a job ended without its work done, whichever part of the reading refused.

    `otherwise` is said where nothing refused and it was not put aside.
    """
    if job.message_code in PUT_ASIDE:
        return ending(job)
    code, params = job.message_code, job.message_params
    if code in REFUSALS:
        return text(code, params)
    if code in FILE_MESSAGES:
        return str(FILE_MESSAGES[code]) % {"filename": job.subject_name, "found": "", **params}
    return str(otherwise)


def words_of(refused: DomainError) -> str:
    """A refusal of the reader, the intake or the submission, in words."""
    return str(getattr(refused, "text", "") or refused)


def shown(value: Any) -> Any:
    """A value as a text shows it: moments in local time."""
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


class DecreeStopping(Refused):
    """Its work was cancelled and has not stopped yet."""

    code = "decree_stopping"


class NothingAccepted(Refused):
    """A decree without a single row is none."""

    code = "nothing_accepted"


class CivilReasonMissing(Refused):
    """Others than those matched with the civil register are determined with a reason only."""

    code = "civil_reason_missing"

    def __init__(self, region: str, counted: dict[str, int]) -> None:
        total = sum(counted.values())
        params: dict[str, Any] = {"region": region, "total": total, **counted}
        super().__init__("", **params, others=total - counted[CivilStatus.MATCHED])


class CycleClosed(Refused):
    """No cycle takes proposals today: what is ready waits for the next one, with its date."""

    code = "cycle_closed"

    def __init__(self, standing: CycleCalendar) -> None:
        last, coming = standing.last, standing.next
        params: dict[str, str] = {}
        if last is not None:
            params |= {"name": last.name, "closed": last.cutoff_date.isoformat()}
        if coming is not None:
            params |= {"next": coming.name, "opens": coming.opens_date.isoformat()}
        code = "cycle_closed" if last and coming else "cycle_closed_last" if last else ""
        super().__init__(code or "cycle_not_begun", **params)


class CycleFrozen(Refused):
    """Between two cycles nobody verifies or endorses: the data of the last one are drawn."""

    code = "cycle_frozen"

    def __init__(self, standing: CycleCalendar) -> None:
        last, coming = standing.last, standing.next
        if last is None:
            name = coming.name if coming else ""
            opens = coming.opens_date.isoformat() if coming else ""
            super().__init__("cycle_not_begun", next=name, opens=opens)
            return
        params = {"name": last.name, "frozen": last.draw_date.isoformat()}
        if coming is not None:
            params |= {"next": coming.name, "opens": coming.opens_date.isoformat()}
        super().__init__("cycle_frozen" if coming else "cycle_frozen_last", **params)


class IdentityUnseen(Refused):
    """Whoever is probably another person than the registered one is decided with both in sight."""

    code = "identity_unseen"


class MoveGone(Refused):
    """Nothing of the proposal is a move, or nobody may say so any more."""

    code = "move_gone"


class RowsUnknown(Refused):
    """A change names rows that the batch does not have."""

    code = "rows_unknown"


class RowsGone(Refused):
    """The stored file no longer holds rows that were read from it."""

    code = "rows_gone"


class RowChanged(Refused):
    """Somebody was faster on the same row."""

    code = "row_changed"


class RowSubmitted(Refused):
    """A row under review is not the officer's to change."""

    code = "row_submitted"


class MendingOver(Refused):
    """The cycle of a submitted file has closed: what was not mended stays as it is."""

    code = "mending_over"


class FixGone(Refused):
    """Only a change that stands can be taken back."""

    code = "fix_gone"


class NothingToFix(Refused):
    """The button's rows are gone."""

    code = "nothing_to_fix"
