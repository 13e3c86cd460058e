"""Texts for comparisons, circuit breakers and refusals."""

from __future__ import annotations

from typing import Any, Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register, text
from apps.jobs.messages import PUT_ASIDE, ending
from apps.jobs.models import Job

# The name of each comparison, as a row of the pair.
LABELS: Final[dict[str, Any]] = {
    "nik": "NIK",
    "name": _("Name"),
    "birth_date": _("Date of birth"),
    "mother_name": _("Mother's name"),
    "kk": "No. KK",
    "village": _("Village"),
    "sex": _("Sex"),
    "birth_place": _("Place of birth"),
}
# The text of each level of a comparison (`comparisons.COMPARISONS`).
SENTENCES: Final[dict[str, Promise]] = {
    "nik_twins": _("another NIK of the same day and district, as twins have"),
    "nik_exact": _("NIK equal"),
    "nik_near": _("one or two digits differ"),
    "nik_else": _("another NIK"),
    "name_exact": _("name equal"),
    "name_joined": _("equal but for the spaces"),
    "name_close": _("nearly the same name"),
    "name_part": _("all words of one name are in the other"),
    "name_alike": _("similar name"),
    "name_else": _("another name"),
    "birth_date_twins": _("date equal, as with twins"),
    "birth_date_exact": _("date equal"),
    "birth_date_swapped": _("day and month swapped"),
    "birth_date_digit": _("one digit differs"),
    "birth_date_year": _("the same year"),
    "birth_date_else": _("another date"),
    "mother_relatives_close": _("nearly the same name; brothers and sisters share it"),
    "mother_relatives": _("name equal; brothers and sisters share it"),
    "mother_exact": _("name equal"),
    "mother_joined": _("equal but for the spaces"),
    "mother_close": _("nearly the same name"),
    "mother_part": _("all words of one name are in the other"),
    "mother_alike": _("similar name"),
    "mother_else": _("another name"),
    "kk_relatives": _("the same family card; relatives share it"),
    "kk_exact": _("the same family card"),
    "kk_near": _("one or two digits differ"),
    "kk_else": _("another family card"),
    "village_relatives": _("the same village; relatives and neighbours share it"),
    "village_exact": _("the same village"),
    "village_district": _("another village, the same district"),
    "village_regency": _("another district, the same regency"),
    "village_else": _("another regency"),
    "sex_exact": _("the same sex"),
    "sex_else": _("another sex"),
    "birth_place_relatives": _("the same place; relatives and neighbours share it"),
    "birth_place_exact": _("the same place"),
    "birth_place_else": _("another place"),
}
# The name keys are equal but the letters differ: another spelling, a title.
SPELT: Final = {"name_exact", "mother_exact"}
# Levels for which the number of differing letters is more informative.
COUNTED: Final = {"name_close", "name_alike", "mother_close", "mother_alike"}
RARE_BITS: Final = 2.0

