"""Pages of duplicates: the groups, one group side by side, the merges, and undoing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import may, scope_of
from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common.errors import DomainError
from apps.common.http import integer
from apps.jobs import polling
from apps.jobs.messages import ending
from apps.jobs.models import Job
from apps.reconciliation.duplicates import deduplication, group_table, person_groups
from apps.reconciliation.duplicates.forms import AskForm, FilterForm, KeepForm, UndoForm
from apps.reconciliation.duplicates.messages import LEFT_OUT, OBSTACLES
from apps.reconciliation.duplicates.person_groups import GroupFilter, PersonGroup
from apps.reconciliation.linkage import register_runs
from apps.registry import merge_preview
from apps.registry.models import Change, Person
from apps.ui.fragments import is_fragment
from apps.ui.paging import Order, cut_page, read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of

PAGE = 25
LATEST_FIRST = Order.by("-at", "-pk")
KINDS = (deduplication.MERGE_PERSONS, deduplication.UNMERGE_PERSONS)


@require_safe
@requires(Permission.REVIEW_PAIR)
def page(request: HttpRequest) -> HttpResponse:
    """The groups under a filter, those with most rows first."""
    user = _steward(request)
    form = FilterForm(request.GET)
    chosen = GroupFilter.from_params(request.GET)
    found = person_groups.groups(chosen, user)
    page = cut_page(
        found, lambda group: group.keep_id, request.GET, query=chosen.params(), size=PAGE
    )
    shown = page.rows
    names = _persons(id for group in shown for id in group.ids)
    _record_listed(user, "duplicates", names)
    return render(
        request,
        "reconciliation/duplicates/duplicates.html",
        {
            "form": form,
            "page": page,
            "rows": [(group, [names[id] for id in group.ids], _codes(group)) for group in shown],
            "groups": len(found),
            "pairs": sum(len(group.pairs) for group in found),
            "query": chosen.query,
            "compared": register_runs.state(),
            "stopped": register_runs.stopped(),
            "may_run": may(user, Permission.RUN_LINKAGE),
            "may_merge": may(user, Permission.RESOLVE_CONFLICT),
        },
    )


def _record_listed(user: User, criterion: str, persons: Collection[int]) -> None:
    """Record the read of a list of these persons."""
    read_limits.count(user, read_limits.Kind.LIST, len(persons))
    record.entry(
        Action.READ,
        about=Subject("registry.Person"),
        criteria=[criterion],
        hits=len(persons),
        persons=sorted(persons),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.REVIEW_PAIR, to_send=(Permission.RESOLVE_CONFLICT,))
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """The persons of one group side by side: who is kept, what moves; and the button to merge.

    `?question=` shows only the two persons of that question, even if a run joins others to them.
    """
    user = _steward(request)
    chosen = GroupFilter(person=pk, question=integer(request.GET.get("question")))
    found = person_groups.groups(chosen, user)
    if not found:
        raise Http404
    own = found[0]
    asked = KeepForm(request.POST).sent["keep"] or KeepForm(request.GET).sent["keep"]
    keep = asked or own.keep_id
    if keep not in own.ids:
        raise Http404
    form = AskForm(request.POST or None)
    if request.method == "POST" and (answer := _asked(request, chosen, form, keep)):
        return answer
    return _side_by_side(request, own, replace(chosen, person=keep), form)


def _side_by_side(
    request: HttpRequest, own: PersonGroup, chosen: GroupFilter, form: AskForm
) -> HttpResponse:
    user = _steward(request)
    keep = chosen.person or own.keep_id
    turned = own.turned(keep)
    shown = person_groups.preview(chosen, user, keep_id=keep, is_argued=True)
    persons = group_table.persons_of(turned, user)
    return render(
        request,
        "reconciliation/duplicates/duplicate.html",
        {
            "group": turned,
            "question": chosen.question,
            "rule": own.keep_id,
            "persons": persons,
            "fields": group_table.table(persons),
            "moves": group_table.moves(turned),
            "shown": shown,
            "codes": _codes(own),
            "needs_reason": bool(own.codes) or shown.breaker is not None,
            "may_merge": may(user, Permission.RESOLVE_CONFLICT) and bool(shown.pairs),
            "form": form,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RESOLVE_CONFLICT)
def merge(request: HttpRequest) -> HttpResponse:
    """The counted effects of merging everything under a filter; POST asks for the merge."""
    user = _steward(request)
    chosen = GroupFilter.from_params(request.GET)
    form = AskForm(request.POST or None)
    if request.method == "POST" and (answer := _asked(request, chosen, form, None)):
        return answer
    shown = person_groups.preview(chosen, user)
    left_out = [(LEFT_OUT[code], count) for code, count in shown.left_out.items()]
    return render(
        request,
        "reconciliation/duplicates/duplicates_merge.html",
        {
            "shown": shown,
            "left_out": left_out,
            "query": chosen.query,
            "form": form,
            "needs_reason": shown.breaker is not None,
        },
    )


def _asked(
    request: HttpRequest, chosen: GroupFilter, form: AskForm, keep: int | None
) -> HttpResponse | None:
    """A redirect to the job, or None where it was refused; the form then shows the reason."""
    if not form.is_valid():
        return None
    try:
        with transaction.atomic():
            job = deduplication.enqueue_merge(
                chosen=chosen, by=_steward(request), keep_id=keep, **form.cleaned_data
            )
    except DomainError as refused:
        form.add_error(None, refused.text)
        return None
    return redirect("reconciliation:duplicates_job", job.pk)


@require_safe
@requires(Permission.REVIEW_PAIR)
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """The progress of a merge or its undoing; a fragment alone for the page that polls."""
    _steward(request)
    found = get_object_or_404(Job, pk=job_id, kind__in=KINDS)
    is_part = is_fragment(request)
    context = {
        **polling.watched(found, timezone.now()),
        "poll": request.path,
        "is_merge": found.kind == deduplication.MERGE_PERSONS,
        "said": ending(found),
        "merged_id": found.parameters.get("change") or found.result.get("change"),
    }
    return render(
        request,
        "reconciliation/duplicates/_duplicates_job.html"
        if is_part
        else "reconciliation/duplicates/duplicates_job.html",
        context,
    )


@require_safe
@requires(Permission.REVIEW_PAIR)
def merges(request: HttpRequest) -> HttpResponse:
    """The past merges, newest first."""
    _steward(request)
    page = read_page(deduplication.merges(), LATEST_FIRST, request.GET, size=PAGE)
    return render(request, "reconciliation/duplicates/merges.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.REVIEW_PAIR, to_send=(Permission.RESOLVE_CONFLICT,))
def merged(request: HttpRequest, change_id: int) -> HttpResponse:
    """The persons of one merge, what prevents undoing it, and the form to undo."""
    _steward(request)
    change = get_object_or_404(deduplication.merges(), pk=change_id)
    form = UndoForm(request.POST or None)
    if request.method == "POST" and (answer := _asked_back(request, change, form)):
        return answer
    return _merged(request, change, form)


def _asked_back(request: HttpRequest, change: Change, form: UndoForm) -> HttpResponse | None:
    if not form.is_valid():
        return None
    known = {keep for _drop, keep in merge_preview.merged_by(change)}
    given = dict(form.cleaned_data)
    wanted = [keep for keep in given.pop("keep") if keep in known]
    if not wanted:
        form.add_error(None, _("Choose at least one person whose merge is to be undone."))
        return None
    try:
        with transaction.atomic():
            job = deduplication.enqueue_unmerge(
                merged=change, keeps=wanted, by=_steward(request), **given
            )
    except DomainError as refused:
        form.add_error(None, refused.text)
        return None
    return redirect("reconciliation:duplicates_job", job.pk)


def _merged(request: HttpRequest, change: Change, form: UndoForm) -> HttpResponse:
    user = _steward(request)
    drops: dict[int, list[int]] = {}
    for drop, keep in merge_preview.merged_by(change):
        drops.setdefault(keep, []).append(drop)
    page = cut_page(sorted(drops), int, request.GET, size=PAGE)
    shown = page.rows
    persons = _persons({id for keep in shown for id in (keep, *drops[keep])})
    _record_listed(user, "merges", persons)
    said: dict[int, list[str]] = {}
    blocked = set()
    for one in merge_preview.obstacles(change, list(shown)):
        detail = group_table.label(one.detail) if one.code == "field_changed" else one.detail
        said.setdefault(one.keep_id, []).append(str(OBSTACLES[one.code]) % {"detail": detail})
        blocked |= {one.keep_id} if one.is_blocking else set()
    rows = [
        {
            "keep": persons[keep],
            "drops": [persons[id] for id in drops[keep]],
            "is_undone": all(persons[id].status != Person.Status.MERGED for id in drops[keep]),
            "is_blocked": keep in blocked,
            "said": said.get(keep, []),
        }
        for keep in shown
    ]
    return render(
        request,
        "reconciliation/duplicates/merge.html",
        {
            "change": change,
            "page": page,
            "rows": rows,
            "form": form,
            "may_undo": may(user, Permission.RESOLVE_CONFLICT)
            and any(not (row["is_undone"] or row["is_blocked"]) for row in rows),
        },
    )


def _steward(request: HttpRequest) -> User:
    """The user, who must see the whole country, because duplicates may lie in any two regions.

    Raises: Http404.
    """
    user = user_of(request)
    if not scope_of(user, Permission.REVIEW_PAIR, Permission.RESOLVE_CONFLICT).is_national:
        raise Http404
    return user


def _persons(ids: Any) -> dict[int, Person]:
    return Person.objects.select_related("village").in_bulk(list(ids))


def _codes(group: PersonGroup) -> list[Any]:
    return [LEFT_OUT[code] for code in group.codes]


urlpatterns = [
    path("duplicates/", page, name="duplicates"),
    path("duplicates/merge/", merge, name="duplicates_merge"),
    path("duplicates/person/<int:pk>/", group, name="duplicate"),
    path("duplicates/jobs/<int:job_id>/", job, name="duplicates_job"),
    path("duplicates/merged/", merges, name="merges"),
    path("duplicates/merged/<int:change_id>/", merged, name="merge"),
]
