"""The context of the pages of proposals. Each function returns the context of one page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.civilregister.states import CivilStatus
from apps.common.http import integer
from apps.proposals import file_choice, maps, point_sentence, rules
from apps.proposals.access import trail
from apps.proposals.checks import findings
from apps.proposals.file_choice import SenderChoice
from apps.proposals.models import (
    Batch,
    Decision,
    Decree,
    Flag,
    Proposal,
    ProposalQuerySet,
    Severity,
)
from apps.proposals.photos import house_photos
from apps.proposals.region_choice import asked_region
from apps.proposals.review import (
    bulk_undo,
    evidence,
    facet_counts,
    listing,
    lookers,
    map_pane,
    questions,
    saved_filters,
    searching,
    side_by_side,
)
from apps.proposals.review import decisions as review
from apps.proposals.review.display import COLUMNS, SORTINGS, Display, query_of
from apps.proposals.review.forms import EXPORT_ENDINGS, REASONS, STEP_WORDS
from apps.proposals.selection import MOST_TICKED, PAPER_STATES, QUESTION_STATES, Selection
from apps.proposals.states import IdentityDifference, Move, ProposalStatus, RegisterFilter
from apps.proposals.steps import SENDER_STEPS, STEPS, Step
from apps.proposals.submitting import row_papers
from apps.registry.forms import RevealForm
from apps.registry.models import Person, Programme
from apps.registry.reading import RevealReason
from apps.ui import frames
from apps.ui.filters import NOTHING, Chip, Counts, Facet, values_of
from apps.ui.frames import Frame, Names
from apps.ui.requests import user_of

Linked = TypeVar("Linked", Chip, Facet, listing.Tally)
# The fields of the row on a proposal's page, in this order.
FIELDS = (
    ("name", "title", "kind", "programme", "birth_place", "birth_date", "sex", "mother_name")
    + ("relation", "occupation", "marital_status", "address", "rt", "rw", "disability_kind")
    + ("is_pregnant", "pregnancy_date", "ppks", "accuracy_m", "edition", "decree")
)
# The key of a step in the list; a step forward has the same key for every role.
KEYS = {Step.VERIFY: "v", Step.ENDORSE: "v", Step.ACCEPT: "v", Step.RETURN: "b", Step.REJECT: "t"}
# Fields of the filter that its form shows; others are kept as hidden fields.
IN_FORM = frozenset(
    {"status", "severity", "programme", "kind", "flag", "register", "differs", "civil", "region"}
    | {
        "officer",
        "question",
        "paper",
        "finding",
        "batch",
        "ppks",
        "age_from",
        "age_to",
        "distance_from",
    }
    | {"distance_to"}
)
# The header in which the panel beside the list says which row it showed before.
LEFT = "X-Left"
# So many of the rows at one place of the map are named.
MOST_PICKED = 50
# Permissions for any step. Which step is open on which row is decided by the domain.
DECIDING = (
    Permission.UPLOAD_BATCH,
    Permission.VERIFY_PROPOSAL,
    Permission.ENDORSE_PROPOSAL,
    Permission.ACCEPT_PROPOSAL,
    Permission.DETERMINE_PROPOSAL,
)


# The portal's shell of the pages of review; the admin wraps the same views (`ui.frames`).
PORTAL = Frame("ui/portal_shell.html", Names("proposals:review_", {"list": "proposals:review"}))
# Those who decide with the civil register's answer may also ask the civil register.
MAY_REQUEST_CIVIL_CHECK = (Permission.ACCEPT_PROPOSAL, Permission.DETERMINE_PROPOSAL)


def visible(user: User) -> ProposalQuerySet:
    """The proposals that a person may look at."""
    return Proposal.objects.within(scope_of(user, Permission.VIEW_PROPOSAL))


def selected(request: HttpRequest, ticked: str = "") -> tuple[Selection, ProposalQuerySet]:
    """The filter of an address, and its rows within the scope and the search of the session; of
    these the ticked ones only (keys with commas), if any is given.
    """
    asked = request.GET.copy()
    if ticked:
        asked["rows"] = ticked
    selection = Selection.from_params(asked)
    return selection, selection.apply(searched(request, visible(user_of(request))))


def searched(request: HttpRequest, rows: ProposalQuerySet) -> ProposalQuerySet:
    """The rows that the search of the session finds, if the address says that it is searched."""
    search = searching.named_by(request)
    if search is None:
        return rows
    return search.apply(rows, scope_of(user_of(request), Permission.VIEW_PROPOSAL))


def shown(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A page of review, in the portal's shell or the admin's."""
    return frames.render(request, PORTAL, template, context)


