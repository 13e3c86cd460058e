"""Pages of runs: start, progress, result, thresholds, coverage, and pairs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import may, scope_of
from apps.accounts.roles import Permission
from apps.common.errors import DomainError, text
from apps.common.http import integer
from apps.jobs import polling
from apps.jobs.models import Job
from apps.reconciliation.clerical import estimates, queue
from apps.reconciliation.linkage import coverage, listing, register_runs, runs, summary, thresholds
from apps.reconciliation.linkage import messages as linkage_messages
from apps.reconciliation.linkage.counting import ListedPairs
from apps.reconciliation.linkage.forms import ITSELF, ResumeForm, RunForm, ThresholdsForm
from apps.reconciliation.linkage.summary import named
from apps.reconciliation.models import RecordPair, Run
from apps.reconciliation.states import BLIND, PairStatus, RunStatus
from apps.regions.models import Region
from apps.ui.permissions import requires
from apps.ui.requests import user_of

UNDER_WAY = (RunStatus.ASKED, RunStatus.RUNNING)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RUN_LINKAGE)
def start(request: HttpRequest) -> HttpResponse:
    """Choose deliveries and ask for a run."""
    asked = request.GET.get("left")
    wanted = {"left": ITSELF if asked == ITSELF else integer(asked)}
    form = RunForm(request.POST if request.method == "POST" else None, initial=wanted)
    if request.method != "POST" or not form.is_valid():
        return render(request, "reconciliation/pages/run_start.html", {"form": form})
    user = user_of(request)
    given = form.cleaned_data
    try:
        if form.is_itself:
            return _start_itself(request, retrain=given["retrain"])
        run, job = runs.enqueue_run(
            left=given["left"],
            right=given["right"],
            by=user,
            by_name=str(user),
            now=timezone.now(),
            retrain=given["retrain"],
        )
    except DomainError as refused:
        notes.error(request, refused.text)
        return render(request, "reconciliation/pages/run_start.html", {"form": form})
    return redirect("reconciliation:run", run.pk)


def _start_itself(request: HttpRequest, *, retrain: bool) -> HttpResponse:
    """Ask for the register's run with itself; its page of duplicates shows the progress."""
    register_runs.enqueue_register_run(by=user_of(request), retrain=retrain)
    notes.success(request, _("The register is being compared with itself. Its pairs come here."))
    return redirect("reconciliation:duplicates")


@require_safe
@requires(Permission.VIEW_RUN)
def page(request: HttpRequest, run_id: int) -> HttpResponse:
    """Boxes, histogram, breaker, changes; the progress while it runs."""
    run = _run(request, run_id)
    lower, upper = run.pairing.lower, run.pairing.upper
    listed = ListedPairs.of(run)
    may_review = may(user_of(request), Permission.REVIEW_PAIR)
    return render(
        request,
        "reconciliation/pages/run.html",
        _watched(run)
        | {
            "title": named(run.pairing),
            "may_run": may(user_of(request), Permission.RUN_LINKAGE),
            "may_review": may_review,
            "waiting": queue.queue_position(run.pairing, user_of(request)) if may_review else None,
            "boxes": summary.boxes(run),
            "histogram": summary.histogram(run, listed, lower, upper),
            "changes": summary.changes(run),
            "breaker": linkage_messages.breaker(run.breaker) if run.breaker else "",
            "is_final": run.breaker.get("code") in linkage_messages.FINAL_BREAKERS,
            "statuses": _counts_by_status(listed),
            "newer": _newer(run),
            "blind": listed.blind,
            "lower": lower,
            "upper": upper,
        },
    )


