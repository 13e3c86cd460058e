"""One step on all rows of a filter. The button shows the number, which is checked on submit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max, Min, Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.common.http import integer
from apps.jobs import polling
from apps.jobs.models import Job
from apps.proposals import register_filters
from apps.proposals.access import trail
from apps.proposals.civil import civil_check
from apps.proposals.models import Proposal, ProposalQuerySet, Verdict
from apps.proposals.review import bulk_undo, decisions, presentation
from apps.proposals.review.bulk_undo import Undone
from apps.proposals.review.decisions import Decided, Preview, Step
from apps.proposals.review.display import Display, query_of
from apps.proposals.review.forms import (
    MOST_NOTE_CHARS,
    REASONS,
    STEP_WORDS,
    BulkForm,
    StepForm,
    UndoForm,
)
from apps.proposals.selection import MOST_TICKED, Selection
from apps.proposals.states import RegisterFilter
from apps.proposals.steps import NEEDS_PAPER, NOT_IN_BULK, STEPS, open_to
from apps.ui.fragments import is_fragment
from apps.ui.frames import frame_of
from apps.ui.permissions import requires
from apps.ui.requests import user_of

# Above this many rows, or with any point outside its village, the number must be typed.
TYPE_ABOVE = 1000
CONTRADICTS = [Verdict.ELSEWHERE, Verdict.UNMAPPED]
MOST_VILLAGES = 20
EXAMPLES = 5
# More rows are not sorted at random.
MOST_SHUFFLED = 10_000
# The page of what was not decided lists so many rows of each cause.
MOST_LISTED = 200
LEFT = "bulk_left"
# In the session: when one's last bulk step was taken, and on how many rows.
LAST = "bulk_last"
# In the session: the moment of the bulk step that was undone last.
UNDONE = "bulk_undone"
# The list shows one's last bulk job for so long after it was asked for.
SHOW_JOB_FOR = timedelta(days=1)
# Of one's jobs, those among which the last step is looked for that can be undone.
MOST_JOBS = 10
JOB_SUBJECTS = [f"{decisions.SUBJECT}:{step}" for step in (*Step, "undo")]
LEFT_WORDS = {
    "later": gettext_lazy("A later step followed, or they are undone already."),
    "own": gettext_lazy("You took their last step; somebody else decides them."),
    "others": gettext_lazy(
        "Probably another person is registered under their NIK; open each and compare."
    ),
    "barred": gettext_lazy("Their points lie elsewhere or in no village; open each."),
    "unproved": gettext_lazy(
        "The paper that proves each is not here. Its sender adds it on the page of the row, under"
        " Documents; minutes may also be added for the whole village, on the page of the file. Ask"
        " the sender, or return the row."
    ),
    "changed": gettext_lazy("They changed while you decided; look at them again."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_PROPOSAL)
def bulk(request: HttpRequest) -> HttpResponse:
    """The rows that a step would touch, counted; POST takes the step."""
    step = _step(request)
    if step.value not in {item["code"] for item in presentation.bulk_steps(user_of(request))}:
        raise PermissionDenied
    # the step is for the filter; words of a search are no part of it, and only bring ticks
    selection = Selection.from_params(request.GET)
    if not selection.rows and ("rows" in request.GET or Display.of(request.GET).search):
        messages.warning(
            request, _("No row is ticked. Tick the rows first, or end the search for all of them.")
        )
        return redirect(_back(request, selection)["address"])
    rows = selection.apply(presentation.visible(user_of(request)))
    form = BulkForm(request.POST or None)
    wrong = None
    if request.method == "POST" and form.is_valid():
        preview = decisions.preview(selection=selection, step=step, by=user_of(request))
        if text := _typed_wrongly(form, preview, rows, step, request):
            wrong = {"text": text, "field": "typed"}
        else:
            try:
                return _take_step(request, selection, step, form, preview.total)
            except DomainError as refused:
                field = "reason" if refused.code == "reason_missing" else ""
                wrong = {"text": refused.text, "field": field}
    elif request.method == "POST" and "note" in form.errors:
        wrong = {"text": too_long_words(), "field": "note"}
    return _preview_page(request, selection, rows, step, form, wrong)


def _preview_page(
    request: HttpRequest,
    selection: Selection,
    rows: ProposalQuerySet,
    step: Step,
    form: BulkForm,
    wrong: dict[str, str] | None,
) -> HttpResponse:
    user = user_of(request)
    preview = decisions.preview(selection=selection, step=step, by=user)
    touched = _touched(rows, step, user)
    verdicts = touched.order_by().values_list("verdict").annotate(count=Count("pk"))
    villages = (
        touched.order_by()
        .values_list("village_id", "village__name")
        .annotate(count=Count("pk"))
        .order_by("-count", "village_id")
    )
    shown = list(villages[: MOST_VILLAGES + 1])
    examples = _examples(touched, preview.decidable)
    trail.note_listed(user, selection, examples)
    return presentation.shown(
        request,
        "proposals/review/bulk.html",
        title=_("{step} everything under this filter").format(step=STEP_WORDS[step]),
        step=step,
        step_label=STEP_WORDS[step],
        preview=preview,
        verdicts=sorted(verdicts, key=lambda pair: -pair[1]),
        civil=civil_check.counts(touched).items() if step == Step.ACCEPT else None,
        villages=shown[:MOST_VILLAGES],
        has_more_villages=len(shown) > MOST_VILLAGES,
        examples=examples,
        reasons=REASONS.get(step),
        must_type=_must_type(preview, touched),
        query=selection.query,
        left_out=_left_out(selection, rows, step, user, preview),
        back=_back(request, selection),
        form=form,
        wrong=wrong,
    )


def _examples(rows: ProposalQuerySet, count: int) -> list[Proposal]:
    """Five rows at random. Of many, those that follow five random keys: sorting all costs a second
    for each million. Queries: one, or six.
    """
    if count <= MOST_SHUFFLED:
        return list(rows.order_by("?")[:EXAMPLES])
    edge = rows.aggregate(least=Min("pk"), most=Max("pk"))
    span = edge["most"] - edge["least"] + 1
    keys = (edge["least"] + secrets.randbelow(span) for _nth in range(EXAMPLES))
    found = (rows.filter(pk__gte=key).order_by("pk").first() for key in keys)
    return list({row.pk: row for row in found if row is not None}.values())


def _left_out(
    selection: Selection, rows: ProposalQuerySet, step: Step, user: User, preview: Preview
) -> dict[str, str]:
    """The list of the rows that the step leaves out, by cause: of exactly these rows up to as many
    as can be ticked, else of the narrowest filter. Queries: one for each cause that there is.
    """
    others = register_filters.IS_OTHER
    barred = Q(verdict__in=NOT_IN_BULK.get(step, ()))
    wanted: dict[str, tuple[int, Q, dict[str, tuple[str, ...] | str]]] = {
        "others": (preview.others, others, {"register": (RegisterFilter.OTHER.value,)}),
        "barred": (preview.barred, barred & ~others, {"verdict": tuple(NOT_IN_BULK.get(step, ()))}),
        "unproved": (
            preview.unproved,
            register_filters.LACKS_PAPER & ~others & ~barred,
            {"paper": "missing"},
        ),
    }
    open_rows = rows.filter(open_to(step, user)).exclude(step_by=user).order_by("pk")
    found = {}
    for cause, (count, condition, narrower) in wanted.items():
        if not count:
            continue
        chosen: Any = narrower
        if count <= MOST_TICKED:
            keys = open_rows.filter(condition).values_list("pk", flat=True)
            chosen = {"rows": tuple(sorted(str(key) for key in keys[:MOST_TICKED]))}
        statuses = {old.value for old in STEPS[step]}
        chosen |= {"status": tuple(sorted(statuses & (set(selection.status) or statuses)))}
        found[cause] = replace(selection, **chosen).query
    return found


def _take_step(
    request: HttpRequest, selection: Selection, step: Step, form: BulkForm, total: int
) -> HttpResponse:
    """Decide in the request, or as a job. `total` rows there are now, whatever was sent.

    Raises: as `decisions.decide_many`.
    """
    given: dict[str, Any] = {
        "selection": selection,
        "step": step,
        "by": user_of(request),
        "now": timezone.now(),
        "expected": form.cleaned_data["expected"],
        "seen": form.cleaned_data["seen"],
        "reason": form.cleaned_data["reason"],
        "note": form.cleaned_data["note"],
    }
    frame = frame_of(request, presentation.PORTAL)
    back = _back(request, selection)["address"]
    with transaction.atomic():
        if total != given["expected"]:
            raise DomainError("selection_changed", expected=given["expected"], now=total)
        if total > decisions.BULK_IN_REQUEST:
            job = decisions.enqueue_bulk_decision(**given)
            return redirect(frame.address("bulk_job", job.pk))
        done = decisions.decide_many(**given)
    messages.success(request, result_words(done))
    if done.decided:
        request.session[LAST] = {"at": given["now"].isoformat(), "decided": done.decided}
    if not done.left:
        return redirect(back)
    request.session[LEFT] = {
        "left": done.left,
        "counts": done.counts(),
        "query": back.partition("?")[2],
    }
    return redirect(frame.address("bulk_left"))


def _back(request: HttpRequest, selection: Selection) -> dict[str, str]:
    """The way back to the list of the filter; ticks end with their step."""
    return presentation.back(request, selection.without("rows"))


def too_long_words() -> str:
    """Why a reason in words is refused."""
    return _("The reason has more than {n} characters. Shorten it.").format(
        n=number_format(MOST_NOTE_CHARS)
    )


def last_bulk(request: HttpRequest, jobs: Sequence[Job]) -> dict[str, Any] | None:
    """When one's last bulk step was taken (`at`, `moment`) and on how many rows (`decided`), while
    it can be undone, be it taken in the request or by one of `jobs` (`last_jobs`): a later job that
    decided nothing does not hide it.
    """
    taken: list[dict[str, Any]] = [request.session.get(LAST) or {}, *(job.result for job in jobs)]
    kept = max(taken, key=lambda result: result.get("at", ""))
    return _undoable(request, kept) if kept else None


def last_jobs(request: HttpRequest) -> list[Job]:
    """One's last bulk decisions by jobs, and the undoings of some, of the last day, the newest
    first. Queries: one.
    """
    own = Job.objects.filter(
        subject__in=JOB_SUBJECTS,
        parameters__user=user_of(request).pk,
        created_at__gte=timezone.now() - SHOW_JOB_FOR,
    )
    return list(own.order_by("-pk")[:MOST_JOBS])


def above_list(request: HttpRequest) -> dict[str, Any]:
    """What the list says of one's last bulk step: how its job goes or ended, and the undo.

    Queries: one.
    """
    jobs = last_jobs(request)
    return {
        "last_bulk": last_bulk(request, jobs),
        "bulk_job": _job_shown(request, jobs[0]) if jobs else None,
    }


def _job_shown(request: HttpRequest, job: Job) -> dict[str, Any]:
    return {
        "job": job,
        "url": presentation.address(request, "bulk_job", job.pk),
        "is_undo": job.kind == bulk_undo.UNDO_MANY,
        "words": _job_words(job),
    }


def _undoable(request: HttpRequest, result: Mapping[str, Any]) -> dict[str, Any] | None:
    at, decided = result.get("at", ""), result.get("decided", 0)
    if not at or not decided or request.session.get(UNDONE) == at:
        return None
    moment = datetime.fromisoformat(at)
    if timezone.now() - moment > decisions.UNDO_WITHIN:
        return None
    return {"at": at, "moment": moment, "decided": decided}


@require_POST
@requires(
    Permission.VERIFY_PROPOSAL,
    Permission.ENDORSE_PROPOSAL,
    Permission.ACCEPT_PROPOSAL,
    Permission.DETERMINE_PROPOSAL,
)
def undo_bulk(request: HttpRequest) -> HttpResponse:
    """Undo one's own bulk step as one act; what has a later step is listed."""
    user, now = user_of(request), timezone.now()
    form = UndoForm(request.POST)
    at = form.cleaned_data["at"] if form.is_valid() else None
    frame = frame_of(request, presentation.PORTAL)
    request.session.pop(LAST, None)
    try:
        if at is None:
            raise DomainError("undo_too_late")
        if bulk_undo.count_decided(by=user, at=at, now=now) > decisions.BULK_IN_REQUEST:
            job = bulk_undo.enqueue_undo(by=user, at=at, now=now)
            request.session[UNDONE] = at.isoformat()
            return redirect(frame.address("bulk_job", job.pk))
        done = bulk_undo.undo_many(by=user, at=at, now=now)
        request.session[UNDONE] = at.isoformat()
    except DomainError as refused:
        messages.error(request, refused.text)
        return redirect(frame.address("list"))
    messages.success(request, undone_words(done))
    if not done.left:
        return redirect(frame.address("list"))
    request.session[LEFT] = {"left": done.left, "counts": asdict(done), "query": ""}
    return redirect(frame.address("bulk_left"))


