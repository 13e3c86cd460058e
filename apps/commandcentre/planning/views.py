"""The page of a plan and what an operator does on it; an operator plans for all regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages as flash
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import actor_of, scoped
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.commandcentre.models import (
    Assessment,
    EmergencyStatement,
    Facility,
    Good,
    Plan,
    Shipment,
)
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.planning import (
    corrections,
    forms,
    named_lines,
    plan_files,
    plan_page,
    plans,
    shipments,
    statements,
)
from apps.commandcentre.planning.shipment_lists import ShipmentFilter
from apps.common.errors import DomainError
from apps.jobs import polling
from apps.jobs.models import Job
from apps.ui.fragments import is_fragment
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_POST
@requires(Permission.MANAGE_HAZARD)
def make(request: HttpRequest, assessment_id: int) -> HttpResponse:
    """A plan for the needs of an assessment; leads to its page."""
    assessment = get_object_or_404(Assessment, pk=assessment_id)
    form = forms.MakeForm(request.POST)
    asked = form.cleaned_data if form.is_valid() else {"days": 0, "seen": None}
    try:
        plan = plans.make_plan_once(
            assessment=assessment, **asked, by=user_of(request), now=timezone.now()
        )
    except DomainError as refused:
        flash.error(request, refused.text)
        return redirect("commandcentre:hazard", assessment.hazard_id)
    return redirect("commandcentre:plan", plan.pk)


@require_safe
@requires(Permission.MANAGE_HAZARD)
def page(request: HttpRequest, plan_id: int) -> HttpResponse:
    """What each village needs and gets, from where, and what has become of it: for those who act,
    because needs tell how many people are registered.
    """
    plan = get_object_or_404(
        Plan.objects.select_related("hazard", "made_by", "assessment"), pk=plan_id
    )
    job = Job.objects.filter(kind=plans.SOLVE_PLAN, subject=f"commandcentre.Plan:{plan.pk}").last()
    watched = polling.watched(job, timezone.now(), is_awaited=plan.status == Plan.Status.SOLVING)
    context = {**watched, "poll": request.path, "plan": plan}
    if is_fragment(request):
        answer = render(request, "commandcentre/planning/_solving.html", context)
        return polling.reloading(answer, job)
    shown = plan_page.shown(plan, request.GET)
    return render(request, "commandcentre/planning/plan.html", context | shown)


@require_safe
@requires(Permission.MANAGE_HAZARD)
def as_file(request: HttpRequest, plan_id: int, part: str, ending: str) -> HttpResponse:
    """The shipments of the filter, or all needs, as CSV or XLSX."""
    plan = get_object_or_404(Plan, pk=plan_id)
    if part not in plan_files.HEADERS or ending not in plan_files.TYPES:
        raise Http404
    chosen = ShipmentFilter.from_params(request.GET)
    return plan_files.export_plan(plan, part, ending, chosen, by=user_of(request))


@require_POST
@requires(Permission.MANAGE_HAZARD)
def solve(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Solve again, with the limits of the vehicles where asked."""
    with_vehicles = bool(forms.SolveForm(request.POST).sent["vehicles"])

    def act(plan: Plan) -> str:
        plans.solve_again(plan=plan, by=user_of(request), with_vehicles=with_vehicles)
        return ""

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def lock(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Fix what one facility sends to one village."""
    form = forms.LockForm(request.POST)

    def act(plan: Plan) -> str:
        asked = _read(form)
        plans.lock_shipment(
            plan=plan,
            facility=get_object_or_404(Facility, pk=asked["facility"]),
            good=get_object_or_404(Good, pk=asked["good"]),
            village=asked["village"],
            quantity=asked["quantity"],
            by=user_of(request),
        )
        return ""

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def line(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Fix what a source sends that the computation did not choose."""

    def act(plan: Plan) -> str:
        asked = _read(forms.LineForm(request.POST, plan=plan))
        plans.lock_shipment(
            plan=plan,
            facility=named_lines.find_source(asked["source"]),
            good=asked["good"],
            village=named_lines.find_village(plan, asked["to"]),
            quantity=asked["quantity"],
            by=user_of(request),
        )
        return ""

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def exclude(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Leave a source out of the plan, or take it in again."""
    form = forms.ExcludeForm(request.POST)

    def act(plan: Plan) -> str:
        asked = _read(form)
        plans.exclude_source(
            plan=plan,
            facility=asked["facility"],
            is_excluded=bool(asked["excluded"]),
            by=user_of(request),
        )
        return ""

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def other_events(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Subtract what plans of other events give, or no more."""
    counts = bool(forms.OtherEventsForm(request.POST).sent["counts"])

    def act(plan: Plan) -> str:
        plans.count_other_events(plan=plan, counts=counts, by=user_of(request))
        return ""

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def capacity(request: HttpRequest, plan_id: int) -> HttpResponse:
    """What the vehicles of one facility carry."""
    form = forms.CapacityForm(request.POST)

    def act(plan: Plan) -> str:
        asked = _read(form)
        facility = get_object_or_404(Facility, pk=asked["facility"])
        plans.set_capacity(
            plan=plan, facility=facility, capacity_kg=asked["capacity_kg"], by=user_of(request)
        )
        return _("The capacity is noted. Compute again for it to count.")

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def withdraw_statement(request: HttpRequest, plan_id: int, statement_id: int) -> HttpResponse:
    """A statement of emergency counts no more."""
    reason = forms.WithdrawForm(request.POST).sent["reason"]

    def act(plan: Plan) -> str:
        known = EmergencyStatement.objects.filter(hazard=plan.hazard_id).select_related("regency")
        stated = get_object_or_404(known, pk=statement_id)
        is_free = statements.withdraw_statement(
            plan=plan, statement=stated, reason=reason, by=user_of(request), now=timezone.now()
        )
        if is_free:
            return _("The statement is withdrawn; another one of the regency still counts.")
        said = _("The statement is withdrawn; the stock of the lumbung of %(regency)s waits again.")
        return said % {"regency": stated.regency.name}

    return _done(request, plan_id, act)


@transaction.non_atomic_requests  # a picture is drawn again between two transactions
@require_POST
@requires(Permission.MANAGE_HAZARD)
def statement(request: HttpRequest, plan_id: int) -> HttpResponse:
    """A regent's statement of emergency."""
    user, form = user_of(request), forms.StatementForm(request.POST, request.FILES)

    def act(plan: Plan) -> str:
        asked = _read(form)
        name = asked["file"].name or ""
        kept = documents.prepare(asked["file"], name, who=actor_of(user))
        with scoped(user):
            stated = statements.add_statement(
                plan=plan,
                number=asked["number"],
                day=asked["day"],
                region=asked["region"],
                file=kept,
                file_name=name,
                by=user,
                now=timezone.now(),
            )
        said = _("The statement is noted; the stock of the lumbung of %(regency)s may leave.")
        return said % {"regency": stated.regency.name}

    return _done(request, plan_id, act)


@require_safe
@requires(Permission.MANAGE_HAZARD)
def statement_file(request: HttpRequest, plan_id: int, statement_id: int) -> HttpResponseBase:
    """The file of a statement for the plan's hazard, as a download; the read is recorded."""
    plan = get_object_or_404(Plan, pk=plan_id)
    known = EmergencyStatement.objects.filter(hazard=plan.hazard_id).select_related("document")
    stated = get_object_or_404(known, pk=statement_id)
    file = documents.open_document(stated.document, user_of(request))
    answer = FileResponse(
        file.open("rb"),
        as_attachment=True,
        filename=f"tanggap-darurat-{stated.pk}{file.suffix}",
        content_type=stated.document.media_type,
    )
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@require_POST
@requires(Permission.MANAGE_HAZARD)
def reserve(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Promise the stock of all shipments, as the operator saw them."""
    seen = forms.ReserveForm(request.POST).sent["solved_at"]

    def act(plan: Plan) -> str:
        found = shipments.reserve(plan=plan, seen=seen, by=user_of(request), now=timezone.now())
        said = _("The stock of %(count)s shipments is reserved.") % {"count": found.reserved}
        left = ngettext(
            "%(n)s shipment could not be reserved: its stock is gone. It is named below.",
            "%(n)s shipments could not be reserved: their stock is gone. They are named below.",
            found.left_out,
        )
        return f"{said} {left % {'n': found.left_out}}" if found.left_out else said

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def dispatch(request: HttpRequest, plan_id: int) -> HttpResponse:
    """What one facility has reserved leaves."""
    number = forms.FacilityForm(request.POST).sent["facility"]

    def act(plan: Plan) -> str:
        facility = Facility.objects.filter(pk=number).first()
        if facility is None:
            raise DomainError("plan_nothing_to_dispatch")
        left = shipments.dispatch(
            plan=plan, facility=facility, by=user_of(request), now=timezone.now()
        )
        words = _("%(count)s shipments left %(facility)s.")
        said = words % {"count": left.gone, "facility": facility.name}
        return " ".join([said, *_expired_words(left)])

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def dispatch_many(request: HttpRequest, plan_id: int) -> HttpResponse:
    """What is reserved under the filter of the address leaves."""
    given = forms.ManyForm(request.POST).sent

    def act(plan: Plan) -> str:
        left = shipments.dispatch_many(
            plan=plan,
            chosen=ShipmentFilter.from_params(request.GET),
            expected=given["count"],
            by=user_of(request),
            now=timezone.now(),
        )
        said = ngettext("%(n)s shipment left.", "%(n)s shipments left.", left.gone)
        held = ngettext(
            "%(n)s stays: its lumbung waits for the regent's statement of emergency.",
            "%(n)s stay: their lumbung waits for the regent's statement of emergency.",
            left.held_back,
        )
        parts = [said % {"n": left.gone}]
        parts += [held % {"n": left.held_back}] if left.held_back else []
        return " ".join([*parts, *_expired_words(left)])

    return _done(request, plan_id, act)


def _expired_words(left: shipments.Left) -> list[str]:
    said = ngettext(
        "%(n)s did not leave: something of it has expired. It is given back to the stock, and what"
        " it was for is missing; make a new plan for it.",
        "%(n)s did not leave: something of them has expired. They are given back to the stock, and"
        " what they were for is missing; make a new plan for it.",
        left.expired,
    )
    return [said % {"n": left.expired}] if left.expired else []


@require_POST
@requires(Permission.MANAGE_HAZARD)
def receive_many(request: HttpRequest, plan_id: int) -> HttpResponse:
    """What is under way arrived in full: the shipments of the page, or all under the filter."""
    given = forms.ManyForm(request.POST).sent

    def act(plan: Plan) -> str:
        count = shipments.receive_many(
            plan=plan,
            chosen=ShipmentFilter.from_params(request.GET),
            numbers=given["shipment"] or None,
            expected=given["count"],
            remark=given["remark"],
            by=user_of(request),
            now=timezone.now(),
        )
        said = ngettext(
            "%(n)s shipment arrived in full.", "%(n)s shipments arrived in full.", count
        )
        return said % {"n": count}

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def receive(request: HttpRequest, plan_id: int, shipment_id: int) -> HttpResponse:
    """How much of a shipment arrived."""
    form = forms.ReceiveForm(request.POST)

    def act(plan: Plan) -> str:
        asked = _read(form)
        shipment = get_object_or_404(Shipment, pk=shipment_id, plan=plan)
        shipments.receive(
            shipment=shipment,
            quantity=asked["quantity"],
            remark=asked["remark"],
            by=user_of(request),
            now=timezone.now(),
        )
        return _("The arrival is noted.")

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def correct(request: HttpRequest, plan_id: int, shipment_id: int) -> HttpResponse:
    """What was noted of a shipment by mistake."""
    asked = forms.CorrectForm(request.POST).sent

    def act(plan: Plan) -> str:
        shipment = get_object_or_404(Shipment, pk=shipment_id, plan=plan)
        if not asked["status"]:
            raise DomainError("plan_correction_none", status=shipment.get_status_display())
        corrections.correct_shipment(
            shipment=shipment,
            status=ShipmentStatus(asked["status"]),
            quantity=asked["quantity"],
            reason=asked["reason"],
            seen=asked["seen"],
            by=user_of(request),
            now=timezone.now(),
        )
        return _("The correction is noted, beside what was noted before.")

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def step_back(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The shipments of one source did not leave, or did not arrive yet."""
    asked = forms.StepBackForm(request.POST).sent

    def act(plan: Plan) -> str:
        facility = Facility.objects.filter(pk=asked["facility"]).first()
        if facility is None or not asked["status"]:
            raise DomainError("plan_list_changed", expected=asked["count"], found=0)
        count = corrections.step_back(
            plan=plan,
            facility=facility,
            status=ShipmentStatus(asked["status"]),
            expected=asked["count"],
            reason=asked["reason"],
            by=user_of(request),
            now=timezone.now(),
        )
        said = ngettext("%(n)s shipment is corrected.", "%(n)s shipments are corrected.", count)
        return said % {"n": count}

    return _done(request, plan_id, act)


@require_POST
@requires(Permission.MANAGE_HAZARD)
def cancel(request: HttpRequest, plan_id: int) -> HttpResponse:
    """End the plan as the operator saw it; what has not left is free again."""
    seen = forms.CancelForm(request.POST).sent["status"]

    def act(plan: Plan) -> str:
        shipments.cancel(plan=plan, seen=seen, by=user_of(request), now=timezone.now())
        return _("The plan is cancelled; stock that had not left is free again.")

    return _done(request, plan_id, act)


def _read(form: django_forms.Form) -> dict[str, Any]:
    """The values of a form. Raises: ValidationError with its first error."""
    if form.is_valid():
        return form.cleaned_data
    raise django_forms.ValidationError([str(text) for text in next(iter(form.errors.values()))])


def _done(request: HttpRequest, plan_id: int, act: Callable[[Plan], str]) -> HttpResponse:
    """Do something with a plan, and show the same part of its page again with what happened."""
    plan = get_object_or_404(Plan, pk=plan_id)
    try:
        said = act(plan)
    except DomainError as refused:
        flash.error(request, refused.text)
    except django_forms.ValidationError as refused:
        flash.error(request, " ".join(refused.messages))
    else:
        if said:
            flash.success(request, said)
    here = request.GET.urlencode()
    return redirect(reverse("commandcentre:plan", args=[plan_id]) + (f"?{here}" if here else ""))