@require_safe
@requires(Permission.VIEW_RUN)
def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The fragment that the page polls; at the end it makes the page reload."""
    run = _run(request, run_id)
    context = _watched(run) | {"may_run": may(user_of(request), Permission.RUN_LINKAGE)}
    context |= {"boxes": summary.boxes(run)}
    answer = render(request, "reconciliation/pages/_run_progress.html", context)
    return polling.reloading(answer, context["job"])


@require_POST
@requires(Permission.RUN_LINKAGE)
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    try:
        runs.cancel(run, user_of(request), by_name=str(user_of(request)))
    except DomainError as refused:
        notes.error(request, refused.text)
    else:
        notes.info(request, _("The run stops. Nothing of it counts; it can be resumed."))
    return redirect("reconciliation:run", run.pk)


@require_POST
@requires(Permission.RUN_LINKAGE)
def resume(request: HttpRequest, run_id: int) -> HttpResponse:
    """Resume a run; `force` continues in spite of its circuit breaker."""
    run = _run(request, run_id)
    try:
        user = user_of(request)
        force = ResumeForm(request.POST).sent["force"] == "on"
        runs.resume(run, user, by_name=str(user), force=force)
    except DomainError as refused:
        notes.error(request, refused.text)
    return redirect("reconciliation:run", run.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RUN_LINKAGE)
def move_thresholds(request: HttpRequest, run_id: int) -> HttpResponse:
    """GET: the effect of both thresholds, as a fragment. POST: move them."""
    run = _run(request, run_id)
    given = ThresholdsForm(request.POST if request.method == "POST" else request.GET).sent
    lower, upper = listing.number(given["lower"]), listing.number(given["upper"])
    if lower is None or upper is None or lower > upper:
        return _refused_thresholds(request, run, lower, upper)
    if request.method == "POST":
        try:
            by, now = user_of(request), timezone.now()
            thresholds.enqueue_thresholds(run, lower, upper, by=by, now=now)
        except DomainError as refused:
            notes.error(request, refused.text)
        else:
            notes.success(
                request, _("The thresholds are moved. In some seconds they apply to every pair.")
            )
        return redirect("reconciliation:run", run.pk)
    effect = thresholds.preview(run, lower, upper)
    return render(
        request,
        "reconciliation/pages/_effect.html",
        {
            "effect": effect,
            "histogram": summary.histogram(run, ListedPairs.of(run), lower, upper),
            "run": run,
        },
    )


def _refused_thresholds(
    request: HttpRequest, run: Run, lower: float | None, upper: float | None
) -> HttpResponse:
    code = "thresholds_order" if None not in (lower, upper) else "thresholds_numbers"
    wrong = text(code, {"lower": lower, "upper": upper})
    if request.method == "POST":
        notes.error(request, wrong)
        return redirect("reconciliation:run", run.pk)
    return render(request, "reconciliation/pages/_effect.html", {"wrong": wrong, "run": run})


@require_safe
@requires(Permission.VIEW_RUN)
def quality(request: HttpRequest, run_id: int) -> HttpResponse:
    """Precision and recall from people's answers; a fragment of the run's page."""
    run = _run(request, run_id)
    return render(
        request,
        "reconciliation/pages/_quality.html",
        {"quality": estimates.of(run.pairing), "run": run},
    )


@require_safe
@requires(Permission.VIEW_RUN)
def coverage_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """The share of each region that is linked: a table, and a map on the other tab."""
    run = _run(request, run_id)
    under = _under(request)
    found = coverage.of(run, under)
    return render(
        request,
        "reconciliation/pages/coverage.html",
        {
            "run": run,
            "title": named(run.pairing),
            "coverage": found,
            "under": under,
            "path": _path(under),
            "is_map": request.GET.get("view") == "map",
        },
    )


@require_safe
@requires(Permission.VIEW_RUN)
@gzip_page
def coverage_outlines(request: HttpRequest, run_id: int) -> HttpResponse:
    """The same regions as outlines, each with its share and class."""
    run = _run(request, run_id)
    under = _under(request)
    rows = {row.code: row for row in coverage.of(run, under).rows}
    drawn = coverage.outlines(under)
    for feature in drawn["features"]:
        row = rows.get(feature["properties"]["code"])
        known = {"people": row.people, "linked": row.linked, "shade": row.shade} if row else {}
        feature["properties"] |= known
    return JsonResponse(drawn, json_dumps_params={"separators": (",", ":")})


@require_safe
@requires(Permission.VIEW_RUN)
def pairs(request: HttpRequest, run_id: int) -> HttpResponse:
    """The pairs of a run under a filter, fifty at a time."""
    user = user_of(request)
    run = _run(request, run_id)
    wanted = listing.Filter.from_params(request.GET)
    seen = RecordPair.objects.within(scope_of(user_of(request), Permission.VIEW_RUN))
    found = listing.page_of(seen, wanted.of_run(run, seen), wanted, request.GET)
    listing.note_listed(user, run, wanted, found.rows)
    return render(
        request,
        "reconciliation/pages/pairs.html",
        {
            "run": run,
            "title": named(run.pairing),
            "page": found,
            "wanted": wanted,
            "statuses": [*PairStatus.choices, (BLIND, _("Blind sample"))],
            "has_blind": listing.has_blind(run),
            "change": summary.CHANGES.get(wanted.change, ""),
        },
    )


def _run(request: HttpRequest, run_id: int) -> Run:
    """A run that the user may see.

    Raises: Http404.
    """
    seen = Run.objects.within(scope_of(user_of(request), Permission.VIEW_RUN)).select_related(
        "pairing__left", "pairing__right", "left__source", "right__source", "previous"
    )
    run: Run | None = seen.filter(pk=run_id).first()
    if run is None:
        raise Http404
    return run


def _watched(run: Run) -> dict[str, Any]:
    job = Job.objects.filter(subject=run.subject).order_by("-pk").first()
    is_moving = job is not None and job.kind == thresholds.MOVE_THRESHOLDS
    stage = "thresholds" if is_moving else (job.stage if job else "") or run.stage
    return {
        "is_moving": is_moving,
        "is_idle": job is None or job.is_finished,
        "run": run,
        "under_way": run.status in UNDER_WAY,
        "stage": linkage_messages.stage(stage),
        "why": linkage_messages.why(job) if job else "",
        "poll": reverse("reconciliation:run-progress", args=[run.pk]),
    } | polling.watched(job, timezone.now())


def _counts_by_status(listed: ListedPairs) -> list[tuple[str, str, int]]:
    """(status, words, pairs) of the current pairs; each number is the length of its list."""
    counts = listed.by_status
    return [
        (status.value, str(status.label), int(counts[status.value]))
        for status in PairStatus
        if counts.get(status.value)
    ]


def _newer(run: Run) -> Run | None:
    """The run after this one: thresholds and estimates apply to the pairing's latest run."""
    later = Run.objects.filter(pairing=run.pairing_id, pk__gt=run.pk, status=RunStatus.DONE)
    return later.order_by("-pk").first()


