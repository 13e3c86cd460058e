"""The context of the pages of proposals. Each function returns the context of one page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.civilregister.states import CivilStatus
from apps.proposals import maps, point_sentence
from apps.proposals.access import trail
from apps.proposals.checks import findings
from apps.proposals.models import Batch, Decision, Decree, Proposal, ProposalQuerySet
from apps.proposals.region_choice import region_named
from apps.proposals.review import decisions as review
from apps.proposals.review import listing, side_by_side
from apps.proposals.review.forms import REASONS, STEP_WORDS
from apps.proposals.selection import Selection
from apps.proposals.states import Move, ProposalStatus, RegisterFilter
from apps.proposals.steps import SENDER_STEPS, STEPS, Step
from apps.registry.forms import RevealForm
from apps.registry.models import Person, Programme
from apps.ui import frames
from apps.ui.frames import Frame, Names

# The fields of the row on a proposal's page, in this order.
FIELDS = (
    ("name", "title", "kind", "programme", "birth_place", "birth_date", "sex", "mother_name")
    + ("relation", "occupation", "marital_status", "address", "rt", "rw", "disability_kind")
    + ("is_pregnant", "pregnancy_date", "ppks", "accuracy_m", "edition", "decree")
)
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


def visible(user: Any) -> ProposalQuerySet:
    """The proposals that a person may look at."""
    return Proposal.objects.within(scope_of(user, Permission.VIEW_PROPOSAL))


def selected(request: HttpRequest) -> tuple[Selection, ProposalQuerySet]:
    """The filter of an address, and its rows within the scope."""
    selection = Selection.from_params(request.GET)
    return selection, selection.apply(visible(request.user))


def shown(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A page of review, in the portal's shell or the admin's."""
    return frames.render(request, PORTAL, template, context)


def address(request: HttpRequest, page: str, *args: Any, query: str = "") -> str:
    """The address of a page of review in the shell of the request."""
    found = frames.frame_of(request, PORTAL).address(page, *args)
    return f"{found}?{query}" if query else found


def back(request: HttpRequest, selection: Selection) -> dict[str, str]:
    """The way back to the list."""
    listed_at = address(request, "list", query=selection.query)
    return {"address": listed_at, "label": _("Proposals")}


def listed(user: Any, params: QueryDict) -> dict[str, Any]:
    """The list under one filter. Queries: five, and one audit entry."""
    asked = params.copy()
    scope = scope_of(user, Permission.VIEW_PROPOSAL)
    chosen = region_named(asked.get("region", ""), asked.get("region_text", ""), scope)
    if chosen is not None:
        asked["region"] = chosen.code
    selection = Selection.from_params(asked)
    rows = visible(user)
    counts = listing.counts_of(rows, selection)
    page = listing.page_of(rows, selection.apply(rows), selection, asked)
    trail.note_listed(user, selection, page.rows)
    total = counts.total()
    return {
        "title": page.titled(_("Proposals")),
        "selection": selection,
        "query": selection.query,
        "legend": listing.legend(counts, selection),
        "page": page,
        "total": total,
        "with_point": counts.total(1),
        "active": selection.chips(),
        "place": chosen,
        "statuses": ProposalStatus.choices,
        "civil_statuses": CivilStatus.choices,
        "register_filters": RegisterFilter.choices,
        "programmes": Programme.objects.order_by("code"),
        "bulk_steps": bulk_steps(user) if total else [],
    }


def bulk_steps(user: Any) -> list[dict[str, Any]]:
    """The steps that this person's roles permit anywhere; the bulk page counts the rows."""
    return [
        {"code": step.value, "label": STEP_WORDS[step]}
        for step in Step
        if step not in SENDER_STEPS
        and any(user.has_perm(move.permission) for move in STEPS[step].values())
    ]


def opened(user: User, proposal: Proposal, params: QueryDict) -> dict[str, Any]:
    """One proposal with its evidence, findings, history and buttons. The view is audited.

    Queries: about fourteen.
    """
    codes = [proposal.village_id, proposal.actual_village_id]
    family = list(
        review.family_of(proposal)
        .within(scope_of(user, Permission.VIEW_PROPOSAL))
        .exclude(pk=proposal.pk)
        .order_by("row_number")
    )
    trail.note_opened(proposal, family)
    # the batch of a wider region may be outside one's scope although its row is inside
    batch = Batch.objects.filter(pk=proposal.batch_id).first()
    decisions = list(proposal.decisions.order_by("pk"))
    return {
        "title": f"{_('Proposal')}, {proposal}",
        "proposal": proposal,
        "batch": batch,
        "batch_is_shown": batch is not None
        and scope_of(user, Permission.VIEW_BATCH).contains(batch.region_id),
        "sentence": point_sentence.sentence(proposal),
        "fields": fields_of(proposal),
        "comparison": side_by_side.of(proposal, user),
        "findings": findings.of_proposal(proposal),
        "decisions": decisions,
        "family": family,
        "steps": buttons(proposal, user),
        "may_undo": may_undo(decisions, user),
        "point": maps.point_of(proposal),
        "outlines": maps.outlines_of([code for code in codes if code]),
        "query": Selection.from_params(params).query,
        "may_reveal": scope_of(user, Permission.REVEAL_NIK).contains(proposal.village_id),
        "reveal_form": RevealForm(),
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


def left_words(left: int) -> str:
    """Why some members of a family were not decided together with the others, in words."""
    return ngettext(
        "{n} of the family is not decided: probably another person is registered under the NIK."
        " Open it and compare.",
        "{n} of the family are not decided: probably other persons are registered under their"
        " NIK. Open each and compare.",
        left,
    ).format(n=number_format(left))


def may_undo(decisions: list[Decision], user: Any) -> bool:
    """Whether the last step is this person's own and recent."""
    if not decisions or decisions[-1].is_undo or decisions[-1].by_id != user.pk:
        return False
    return timezone.now() - decisions[-1].at <= review.UNDO_WITHIN


def buttons(proposal: Proposal, user: User) -> list[dict[str, Any]]:
    """The steps that this person has on this proposal."""
    return [
        {"code": step.value, "label": STEP_WORDS[step], "reasons": REASONS.get(step)}
        for step in review.steps_for(proposal, user)
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
