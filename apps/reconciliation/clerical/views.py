"""Clerical review: one pair after the other, by buttons or keys; a pair's own page; its group."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import may, scope_of
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.common.http import integer
from apps.reconciliation.clerical import judgements, queue, side_by_side
from apps.reconciliation.linkage import clusters
from apps.reconciliation.linkage.forms import JudgeForm
from apps.reconciliation.linkage.summary import named
from apps.reconciliation.models import Pairing, RecordPair
from apps.reconciliation.states import SETTLED, JudgementOutcome, PairStatus
from apps.ui.fragments import is_fragment, lead
from apps.ui.permissions import requires
from apps.ui.requests import user_of

# Number of put-off pairs that an address remembers.
MOST_SKIPPED = 50


@require_safe
@requires(Permission.REVIEW_PAIR)
def page(request: HttpRequest) -> HttpResponse:
    """The next pair of a pairing, or the requested one; a fragment for the script."""
    pairing = _pairing(request)
    if pairing is None:
        return render(request, "reconciliation/clerical/review_empty.html", {})
    user = user_of(request)
    place = queue.queue_position(pairing, user)
    wanted = integer(request.GET.get("pair"))
    shown = wanted or queue.next_pair(pairing, user, skip=_skipped(request), at=place.done)
    if shown is None:
        return _nothing(request, pairing, place)
    context = _opened(request, shown) | _around(request, place, shown)
    if is_fragment(request):
        return render(request, "reconciliation/clerical/_pair.html", context)
    return render(request, "reconciliation/clerical/review.html", context)


def _around(request: HttpRequest, place: queue.QueuePosition, shown: int) -> dict[str, Any]:
    """The pair's place in the queue, and the pairs put off before it."""
    skipped = [pk for pk in _skipped(request) if pk != shown]
    said = ",".join(map(str, skipped))
    last = integer(request.GET.get("last"))
    return {
        "place": place,
        "number": min(place.number + len(skipped), place.total),
        "skipped": skipped,
        "skip_query": f"?skip={said}" if said else "",
        "next_skip": ",".join(map(str, [*skipped, shown])),
        "last": _undoable(request, last) if last else None,
    }


def _undoable(request: HttpRequest, pk: int) -> RecordPair | None:
    """The pair answered just before, while the answer can still be taken back."""
    user = user_of(request)
    seen = RecordPair.objects.within(scope_of(user, Permission.REVIEW_PAIR))
    pair: RecordPair | None = seen.filter(pk=pk).first()
    if pair is None:
        return None
    mine = [one for one in judgements.live(pair) if judgements.may_undo(one, user, timezone.now())]
    return pair if mine else None


def _nothing(request: HttpRequest, pairing: Pairing, place: queue.QueuePosition) -> HttpResponse:
    if is_fragment(request):
        return HttpResponse(status=204)
    context = {"pairing": pairing, "title": named(pairing), "place": place}
    return render(request, "reconciliation/clerical/review_empty.html", context)


def _opened(request: HttpRequest, pair_id: int) -> dict[str, Any]:
    """The context of one pair's page; the read is recorded and the pair is marked as open."""
    user = user_of(request)
    pair = side_by_side.find(pair_id, scope_of(user, Permission.REVIEW_PAIR, Permission.VIEW_RUN))
    shown = side_by_side.open_pair(pair, user)
    said = judgements.live(pair)
    mine = next((one for one in said if one.user_id == user.pk), None)
    if may(user, Permission.REVIEW_PAIR):
        queue.mark_open(pair.pk, user)
    return {
        "side_by_side": shown,
        "pair": pair,
        "pairing": pair.pairing,
        "title": named(pair.pairing),
        "mine": mine,
        # a colleague's answer stays hidden until people agree
        "said": said if pair.status in SETTLED else [one for one in said if one == mine],
        "may_undo": mine is not None and judgements.may_undo(mine, user, timezone.now()),
        "may_judge": may(user, Permission.REVIEW_PAIR) and mine is None and not pair.until,
        "group": clusters.records_of(pair),
        "outcomes": OUTCOMES,
    }


