"""The board of hazards, the page of one, its map and files, and what operators do with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.commandcentre import readers
from apps.commandcentre.board import (
    desk,
    events,
    feed_health,
    forms,
    hazard_page,
    shared_board,
)
from apps.commandcentre.exposure.assessment import last_assessment
from apps.commandcentre.exposure.village_filter import chosen_villages
from apps.commandcentre.hazards import drawing, handling, scenarios
from apps.commandcentre.hazards.intake import enqueue_assessment
from apps.commandcentre.models import Hazard
from apps.commandcentre.planning import plans
from apps.commandcentre.readers import Reader, reader_of
from apps.commandcentre.reports import cluster_export, hazard_map, village_export
from apps.commandcentre.shifts import assignment, duty, shift_session
from apps.commandcentre.states import TOPIC
from apps.common.errors import DomainError
from apps.common.http import integer
from apps.jobs import outbox
from apps.regions.editions import shapes
from apps.ui.fragments import is_fragment
from apps.ui.permissions import requires
from apps.ui.requests import user_of

# When open boards read themselves again (live.js): nothing is asked for beside a stream.
RE_READ = "live:changed from:body delay:100ms, live:tick from:body"
HANDLE = requires(Permission.VIEW_HAZARD, to_send=(Permission.MANAGE_HAZARD,))


@require_safe
@requires(Permission.VIEW_HAZARD)
def board(request: HttpRequest) -> HttpResponse:
    """Hazards by urgency beside the map of one of them; the fragment is what is polled."""
    now, present = timezone.now(), duty.on_duty()
    shift_session.follow_duty(request, present, now=now)
    reader = reader_of(user_of(request))
    if not is_fragment(request):
        context = _board_context(request, reader, present, now)
        return render(request, "commandcentre/board/board.html", context)

    def write(token: str) -> str:
        context = _board_context(request, reader, present, now)
        more = {"csrf_token": token} if token else {}
        return render_to_string("commandcentre/board/_board.html", context | more, request)

    if shared_board.is_told(request):
        wanted = integer(request.GET.get("hazard"))
        return shared_board.answer(request, reader, wanted, lambda: write(shared_board.TOKEN))
    return HttpResponse(write(""))


def _board_context(
    request: HttpRequest, reader: Reader, present: duty.OnDuty, now: datetime
) -> dict[str, Any]:
    listed = events.events(now, reader)
    wanted = integer(request.GET.get("hazard"))
    gone = None
    chosen = next((one for one in listed if one.hazard.pk == wanted), None)
    if chosen is None:
        gone = Hazard.objects.filter(pk=wanted).first() if wanted is not None else None
        chosen = listed[0] if listed and gone is None else None
    return {
        **desk.shown(chosen, reader),
        "explanation": readers.explanation_for(reader),
        "events": listed,
        "left_out": events.left_out(now, listed),
        "chosen": chosen,
        "duty": present,
        "alarms": sum(one.waits for one in listed),
        "feeds": feed_health.feeds(now),
        "now": now,
        # what an operator works on stays, whatever comes in
        "poll": f"{request.path}?hazard={chosen.hazard.pk}" if chosen else request.get_full_path(),
        "wanted": chosen.hazard.pk if chosen else wanted,
        "gone": gone,
        "poll_on": RE_READ,
        "last_event": outbox.last(TOPIC),
        "zone": timezone.get_current_timezone_name(),
        "last": None if listed else Hazard.objects.order_by("-occurred_at").first(),
    }


@require_safe
@requires(Permission.VIEW_HAZARD)
def refused(request: HttpRequest) -> HttpResponse:
    """Messages of feeds that could not be used, as they came."""
    found = [(one, feed_health.why(one)) for one in feed_health.refused()]
    return render(request, "commandcentre/board/refused.html", {"rows": found})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_HAZARD)
def scenario(request: HttpRequest) -> HttpResponse:
    """An earthquake that has not happened."""
    form = forms.ScenarioForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = scenarios.create_scenario(**form.values, by=user_of(request), now=timezone.now())
        return redirect("commandcentre:hazard", made.pk)
    return render(request, "commandcentre/board/scenario.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_HAZARD)
def draw(request: HttpRequest) -> HttpResponse:
    """A hazard whose area an operator draws."""
    form = forms.DrawForm(request.POST or None, initial=_to_draw(request))
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["hazard"]
        known = get_object_or_404(Hazard, pk=number) if number else None
        try:
            made = drawing.draw_hazard(
                **form.values, by=user_of(request), now=timezone.now(), revises=known
            )
        except DomainError as refused:
            form.add_error("day" if refused.code == "hazard_in_future" else "area", refused.text)
        else:
            return redirect("commandcentre:hazard", made.pk)
    state = shapes.current_set()
    context = {"form": form, "layer": f"boundaries-{state}" if state is not None else ""}
    return render(request, "commandcentre/board/draw.html", context)


def _to_draw(request: HttpRequest) -> dict[str, Any]:
    """What the form begins with: the time of now, and what is known of a hazard whose next state is
    drawn.
    """
    now = timezone.localtime()
    first: dict[str, Any] = {"day": f"{now:%d-%m-%Y}", "time": f"{now:%H.%M}", "severity": 3}
    known = Hazard.objects.filter(pk=integer(request.GET.get("hazard"), default=0)).first()
    if known is None or not drawing.is_drawn(known):
        return first
    area, severity = drawing.corners_of(known)
    return first | {
        "hazard": known.pk,
        "revision": known.revision,
        "title": known.title,
        "kind": known.kind,
        "status": known.status,
        "note": known.place,
        "severity": severity,
        "area": area,
    }


@require_safe
@requires(Permission.VIEW_HAZARD)
def hazard(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """One hazard: whom it affects, what they need, from where help can come."""
    found = _hazard(hazard_id)
    context = hazard_page.shown(found, request.GET, reader_of(user_of(request)))
    context["is_drawn"] = found.closed_at is None and drawing.is_drawn(found)
    context["operators"] = assignment.operators(timezone.now())
    return render(request, "commandcentre/board/hazard.html", context)


@require_safe
@requires(Permission.VIEW_HAZARD)
def hazard_shapes(request: HttpRequest, hazard_id: int) -> JsonResponse:
    """The map of one hazard as GeoJSON; facilities for who may open them all."""
    found = _hazard(hazard_id)
    reader = reader_of(user_of(request))
    assessment = last_assessment(found)
    drawn = hazard_map.features(found, assessment, reader)
    if reader.facilities.is_national:
        live = plans.live_plans(found) if reader.sees_all else []
        drawn += hazard_map.help_features(assessment, live)
    left_out = hazard_map.left_out(assessment, reader)
    return JsonResponse({"type": "FeatureCollection", "features": drawn, "left_out": left_out})


@require_safe
@requires(Permission.VIEW_HAZARD)
def villages(request: HttpRequest, hazard_id: int, ending: str) -> HttpResponseBase:
    """The affected villages that a filter selects as a file."""
    assessment = last_assessment(_hazard(hazard_id))
    if assessment is None or ending not in village_export.FORMATS:
        raise Http404
    user = user_of(request)
    reader = reader_of(user)
    chosen = chosen_villages(request.GET, reader)
    return village_export.export_villages(assessment, ending, chosen, reader=reader, by=user)


@require_safe
@requires(Permission.VIEW_HAZARD)
def clusters(request: HttpRequest, hazard_id: int, ending: str) -> HttpResponseBase:
    """Groups of neighbouring affected villages with their nearest sufficient sources as a file."""
    assessment = last_assessment(_hazard(hazard_id))
    if assessment is None or ending not in village_export.FORMATS:
        raise Http404
    user, days = user_of(request), hazard_page.chosen_days(request.GET)
    return cluster_export.export_clusters(
        assessment, ending, reader=reader_of(user), days=days, by=user
    )


@require_POST
@HANDLE
def acknowledge(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """Take a hazard on; from the desk one stays there, with its stream."""
    sent = forms.SeenForm(request.POST).sent
    act = partial(assignment.take_on, seen=sent["revision"])
    answer = _handle(request, hazard_id, act, _("You have taken this hazard on."))
    if sent["back"] == "board":
        return redirect(f"{reverse('commandcentre:board')}?hazard={hazard_id}")
    return answer


@require_POST
@HANDLE
def close(request: HttpRequest, hazard_id: int) -> HttpResponse:
    sent = forms.CloseForm(request.POST).sent
    act = partial(assignment.close_hazard, seen=sent["revision"], reason=sent["reason"])
    return _handle(request, hazard_id, act, _("The hazard is closed."))


@require_POST
@HANDLE
def reopen(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """Bring a hazard back; it is assessed again, so that others are told of it, too."""

    def act(hazard: Hazard, by: User, now: datetime) -> None:
        handling.reopen(hazard=hazard, by=by, now=now)
        enqueue_assessment(hazard, by=by)

    return _handle(request, hazard_id, act, _("The hazard is open again."))


@require_POST
@HANDLE
def assess(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """Count again whom the hazard affects, with the register of now."""
    enqueue_assessment(_hazard(hazard_id), by=user_of(request))
    flash.success(request, _("The hazard is being assessed again; load this page in a moment."))
    return redirect("commandcentre:hazard", hazard_id)


def _hazard(hazard_id: int) -> Hazard:
    return get_object_or_404(
        Hazard.objects.select_related("acknowledged_by", "assigned_to"), pk=hazard_id
    )


def _handle(
    request: HttpRequest, hazard_id: int, act: Callable[..., Any], said: str
) -> HttpResponse:
    found = _hazard(hazard_id)
    try:
        act(hazard=found, by=user_of(request), now=timezone.now())
    except DomainError as refused:
        flash.error(request, refused.text)
    else:
        flash.success(request, said)
    return redirect("commandcentre:hazard", hazard_id)