def undone_words(done: Undone) -> str:
    """`403 proposals undone; left, as a later step followed: 9.`"""
    text = ngettext("{n} proposal undone", "{n} proposals undone", done.undone).format(
        n=number_format(done.undone)
    )
    if done.later:
        text += "; " + _("left, as a later step followed: {n}").format(n=number_format(done.later))
    return text + "."


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def bulk_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """The progress of one's own bulk decision, or of undoing it; for the polling page only the
    fragment.
    """
    job = _own_job(request, job_id)
    selection = Selection.from_params(job.parameters.get("selection", {}))
    return presentation.shown(
        request,
        "proposals/review/_bulk_job.html"
        if is_fragment(request)
        else "proposals/review/bulk_job.html",
        title=_("Bulk decision"),
        is_undo=job.kind == bulk_undo.UNDO_MANY,
        last_bulk=_undoable(request, job.result),
        **polling.watched(job, timezone.now()),
        poll=request.path,
        words=_job_words(job),
        left=f"{presentation.address(request, 'bulk_left')}?job={job.pk}"
        if job.result.get("left")
        else "",
        back=_back(request, selection),
    )


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def bulk_left(request: HttpRequest) -> HttpResponse:
    """The rows that one's last bulk step could not decide, and why; with `?job=` those of a job."""
    user = user_of(request)
    kept: dict[str, Any] = request.session.get(LEFT) or {}
    number = integer(request.GET.get("job"))
    if number is not None:
        job = _own_job(request, number)
        chosen = Selection.from_params(job.parameters.get("selection", {}))
        kept = {
            "left": job.result.get("left", {}),
            "counts": job.result,
            "query": chosen.query,
        }
    known_as = QueryDict(kept.get("query", ""))
    selection = Selection.from_params(known_as).without("rows")
    query = query_of(selection, Display.of(known_as))
    rows = presentation.visible(user).select_related("village")
    keys = [key for listed in kept.get("left", {}).values() for key in listed[:MOST_LISTED]]
    known = rows.in_bulk(keys)
    trail.note_listed(user, selection, list(known.values()))
    causes = [
        (
            LEFT_WORDS[cause],
            kept.get("counts", {}).get(cause, len(listed)),
            [known[key] for key in listed if key in known],
        )
        for cause, listed in kept.get("left", {}).items()
    ]
    return presentation.shown(
        request,
        "proposals/review/bulk_left.html",
        title=_("Not undone") if "later" in kept.get("left", {}) else _("Not decided"),
        causes=causes,
        last_bulk=last_bulk(request, last_jobs(request)),
        query=query,
        back={
            "address": presentation.address(request, "list", query=query),
            "label": _("Proposals"),
        },
    )