def rendered(request: HttpRequest, template: str, context: dict[str, Any]) -> str:
    """A part of a page, in the frame of the request."""
    return frames.render_part(request, PORTAL, template, context)


def shown_columns(request: HttpRequest) -> list[tuple[str, Any]]:
    """The columns that the list of an address shows, with their headings."""
    has_civil = frames.frame_of(request, PORTAL).is_admin
    return Display.of(request.GET).shown_columns(has_civil=has_civil)


def address(request: HttpRequest, page: str, *args: Any, query: str = "") -> str:
    """The address of a page of review in the shell of the request."""
    found = frames.frame_of(request, PORTAL).address(page, *args)
    return f"{found}?{query}" if query else found


def back(request: HttpRequest, selection: Selection) -> dict[str, str]:
    """The way back to the list, at the place where it was left."""
    query = query_of(selection, Display.of(request.GET), **list_position(request))
    return {"address": address(request, "list", query=query), "label": _("Proposals")}


def to_list(request: HttpRequest) -> HttpResponse:
    """Redirect to the list under the same filter."""
    query = query_of(Selection.from_params(request.GET), Display.of(request.GET))
    return redirect(address(request, "list", query=query))


def list_position(request: HttpRequest) -> dict[str, str]:
    """The page of the list in an address."""
    return {name: request.GET[name] for name in ("after", "before", "p") if name in request.GET}


def facets(request: HttpRequest) -> dict[str, Any]:
    """The counts beside the fields of the opened form of the filter, and the senders to choose
    from. Queries: ten.
    """
    user, selection = user_of(request), Selection.from_params(request.GET)
    scope = scope_of(user, Permission.VIEW_PROPOSAL)
    search = searching.named_by(request)
    found = searched(request, visible(user))
    return {
        "selection": selection,
        "counts": facet_counts.counts_of(found, selection, scope, search),
        "findings": _finding_titles(),
        "most": facet_counts.MOST_COUNTED,
        "question_states": QUESTION_STATES.items(),
        "paper_states": PAPER_STATES.items(),
        "officers": file_choice.senders(user),
    }


def listed(request: HttpRequest, params: QueryDict) -> dict[str, Any]:
    """The list under one filter. Queries: twelve to eighteen, and one audit entry."""
    user = user_of(request)
    asked = params.copy()
    scope = scope_of(user, Permission.VIEW_PROPOSAL)
    place = asked_region(asked.get("region", ""), asked.get("region_text", ""), scope)
    if place.code:
        asked["region"] = place.code
    selection, display = Selection.from_params(asked), Display.of(asked)
    rows = visible(user)
    search = searching.named_by(request)
    found = search.apply(rows, scope) if search else rows
    counts = listing.counts_of(found, selection, scope, search)
    page = listing.page_of(rows, selection.apply(found), selection, display, asked)
    trail.note_listed(user, selection, page.rows)
    looking = lookers.others_at([row.pk for row in page.rows], user)
    total = counts.total()
    steps = bulk_steps(user) if total else []
    columns = shown_columns(request)
    officer = file_choice.chosen_sender(selection.officer, user)
    return {
        "title": page.titled(_("Proposals")),
        "selection": selection,
        "display": display,
        "query": selection.query,
        "here": query_of(selection, display, **list_position(request)),
        "legend": kept_display(listing.legend(counts, selection), display),
        "facets": _facets(selection, counts),
        "question_states": QUESTION_STATES.items(),
        "paper_states": PAPER_STATES.items(),
        "page": page,
        "map": map_pane.pane_of(scope, asked),
        "looking": looking,
        "saved": list(saved_filters.visible(user)),
        "may_take_whole": bool(scope_of(user, Permission.REVEAL_NIK)),
        "reveal_reasons": RevealReason.choices,
        "endings": EXPORT_ENDINGS.items(),
        "total": total,
        "with_point": counts.total(1),
        "active": kept_display(_chips(selection, officer), display),
        "asked_region": place,
        "columns": columns,
        "column_codes": {code for code, _label in columns},
        "hidden": _hidden(selection, display),
        "row_query": query_of(selection, display, **list_position(request)),
        "area_query": query_of(selection.without("area", NOTHING), display),
        "every_column": list(COLUMNS.items()),
        "sortings": SORTINGS,
        "findings": _finding_titles(),
        **_chosen_context(selection, officer, user),
        "bulk_steps": steps,
        "open_steps": _open_steps(steps, selection, counts, user),
        "found_keys": _keys_to_tick(selection.apply(found), total) if search and steps else "",
        "most_ticked": MOST_TICKED,
        "search": search if search and search.text else None,
        "unsearched_query": query_of(selection, display.unsearched()),
        "search_problem": searching.problem(search),
    }