@require_safe
@requires(Permission.VIEW_RUN)
def pair_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One pair with its weights and its answers, from a list."""
    return render(request, "reconciliation/clerical/pair.html", _opened(request, pk))


@require_safe
@requires(Permission.VIEW_RUN)
def group_page(request: HttpRequest, pk: int) -> HttpResponse:
    """All pairs of a group: A = B and B = C does not make A = C."""
    scope = scope_of(user_of(request), Permission.VIEW_RUN)
    pair = side_by_side.find(pk, scope)
    group = clusters.of(pair)
    side_by_side.note_read(pair, group.records, user_of(request))
    places = {one.pk: number for number, one in enumerate(group.records, 1)}
    rows = [(one, places[one.left_id], places[one.right_id]) for one in group.pairs]
    return render(
        request,
        "reconciliation/clerical/group.html",
        {"pair": pair, "group": group, "rows": rows, "title": named(pair.pairing)},
    )


@require_POST
@requires(Permission.REVIEW_PAIR)
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """Store one answer. The answer is a fragment with its result, or the next pair's page."""
    user = user_of(request)
    pair = side_by_side.find(pk, scope_of(user, Permission.REVIEW_PAIR))
    form = JudgeForm(request.POST)
    if not form.is_valid():
        return redirect(_address(pair, request))
    outcome = JudgementOutcome(form.cleaned_data.pop("outcome"))
    try:
        done = judgements.judge(
            pair=pair, outcome=outcome, by=user, now=timezone.now(), **form.cleaned_data
        )
    except DomainError as refused:
        if is_fragment(request):
            return _answered(request, pair, refused.text, refused=True)
        notes.error(request, refused.text)
        return redirect(_address(pair, request))
    text = _saved_text(outcome, done)
    if is_fragment(request):
        if done.is_torn:
            return lead(request, reverse("reconciliation:group", args=[pk]))
        return _answered(request, pair, text, refused=False)
    notes.success(request, text)
    if done.is_torn:
        return redirect("reconciliation:group", pk)
    return redirect(_address(pair, request, {"last": pair.pk}))


def _answered(request: HttpRequest, pair: RecordPair, words: str, *, refused: bool) -> HttpResponse:
    context = {"pair": pair, "words": words, "refused": refused}
    return render(request, "reconciliation/clerical/_answered.html", context)


@require_POST
@requires(Permission.REVIEW_PAIR)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back one's own answer and show the pair again."""
    user = user_of(request)
    pair = side_by_side.find(pk, scope_of(user, Permission.REVIEW_PAIR))
    try:
        judgements.undo(pair=pair, by=user, now=timezone.now())
    except DomainError as refused:
        if is_fragment(request):
            context: dict[str, Any] = {"words": refused.text, "refused": True}
            return render(request, "reconciliation/clerical/_undone.html", context)
        notes.error(request, refused.text)
        return redirect(_address(pair, request))
    text = _("Your answer on pair {number} is taken back.").format(number=pair.pk)
    if is_fragment(request):
        place = queue.queue_position(pair.pairing, user)
        context = _opened(request, pair.pk) | _around(request, place, pair.pk) | {"words": text}
        return render(request, "reconciliation/clerical/_undone.html", context)
    notes.success(request, text)
    return redirect(_address(pair, request, {"pair": pair.pk}))


def _saved_text(outcome: JudgementOutcome, done: judgements.Judged) -> str:
    """The result as a sentence for the status line."""
    said = _("Saved: {answer}.").format(answer=outcome.label)
    if done.status not in SETTLED:
        said += " " + _("It counts once a second person has said the same.")
    return said


def _address(pair: RecordPair, request: HttpRequest, more: dict[str, int] | None = None) -> str:
    """The address of the pairing's review, with the pairs put off."""
    query = {"pairing": pair.pairing_id} | (more or {})
    skipped = _skipped(request)
    if skipped:
        query |= {"skip": ",".join(map(str, skipped))}  # type: ignore[dict-item]
    return f"{reverse('reconciliation:review')}?{urlencode(query)}"


def _pairing(request: HttpRequest) -> Pairing | None:
    """The requested pairing, else the first in which something waits. Queries: one."""
    pairings = Pairing.objects.select_related("left", "right").order_by("pk")
    asked = integer(request.GET.get("pairing"))
    if asked is not None:
        return pairings.filter(pk=asked).first()
    waiting = RecordPair.objects.filter(until__isnull=True, status=PairStatus.REVIEW)
    return pairings.filter(pk__in=waiting.values("pairing")).first()


def _skipped(request: HttpRequest) -> list[int]:
    given = request.GET.get("skip", "").split(",")
    found = [pk for text in given if (pk := integer(text)) is not None]
    return found[-MOST_SKIPPED:]


# Each answer with its keyboard key.
OUTCOMES = [
    (JudgementOutcome.SAME, "S"),
    (JudgementOutcome.NOT_SAME, "B"),
    (JudgementOutcome.UNSURE, "R"),
]

urlpatterns = [
    path("review/", page, name="review"),
    path("review/<int:pk>/judge/", judge, name="judge"),
    path("review/<int:pk>/undo/", undo, name="undo"),
    path("pairs/<int:pk>/", pair_page, name="pair"),
    path("pairs/<int:pk>/group/", group_page, name="group"),
]