def _own_job(request: HttpRequest, pk: int) -> Job:
    """One's own bulk decision, or the undoing of one. Raises: Http404."""
    known = (decisions.DECIDE_MANY, bulk_undo.UNDO_MANY)
    own = Job.objects.filter(kind__in=known, parameters__user=user_of(request).pk)
    return get_object_or_404(own, pk=pk)


def result_words(done: Decided) -> str:
    """`403 decided; 9 changed since you filtered; 3 left out: you took their last step.`"""
    parts = [
        ngettext("{n} proposal decided", "{n} proposals decided", done.decided).format(
            n=number_format(done.decided)
        )
    ]
    if done.changed:
        parts.append(_("{n} changed since you filtered").format(n=number_format(done.changed)))
    if done.own:
        parts.append(_("{n} left out: you took their last step").format(n=number_format(done.own)))
    if done.others:
        parts.append(
            _("{n} left out: probably another person is registered; decided one by one").format(
                n=number_format(done.others)
            )
        )
    if done.barred:
        parts.append(
            _("{n} left out: their points are looked at one by one").format(
                n=number_format(done.barred)
            )
        )
    if done.unproved:
        parts.append(
            _("{n} left out: the paper that proves them is not here").format(
                n=number_format(done.unproved)
            )
        )
    return "; ".join(parts) + "."


