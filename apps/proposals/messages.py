"""Texts of refusals in submission, review and determination, and of jobs that ended."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import catalogue_of, register, text
from apps.jobs.messages import PUT_ASIDE, ending
from apps.jobs.models import Job
from apps.proposals.states import EvidenceKind, ProposalStatus

MESSAGES: dict[str, Promise] = {
    "paper_not_wanted": _(
        "A paper of its own has a removal or a correction that is not determined yet. Nothing was"
        " stored."
    ),
    "row_ended": _(
        "The review of this row has ended, so that its evidence is not changed any more. Nothing"
        " was stored."
    ),
    "paper_missing": _(
        "The paper that proves this is missing. Nothing was sent. Choose a photo, a scan or a PDF"
        " of it."
    ),
    "paper_lacking": _(
        "%(proposal)s: this paper is not here, only its kind and number: %(paper)s. Nothing was"
        " decided. The sender adds it on this page, under Documents, “Add the paper…”: ask the"
        " sender, or return the row."
    ),
    "minutes_lacking": _(
        "%(proposal)s: this paper is not here, only its kind and number: %(paper)s. Nothing was"
        " decided. The sender adds it on this page, under Documents, “Add the paper…”, or for the"
        " whole village on the page of the file, “Evidence per village”: ask the sender, or return"
        " the row."
    ),
    "not_yours": _(
        "This step is not part of your work in this region (%(region)s). Nothing was saved. Ask"
        " the user administrator of your regency which role takes it."
    ),
    "submit_unseen": _(
        "Your role checks files but does not see proposals, so that a returned row would not reach"
        " you. Nothing was submitted. Let an officer of the region, or a Pusdatin verifier, upload"
        " the file."
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
        "You took the last step on this proposal yourself. One person cannot take two steps in a"
        " row on one proposal; a colleague has to take this one."
    ),
    "export_too_large": _(
        "%(rows)s rows are more than the %(most)s of one file. Narrow the filter, for example to a"
        " district."
    ),
    "filter_name_missing": _("The filter has no name. Write one, then save it again."),
    "filters_full": _("%(most)s filters are saved already. Remove one of them first."),
    "filter_too_long": _(
        "The filter is too long to be saved. Draw the area with fewer corners, or choose fewer"
        " values."
    ),
    "question_empty": _("There is no text yet. Write it, then send it again."),
    "question_too_long": _(
        "The text has %(chars)s characters; at most %(most)s are sent. Nothing was sent. Make it"
        " shorter."
    ),
    "question_open": _("A question about this proposal waits for its answer already."),
    "question_answered": _("This question is answered already; the answer is beside the row."),
    "search_short": _(
        "At least three letters of the name are needed, or all 16 digits of a NIK or No. KK."
    ),
    "selection_changed": _(
        "The number of proposals was shown as %(expected)s and is %(now)s now. Nothing was changed."
        " Look at the new list, then decide again."
    ),
    "selection_swapped": _(
        "The number of proposals is %(now)s as it was shown, but they are not the same ones: at"
        " least one left and another came, or one was changed. Nothing was decided. Look at the new"
        " list, then decide again."
    ),
    "reason_missing": _(
        "The reason is missing. Choose one from the list, and write in words what must be mended:"
        " the officer reads exactly this text."
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
    "annul_own": _(
        "You determined decree %(number)s yourself. One person cannot take two steps in a row; a"
        " colleague who may determine has to annul it."
    ),
    "annul_not_in_force": _(
        "Only a decree that is in force can be annulled; the status of decree %(number)s is:"
        " %(status)s. Nothing was changed."
    ),
    "annul_number": _(
        "The number of the decree that annuls it is missing, or it is that of decree %(number)s"
        " itself. Write the number of the other decree."
    ),
    "annul_reason": _(
        "The reason is missing or shorter than %(chars)s letters. Write why the decree is annulled:"
        " it stays with the history of every person."
    ),
    "annul_running": _(
        "The annulment of decree %(number)s is under way already. Wait until its page says that it"
        " has ended."
    ),
    "undo_too_late": _(
        "This step can no longer be undone: 10 minutes have passed, somebody has built on it, or"
        " it was not yours. Return the proposal with a reason instead."
    ),
    "undo_frozen": _(
        "This endorsement can no longer be undone: the cycle %(name)s is frozen, and the proposal"
        " could not be endorsed again for it. Nothing was changed. Tell Pusdatin, whose verifier"
        " can return or reject the proposal."
    ),
    "undo_closed": _(
        "The submission can no longer be undone: the cycle %(name)s is closed, and the proposal"
        " could not be submitted again for it. Nothing was changed. Withdraw the proposal, or ask"
        " its verifier to return it."
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
    "person_left": _(
        "This person is not active in the register (%(status)s), so that there is nothing to remove"
        " or to correct. Compare the number with the card."
    ),
    "person_without_nik": _(
        "The register has no undisputed NIK of this person, so that a proposal could not find them."
        " The data steward settles the number first: tell your regency office."
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
        " or CSV); photos of houses are sent on the page of that file."
    ),
    "too_many_uploads": _(
        "%(count)s files wait already for their end. Finish or remove one of them first."
    ),
    "whole_not_yours": _(
        "%(batch)s was sent by somebody else, and your role reveals no numbers. Nothing was"
        " fetched. Mend the rows on its page, or ask its sender for the file."
    ),
    "batch_unchecked": _(
        "The check of %(batch)s has not ended, so that there is no file with findings yet. Nothing"
        " was fetched. Wait for the end of the check on this page, or resume it; its sender still"
        " has the file as it was sent."
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

register(
    "apps.proposals",
    MESSAGES,
    races=frozenset(
        {
            *("already_decided", "selection_changed", "selection_swapped", "row_changed"),
            *("row_submitted", "fix_gone", "draft_sent", "decree_exists", "nothing_accepted"),
            *("request_answered", "question_answered", "question_open"),
        }
    ),
    labels={"to": dict(ProposalStatus.choices), "paper": dict(EvidenceKind.choices)},
    defaults={"first": "1"},
)

# The text for a job that ended without a reason.
RESUMABLE = _("The work stopped. What was done so far is kept; it can be resumed.")
UNCHANGED = _("The work stopped and nothing was changed. Try again in a moment.")


def why(job: Job, otherwise: Promise | str = RESUMABLE) -> str:
    """Why a job ended without its work done, for a refusal by any part of the reader.

    `otherwise` is returned if nothing was refused and the job was not put aside.
    """
    if job.message_code in PUT_ASIDE:
        return ending(job)
    if catalogue_of(job.message_code) is not None:
        return text(job.message_code, {"filename": job.subject_name, **job.message_params})
    return str(otherwise)