STAGES: Final[dict[str, Promise]] = {
    "picture": _("The register's picture is taken"),
    "export": _("Records are laid out for comparison"),
    "train": _("The model learns"),
    "compare": _("Pairs are compared"),
    "store": _("Pairs are stored and counted"),
    "thresholds": _("Pairs are sorted by the new thresholds"),
}
BREAKERS: Final[dict[str, Promise]] = {
    "duplicates_share": _(
        "%(found)s of the records would be one person with another of the same source; %(limit)s is"
        " the most that is plausible. Often a column is matched wrongly, or the file holds"
        " everybody several times."
    ),
    "cluster_size": _(
        "One record would be joined with others so that %(found)s count as one person; %(limit)s"
        " is the most that is plausible. Often many rows contain one number or name instead of the"
        " real one."
    ),
    "nik_alone_share": _(
        "%(found)s of the pairs with an equal NIK agree neither in name nor in date of birth;"
        " %(limit)s is the most that is plausible. Often the column of the NIK, of the name or of"
        " the date was matched wrongly."
    ),
    "too_many_pairs": _(
        "%(found)s pairs would have to be compared because they agree in %(rule)s; %(limit)s is"
        " the most that is plausible. Often very many rows contain one value. Correct the delivery"
        " or its columns, upload it again and start another run: this limit cannot be switched"
        " off."
    ),
}
# Safeguards that cannot be overridden: the work would not finish.
FINAL_BREAKERS: Final = {"too_many_pairs"}
MESSAGES: Final[dict[str, Promise]] = {
    "already_judged": _(
        "%(who)s judged this pair at %(when)s already. Your answer was not saved; look at that one,"
        " then go on with the next pair."
    ),
    "judged_by_you": _(
        "You have judged this pair already. Nothing was changed; take your answer back first, or"
        " go on with the next pair."
    ),
    "pair_ended": _(
        "A later run no longer holds this pair: one of its records was changed or is gone. Your"
        " answer was not saved; go on with the next pair."
    ),
    "judgement_undo_too_late": _(
        "This answer can no longer be taken back: 10 minutes have passed, or it was not yours."
        " Ask a colleague to open the pair and answer it; two people outweigh one."
    ),
    "thresholds_order": _(
        "The lower threshold (%(lower)s) is above the upper one (%(upper)s). Nothing was changed."
        " Give a lower threshold that is at most the upper one."
    ),
    "thresholds_numbers": _(
        "A threshold is missing or is no number. Nothing was changed. Give both as weights, for"
        " example 2.0 and 9.0."
    ),
    "thresholds_floor": _(
        "Pairs below a weight of %(floor)s were not kept, so that nothing can be said below it."
        " Nothing was changed. Choose a lower threshold of at least that, or start a new run."
    ),
    "thresholds_old_run": _(
        "Run %(last)s is newer than this one. Nothing was changed. Move the thresholds there."
    ),
    "dataset_not_loaded": _(
        "%(dataset)s is not loaded whole yet. Nothing was started. Wait until it is, or resume its"
        " loading."
    ),
    "run_busy": _(
        "A run of %(pairing)s is on its way already. Nothing was started. Wait for its end, or"
        " cancel it."
    ),
    "run_not_stopped": _(
        "Run %(run)s has not stopped, so that there is nothing to resume. Look at its page."
    ),
    "itself_alone": _(
        "The register is compared with itself here: leave the second choice at the register, or"
        " choose a delivery first. Nothing was started."
    ),
    "nothing_to_run": _(
        "Choose the delivery that is to be matched. Nothing was started; the list shows the loaded"
        " deliveries."
    ),
}

register(
    "apps.reconciliation.linkage",
    MESSAGES,
    races=frozenset({"already_judged", "pair_ended"}),
)


def sentence(code: str, *, letters: int = 0, rarity: float = 0.0) -> str:
    """The text of a comparison's result: `name equal, rather rare`; `2 letters differ`."""
    if code.endswith("_nothing"):
        return gettext("cannot be compared")
    if code in COUNTED and letters:
        said = ngettext("%(n)s letter differs", "%(n)s letters differ", letters) % {"n": letters}
    elif code in SPELT and letters:
        said = gettext("the same name, spelt differently")
    else:
        said = str(SENTENCES.get(code, code.replace("_", " ")))
    if rarity >= RARE_BITS:
        return gettext("%(said)s, rather rare") % {"said": said}
    if rarity <= -RARE_BITS:
        return gettext("%(said)s, very common") % {"said": said}
    return said


def rarity_sentence(rarity: float) -> str:
    if rarity > 0:
        return gettext("rarer than most, which counts for more")
    return gettext("more common than most, which counts for less")


def likelihood(probability: float) -> str:
    """A word shown beside the percentage."""
    if probability >= 0.99:
        return pgettext("chance", "almost certainly")
    if probability >= 0.75:
        return pgettext("chance", "probably")
    if probability > 0.25:
        return pgettext("chance", "unclear")
    if probability > 0.01:
        return pgettext("chance", "probably not")
    return pgettext("chance", "almost certainly not")


def breaker(found: dict[str, Any]) -> str:
    """Why a run was stopped."""
    said = BREAKERS.get(str(found.get("code")))
    if said is None:
        said = _("%(found)s were found where %(limit)s is the most that is plausible.")
    rule = ", ".join(str(LABELS.get(name, name)) for name in str(found.get("rule", "")).split(", "))
    amounts = {name: _amount(found.get(name)) for name in ("found", "limit")}
    return str(said) % {**amounts, "rule": rule}


def stage(name: str) -> str:
    """The name of a run's current stage."""
    return str(STAGES.get(name, ""))


def why(job: Job) -> str:
    """Why a run's job ended without finishing, in words."""
    if job.message_code in MESSAGES:
        return text(job.message_code, job.message_params)
    if job.message_code in PUT_ASIDE:
        return ending(job)
    return gettext("The work stopped and nothing of it counts. It can be resumed.")


def _amount(value: Any) -> str:
    """A share as a percentage, a count as it is."""
    if isinstance(value, float) and 0 <= value <= 1:
        return f"{number_format(round(100 * value, 1), 1)} %"
    return number_format(value) if isinstance(value, int | float) else "–"