def _chosen_context(
    selection: Selection, officer: SenderChoice | None, user: User
) -> dict[str, Any]:
    """The file of a filter and its sender as the first of their choices. Queries: at most two."""
    file = file_choice.chosen_file(selection.batch, user)
    return {
        "officer": officer,
        "senders": [officer] if officer else [],
        "file": file,
        "files": [file] if file else [],
    }


def kept_display(links: Iterable[Linked], display: Display) -> list[Linked]:
    """Links of a filter that keep how its list is shown: search, sorting, columns, view."""
    kept = urlencode(display.kept())
    return [replace(one, query="&".join(filter(None, [one.query, kept]))) for one in links]


def _chips(selection: Selection, officer: SenderChoice | None) -> list[Chip]:
    """The active filters; the sender by the name instead of the number in the address."""
    label = Selection.parameters()["officer"].label
    return [
        replace(chip, text=f"{label}: {officer.name}")
        if officer and chip.name == "officer"
        else chip
        for chip in selection.chips()
    ]


def _hidden(selection: Selection, display: Display) -> list[tuple[str, str]]:
    """The parameters that the form of the filter keeps without showing them."""
    kept = display.kept()
    known = list(selection.params().items())
    found = [(name, value) for name, value in known if name not in {*IN_FORM, NOTHING}]
    return found + [(name, kept[name]) for name in ("view", "search") if name in kept]


def _facets(selection: Selection, counts: Counts) -> list[tuple[str, Any, list[Any]]]:
    """(name, label, choices) of each field with few values; those that are counted have counts."""
    programmes = [(one.code, one.code) for one in Programme.objects.order_by("code")]
    known = Selection.parameters()
    counted: list[tuple[str, Any]] = [
        ("status", ProposalStatus.choices),
        ("severity", [(0, _("no finding")), *Severity.choices[:2]]),
        ("programme", programmes),
        ("kind", Proposal.Kind.choices),
    ]
    found = [
        (name, known[name].label, selection.facets(name, values, counts))
        for name, values in counted
    ]
    listed_only: list[tuple[str, Any]] = [
        ("flag", Flag.choices),
        ("register", RegisterFilter.choices),
        ("differs", IdentityDifference.choices),
        ("civil", CivilStatus.choices),
    ]
    found += [
        (name, known[name].label, selection.options(name, values)) for name, values in listed_only
    ]
    return found


def _finding_titles() -> list[tuple[str, str]]:
    """Code and title of every finding that a ready row can have, in the order of the titles."""
    found = [
        (code, findings.kind(code).title)
        for code, rule in rules.RULES.items()
        if rule.severity < rules.ERROR
    ]
    return sorted(found, key=lambda pair: pair[1])


def picked(request: HttpRequest) -> dict[str, Any]:
    """The rows at one place of the map: those whose keys are in `at`, in its order, else those of
    the list around `spot`; how many there are, and the list of the spot. Queries: one or two.
    """
    selection, display = Selection.from_params(request.GET), Display.of(request.GET)
    spot = Selection.from_params({"near": request.GET.get("spot", "")}).near
    keys = [key for text in values_of(request.GET, "at") if (key := integer(text)) is not None]
    rows = visible(user_of(request)).select_related("village", "actual_village")
    if keys or not spot:
        known = rows.in_bulk(keys[:MOST_PICKED])
        named = [known[key] for key in keys if key in known]
        total = len(named) + len(keys[MOST_PICKED:])
    else:
        there = replace(selection, near=spot).apply(searched(request, rows))
        named, total = list(there.order_by("pk")[:MOST_PICKED]), there.count()
    return {
        "picked": named,
        "total": total,
        "others": total - len(named),
        "query": query_of(selection, display),
        "spot_query": query_of(replace(selection, near=spot), display) if spot else "",
    }


