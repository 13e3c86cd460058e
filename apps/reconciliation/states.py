"""The states of datasets, runs, pairs and conflicts, with the allowed transitions of each."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.common.states import Moves


class DatasetStatus(TextChoices):
    RECEIVED = "received", pgettext_lazy("dataset", "Received")
    LOADING = "loading", pgettext_lazy("dataset", "Being read")
    LOADED = "loaded", pgettext_lazy("dataset", "Loaded")
    FAILED = "failed", pgettext_lazy("dataset", "Failed – can be resumed")
    TAKEN_BACK = "taken_back", pgettext_lazy("dataset", "Taken back – match its columns")


DATASET_TRANSITIONS: Moves = {
    DatasetStatus.RECEIVED: {DatasetStatus.LOADING, DatasetStatus.FAILED},
    DatasetStatus.LOADING: {DatasetStatus.LOADING, DatasetStatus.LOADED, DatasetStatus.FAILED},
    # the columns were matched wrongly, and no run uses it
    DatasetStatus.LOADED: {DatasetStatus.TAKEN_BACK},
    DatasetStatus.FAILED: {DatasetStatus.RECEIVED},
    DatasetStatus.TAKEN_BACK: {DatasetStatus.RECEIVED},
}


class RunStatus(TextChoices):
    ASKED = "asked", pgettext_lazy("run", "Waiting")
    RUNNING = "running", pgettext_lazy("run", "Running")
    DONE = "done", pgettext_lazy("run", "Done")
    STOPPED = "stopped", pgettext_lazy("run", "Stopped by a circuit breaker")
    FAILED = "failed", pgettext_lazy("run", "Failed – can be resumed")
    CANCELLED = "cancelled", pgettext_lazy("run", "Cancelled")


RUN_TRANSITIONS: Moves = {
    RunStatus.ASKED: {RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.FAILED},
    RunStatus.RUNNING: {
        RunStatus.RUNNING,
        RunStatus.DONE,
        RunStatus.STOPPED,
        RunStatus.FAILED,
        RunStatus.CANCELLED,
    },
    # a user saw the breaker's result and asks to continue
    RunStatus.STOPPED: {RunStatus.ASKED, RunStatus.CANCELLED},
    RunStatus.FAILED: {RunStatus.ASKED, RunStatus.CANCELLED},
    RunStatus.CANCELLED: {RunStatus.ASKED},
    RunStatus.DONE: set(),
}


class PairStatus(TextChoices):
    """The current status of a pair: by its weight, by one-to-one, or by people's decision."""

    LINKED = "linked", pgettext_lazy("pair", "Linked")
    REVIEW = "review", pgettext_lazy("pair", "To be reviewed")
    BELOW = "below", pgettext_lazy("pair", "Too little in common")
    DISPLACED = "displaced", pgettext_lazy("pair", "Another pair fits better")
    SAME = "same", pgettext_lazy("pair", "Same person, by people")
    NOT_SAME = "not_same", pgettext_lazy("pair", "Not the same, by people")
    UNSURE = "unsure", pgettext_lazy("pair", "Unsure, to be checked on the spot")


# The shown status of a pair of the blind sample, until people have agreed on it.
BLIND = "blind"
# Pairs that join two records to one person.
JOINED = (PairStatus.LINKED, PairStatus.SAME)
# Pairs that people decided: no run changes them.
SETTLED = (PairStatus.SAME, PairStatus.NOT_SAME, PairStatus.UNSURE)


class JudgementOutcome(TextChoices):
    """The three answers about a pair."""

    SAME = "same", pgettext_lazy("answer", "The same person")
    NOT_SAME = "not_same", pgettext_lazy("answer", "Not the same person")
    UNSURE = "unsure", pgettext_lazy("answer", "Unsure, ask for a check on the spot")


class ConflictKind(TextChoices):
    DECEASED = "deceased", _("Deceased at the civil register")
    MOVED = "moved", _("Lives in another village")
    NIK_UNKNOWN = "nik_unknown", _("NIK not at the civil register")
    NIK_SHARED = "nik_shared", _("One NIK on two people")
    NIK_TWICE = "nik_twice", _("Two NIKs on one person")
    NAME_DIFFERS = "name_differs", _("Name differs")
    BIRTH_DIFFERS = "birth_differs", _("Date of birth differs")
    SEX_DIFFERS = "sex_differs", _("Sex differs")
    MOTHER_DIFFERS = "mother_differs", _("Mother's name differs")
    KK_DIFFERS = "kk_differs", _("Other family card")
    PLACE_DIFFERS = "place_differs", _("Other address in the village")
    POINT_DIFFERS = "point_differs", _("Other point of the house")
    NOT_REGISTERED = "not_registered", _("Recipient, but not in the register")
    ABOVE_LIMIT = "above_limit", _("In the register, but ranked above the limit")
    CIVIL_SERVANT = "civil_servant", _("Civil servant among recipients")


class ConflictStatus(TextChoices):
    OPEN = "open", pgettext_lazy("conflict", "Open")
    ANSWERED = "answered", pgettext_lazy("conflict", "Answered, waits for Pusdatin")
    RESOLVED = "resolved", pgettext_lazy("conflict", "Resolved")
    KEPT = "kept", pgettext_lazy("conflict", "Kept as it is")
    OBSOLETE = "obsolete", pgettext_lazy("conflict", "No longer there")


CONFLICT_TRANSITIONS: Moves = {
    ConflictStatus.OPEN: {ConflictStatus.ANSWERED, ConflictStatus.OBSOLETE},
    # Pusdatin takes the answer over, or hands it back with a reason
    ConflictStatus.ANSWERED: {
        ConflictStatus.RESOLVED,
        ConflictStatus.KEPT,
        ConflictStatus.OPEN,
        ConflictStatus.OBSOLETE,
    },
    ConflictStatus.RESOLVED: {ConflictStatus.OPEN},  # a resolution that was undone
    ConflictStatus.KEPT: {ConflictStatus.OPEN},
    ConflictStatus.OBSOLETE: {ConflictStatus.OPEN},
}