def _under(request: HttpRequest) -> str:
    """The region whose parts are shown; "" for the country, and for an unknown region."""
    asked = request.GET.get("region", "")
    known = len(asked) in (2, 5, 8) and Region.objects.filter(code=asked).exists()
    return asked if known else ""


def _path(under: str) -> list[Region]:
    """The regions above and including one, from the top down."""
    codes = [under[:length] for length in (2, 5, 8) if length <= len(under)]
    return list(Region.objects.filter(code__in=codes).order_by("code"))


urlpatterns = [
    path("runs/new/", start, name="run-start"),
    path("runs/<int:run_id>/", page, name="run"),
    path("runs/<int:run_id>/progress/", progress, name="run-progress"),
    path("runs/<int:run_id>/cancel/", cancel, name="run-cancel"),
    path("runs/<int:run_id>/resume/", resume, name="run-resume"),
    path("runs/<int:run_id>/thresholds/", move_thresholds, name="run-thresholds"),
    path("runs/<int:run_id>/quality/", quality, name="run-quality"),
    path("runs/<int:run_id>/coverage/", coverage_page, name="run-coverage"),
    path("runs/<int:run_id>/coverage/outlines/", coverage_outlines, name="run-outlines"),
    path("runs/<int:run_id>/pairs/", pairs, name="run-pairs"),
]