def bulk_steps(user: User) -> list[dict[str, Any]]:
    """The steps that this person's roles permit anywhere; the bulk page counts the rows."""
    return [
        {"code": step.value, "label": STEP_WORDS[step]}
        for step in Step
        if step not in SENDER_STEPS
        and any(user.has_perm(move.permission) for move in STEPS[step].values())
    ]


def _open_steps(
    steps: list[dict[str, Any]], selection: Selection, counts: Counts, user: User
) -> list[dict[str, Any]]:
    """The steps on everything under a filter, each with the rows at a status that it begins from;
    the bulk page counts which of these it decides.
    """
    by_status = counts.of("status")
    known = []
    for step in steps:
        moves = STEPS[Step(step["code"])].items()
        begins = {old.value for old, move in moves if user.has_perm(move.permission)}
        begins &= set(selection.status) or begins
        known.append(step | {"rows": sum(by_status.get(status, 0) for status in begins)})
    return [step for step in known if step["rows"]]


def _keys_to_tick(rows: ProposalQuerySet, total: int) -> str:
    """The keys of all rows that a search found, with commas; "" if they are too many to tick."""
    if not 0 < total <= MOST_TICKED:
        return ""
    return ",".join(map(str, rows.order_by("pk").values_list("pk", flat=True)))


def opened(request: HttpRequest, proposal: Proposal) -> dict[str, Any]:
    """One proposal with its evidence, findings, history and buttons. The view is audited.

    Queries: about twenty.
    """
    user, params = user_of(request), request.GET
    seen = visible(user)
    family = list(
        review.family_of(proposal)
        .within(scope_of(user, Permission.VIEW_PROPOSAL))
        .exclude(pk=proposal.pk)
        .order_by("row_number")
    )
    same_person = evidence.same_person(proposal, seen)
    same_point = evidence.same_point(proposal, seen)
    beside = [*family, *(one.row for one in same_person.rows), *same_point.rows]
    trail.note_opened(proposal, beside, by=user)
    decisions = list(proposal.decisions.order_by("pk"))
    changes = evidence.changes_of(proposal)
    photos = house_photos.of_proposal(proposal)
    papers = _paper_context(proposal, user)
    asked = questions.of_proposal(proposal)
    is_asked = any(one.answered_at is None for one in asked)
    steps = list(review.steps_for(proposal, user))
    is_undoable = may_undo(proposal, decisions, user)
    looked_at = lookers.others_at([proposal.pk], user).get(proposal.pk, "")
    is_decider = proposal.step_by_id != user.pk and not SENDER_STEPS.issuperset(steps)
    left = integer(request.headers.get(LEFT))
    lookers.note_open(proposal.pk, user, left=left, is_decider=is_decider)
    return {
        "looked_at": looked_at,
        "questions": asked,
        "has_open_question": is_asked,
        "may_ask": questions.may_ask(steps),
        "may_answer": is_asked and questions.may_answer(proposal, user),
        "title": f"{_('Proposal')}, {proposal}",
        "proposal": proposal,
        **papers,
        "sentence": point_sentence.sentence(proposal),
        "fields": fields_of(proposal),
        "comparison": side_by_side.of(proposal, user),
        "findings": findings.of_proposal(proposal),
        "history": evidence.history_of(
            proposal, decisions, changes, photos, papers["papers"], papers["document"]
        ),
        "family": family,
        "steps": buttons(steps),
        "may_undo": is_undoable,
        "together": len(bulk_undo.decided_together(proposal, user)) if is_undoable else 0,
        "query": query_of(
            Selection.from_params(params), Display.of(params), **list_position(request)
        ),
        **_point_context(proposal),
        "same_person": same_person,
        "same_point": same_point,
        "changes": changes,
        "photos": photos,
        "may_reveal": scope_of(user, Permission.REVEAL_NIK).contains(proposal.village_id),
        "reveal_form": RevealForm(),
    }


def _paper_context(proposal: Proposal, user: User) -> dict[str, Any]:
    """The file of a row and the papers that prove it."""
    # the batch of a wider region may be outside one's scope although its row is inside
    batch = Batch.objects.filter(pk=proposal.batch_id).first()
    return {
        "batch": batch,
        "batch_is_shown": batch is not None
        and scope_of(user, Permission.VIEW_BATCH).contains(batch.region_id),
        "papers": row_papers.of_proposal(proposal),
        "lacks_paper": row_papers.is_lacking(proposal),
        "may_add_paper": row_papers.is_wanted(proposal) and questions.may_answer(proposal, user),
        "document": evidence.document_of(proposal, user),
    }