def _job_words(job: Job) -> str:
    if job.status != Job.Status.DONE:
        return ""
    if job.kind == bulk_undo.UNDO_MANY:
        return undone_words(Undone(**job.result))
    counted = {name: value for name, value in job.result.items() if name != "at"}
    return result_words(Decided(**counted))


def _step(request: HttpRequest) -> Step:
    given = StepForm(request.POST).sent["step"] or StepForm(request.GET).sent["step"]
    try:
        return Step(given)
    except ValueError:
        raise Http404 from None


def _touched(rows: ProposalQuerySet, step: Step, user: User) -> ProposalQuerySet:
    """The rows that the step would decide: open to it, not one's own, none of those left out."""
    open_rows = rows.filter(open_to(step, user)).exclude(register_filters.IS_OTHER)
    able = open_rows.exclude(step_by=user).exclude(verdict__in=NOT_IN_BULK.get(step, ()))
    return able.exclude(register_filters.LACKS_PAPER) if step in NEEDS_PAPER else able


def _must_type(preview: Preview, touched: ProposalQuerySet) -> bool:
    return preview.decidable > TYPE_ABOVE or touched.filter(verdict__in=CONTRADICTS).exists()


def _typed_wrongly(
    form: BulkForm, preview: Preview, rows: ProposalQuerySet, step: Step, request: HttpRequest
) -> str:
    """Why the typed number is wrong; "" if it is right."""
    if not _must_type(preview, _touched(rows, step, user_of(request))):
        return ""
    if form.typed_number() == preview.decidable:
        return ""
    return _("Type the number {n}: so many proposals will be decided.").format(
        n=number_format(preview.decidable)
    )