def _point_context(proposal: Proposal) -> dict[str, Any]:
    """What the page of a row shows of its point: on the map, and of the borders around it."""
    codes = [proposal.village_id, proposal.actual_village_id]
    return {
        "point": maps.point_of(proposal),
        "is_protected": proposal.is_protected,
        "outlines": maps.outlines_of([code for code in codes if code]),
        "borders": evidence.borders_of(proposal),
        "missed": [] if proposal.is_protected else evidence.missed_border(proposal),
    }


def moved_words(move: Move, rows: int) -> str:
    """The answer about a move and the number of proposals, in words."""
    if move == Move.CONFIRMED:
        text = ngettext(
            "The move is confirmed for {n} proposal.", "The move is confirmed for {n} proposals.",
            rows,
        )  # fmt: skip
    else:
        text = ngettext(
            "The move is denied for {n} proposal.", "The move is denied for {n} proposals.", rows
        )
    return text.format(n=number_format(rows))


def undecided_words(left: Mapping[str, int]) -> list[str]:
    """Who of a family was not decided with the others (`decisions.left_of_family`), and why."""
    words = {"others": _others_words, "barred": _barred_words, "unproved": _unproved_words}
    return [in_words(left[cause]) for cause, in_words in words.items() if left[cause]]


def _barred_words(left: int) -> str:
    return ngettext(
        "{n} of the family is not decided: the point lies elsewhere or in no village. Open it and"
        " look.",
        "{n} of the family are not decided: their points lie elsewhere or in no village. Open each"
        " and look.",
        left,
    ).format(n=number_format(left))


def _others_words(left: int) -> str:
    """Why some members of a family were not decided together with the others, in words."""
    return ngettext(
        "{n} of the family is not decided: probably another person is registered under the NIK."
        " Open it and compare.",
        "{n} of the family are not decided: probably other persons are registered under their"
        " NIK. Open each and compare.",
        left,
    ).format(n=number_format(left))


def _unproved_words(left: int) -> str:
    """Why some removals or corrections of a family were not decided with the others, in words."""
    return ngettext(
        "{n} of the family is not decided: the paper that proves it is not here. Its sender adds it"
        " on the page of the row, under Documents.",
        "{n} of the family are not decided: the papers that prove them are not here. Their sender"
        " adds each on the page of its row, under Documents.",
        left,
    ).format(n=number_format(left))


def may_undo(proposal: Proposal, decisions: list[Decision], user: User) -> bool:
    """Whether the last step is this person's own and recent, and of those that can be undone."""
    last = decisions[-1] if decisions else None
    if last is None or last.is_undo or last.by_id != user.pk or last.at != proposal.step_at:
        return False
    is_back = last.from_status in Proposal.TRANSITIONS[ProposalStatus(last.to_status)]
    return is_back and timezone.now() - last.at <= review.UNDO_WITHIN


def buttons(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """The buttons of the steps that a person has on a proposal."""
    return [
        {
            "code": step.value,
            "label": STEP_WORDS[step],
            "reasons": REASONS.get(step),
            "key": KEYS.get(step, ""),
        }
        for step in steps
    ]


def _value(proposal: Proposal, name: str) -> Any:
    """A field's value. The decree of a wider region may be invisible to those who see the row."""
    if name == "decree":
        seen = Decree.objects.filter(pk=proposal.decree_id) if proposal.decree_id else []
        return next(iter(seen), None)
    return getattr(proposal, name)


def fields_of(proposal: Proposal) -> list[tuple[str, Any]]:
    """Label and value of each field that is filled."""
    pairs = []
    for name in FIELDS:
        value = getattr(proposal, f"get_{name}_display", lambda n=name: _value(proposal, n))()
        if name == "ppks":
            value = ", ".join(map(str, value))
            pairs += [("PPKS", value)] if value else []
            continue
        if name == "sex":
            value = dict(Person.Sex.choices).get(value, value)
        if value not in (None, "", False):
            label = str(Proposal._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            pairs.append((label, _("yes") if value is True else value))
    return pairs
