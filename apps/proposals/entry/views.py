"""Pages of one family: drafts, their sections, the point, the summary, submission."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import may, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import photos
from apps.common.errors import DomainError, text
from apps.jobs import polling
from apps.jobs.models import Job
from apps.proposals.chips import verdict
from apps.proposals.entry import drafts, form_page, photo_views, point, remarks, sending
from apps.proposals.entry import form_fields as form
from apps.proposals.entry.forms import PointForm, SectionForm
from apps.proposals.messages import UNCHANGED, why
from apps.proposals.models import FormDraft, HousePhoto
from apps.proposals.region_choice import RegionChoice, only_region
from apps.proposals.region_choice import region_named as named_place
from apps.proposals.states import BatchStatus
from apps.proposals.upload import intake
from apps.regions.editions import outlines as region_outlines
from apps.regions.models import Level, Region
from apps.registry.reading import search
from apps.ui.fragments import is_fragment, refreshing
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.UPLOAD_BATCH)
def new(request: HttpRequest) -> HttpResponse:
    """The person's drafts, and the button for another family."""
    if request.method == "POST":
        try:
            draft = drafts.begin(by=user_of(request), now=timezone.now())
        except DomainError as refused:
            messages.error(request, refused.text)
            return redirect("proposals:form-new")
        return redirect("proposals:form-section", draft.pk, form.FAMILY)
    begun = drafts.unfinished(user_of(request)).order_by("-updated_at", "-pk")
    shown = list(begun.select_related("batch")[: drafts.MOST_DRAFTS])
    villages = drafts.villages_of(shown)
    rows = [_summary(draft, villages) for draft in shown]
    known = {"drafts": rows, "kept_days": drafts.KEPT.days}
    return render(request, "proposals/entry/new.html", known)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.UPLOAD_BATCH)
def section(request: HttpRequest, draft_id: int, section: str) -> HttpResponse:
    """The form, with one section in view; POST saves that section."""
    draft = _draft(request, draft_id)
    if section not in form.PAGES or (section == form.REVIEW and request.method == "POST"):
        raise Http404
    if section == form.REVIEW:
        return _review(request, draft)
    if draft.submitted_at is not None:
        return redirect("proposals:form-section", draft.pk, form.REVIEW)
    return (
        _save(request, draft, section)
        if request.method == "POST"
        else _page(request, draft, section)
    )


def _save(request: HttpRequest, draft: FormDraft, section: str) -> HttpResponse:
    sent = SectionForm(request.POST)
    values, given = sent.values(section), sent.sent
    if section == form.FAMILY and not values[form.VILLAGE]:
        values[form.VILLAGE] = _typed_village(request, given["region_text"])
    wants_page = request.headers.get("Accept") != "application/json"
    try:
        draft = drafts.save(
            draft=draft,
            section=section,
            values=_members_changed(section, values, sent),
            seen=sent.seen(),
            by=user_of(request),
            now=timezone.now(),
            is_done=given["next"],
        )
    except drafts.SavedElsewhere as conflict:
        return _conflict(request, draft, section, values, conflict, wants_page)
    except DomainError as refused:
        if not wants_page:
            return JsonResponse({"text": refused.text}, status=409)
        messages.error(request, refused.text)
        return redirect("proposals:form-section", draft.pk, form.REVIEW)
    remarks.enqueue_draft_check(draft=draft, by=user_of(request))
    if wants_page:
        return redirect(_after(draft, section, given))
    return JsonResponse(_saved(draft, section))


def _typed_village(request: HttpRequest, text: str) -> str:
    """The village of a typed code or name, for pages without a list of choices."""
    scope = scope_of(user_of(request), Permission.UPLOAD_BATCH)
    found = named_place("", text, scope) if text.strip() else None
    return found.code if found is not None else ""


def _saved(draft: FormDraft, section: str) -> dict[str, Any]:
    return {
        "version": draft.versions.get(section, 0),
        "saved": _("Saved {time}").format(time=_clock(draft.updated_at)),
        "village": (draft.sections.get(form.FAMILY) or {}).get(form.VILLAGE, ""),
        "section_statuses": _section_statuses(draft),
    }


def _section_statuses(draft: FormDraft) -> dict[str, dict[str, str]]:
    return {
        one.code: {"words": one.words, "mark": one.mark}
        for one in form_page.section_statuses(draft, remarks.of(draft))
    }


def _conflict(
    request: HttpRequest,
    draft: FormDraft,
    section: str,
    values: Any,
    conflict: drafts.SavedElsewhere,
    wants_page: bool,
) -> HttpResponse:
    """Show both texts: the sender's own in the fields, the saved one below each field."""
    if wants_page:
        draft.refresh_from_db()
        return _page(request, draft, section, own=values, conflict=conflict, status=409)
    lines = form_page.differences(section, values, conflict.stored, conflict.differing)
    known = {"text": conflict.text, "version": conflict.version}
    return JsonResponse(known | {"lines": [asdict(line) for line in lines]}, status=409)


def _members_changed(section: str, values: Any, sent: SectionForm) -> Any:
    """The buttons that add and remove a card, for browsers without script."""
    if section != form.MEMBERS:
        return values
    given = sent.sent
    if "remove" in sent.data:
        return [
            one
            for number, one in zip(sent.members(), values, strict=False)
            if number != given["remove"]
        ]
    if given["add"] and len(values) < form.MOST_MEMBERS:
        return [*values, form.empty_member()]
    return values


def _after(draft: FormDraft, section: str, given: Any) -> str:
    """The section that a button leads to."""
    here = list(form.PAGES).index(section)
    code = form.PAGES[here + 1] if given["next"] else section
    at = "#last-member" if given["add"] else ""
    return reverse("proposals:form-section", args=[draft.pk, code]) + at


def _page(
    request: HttpRequest,
    draft: FormDraft,
    section: str,
    *,
    own: Any = None,
    conflict: drafts.SavedElsewhere | None = None,
    status: int = 200,
) -> HttpResponse:
    """All sections in one document, so that the form stays usable when the connection is lost."""
    said = remarks.of(draft)
    values = {one: draft.sections.get(one) or form.empty(one) for one in form.SECTIONS}
    stored: dict[str, Any] = {}
    lines: list[form_page.Difference] = []
    versions = {one: draft.versions.get(one, 0) for one in form.SECTIONS}
    if conflict is not None:
        values[section], stored[section] = own, conflict.stored
        lines = form_page.differences(section, own, conflict.stored, conflict.differing)
        # the version that the sender was shown: only the chosen text is saved over the other
        versions[section] = SectionForm(request.POST).sent["version"]
    looked = drafts.locate_point(draft)
    house = {
        "look": looked,
        "chip": verdict(looked.verdict),
        "accuracy": point.accuracy_words(values[form.HOUSE].get("accuracy_m")),
    }
    user = user_of(request)
    context = _frame(draft, section, said) | {
        "family": form_page.fields_of(
            form.FAMILY, values[form.FAMILY], said, stored=stored.get(form.FAMILY)
        ),
        "place": _village_choice(draft),
        "place_remarks": [one for one in said if one.place == f"{form.FAMILY}.{form.VILLAGE}"],
        "only_place": _only_village(user),
        "cards": form_page.cards_of(values[form.MEMBERS], said, stored.get(form.MEMBERS)),
        "blank_card": form_page.Card(
            "__n__", form_page.fields_of(form.MEMBERS, {}, (), number="__n__")
        ),
        "house_fields": {
            one.field.name: one
            for one in form_page.fields_of(
                form.HOUSE,
                values[form.HOUSE],
                remarks.beside_fields(said),
                stored=stored.get(form.HOUSE),
            )
        },
        "house": house,
        "photos": photo_views.photos_of(draft),
        "photo_kinds": HousePhoto.Kind.choices,
        "photo_most": photos.MOST_BYTES,
        "conflict": conflict,
        "conflict_lines": lines,
        "versions": versions,
        "summary": [r for r in said if r.section == section and r.is_error],
        "known": _known(user, draft),
        "most_members": form.MOST_MEMBERS,
    }
    return render(request, "proposals/entry/form.html", context, status=status)


def _frame(draft: FormDraft, section: str, said: list[remarks.Remark]) -> dict[str, Any]:
    stopped = remarks.stopped(draft)
    return {
        "draft": draft,
        "section": section,
        "title": form.TITLES[section],
        "section_statuses": form_page.section_statuses(draft, said),
        "is_checking": draft.checked_version != draft.version and not stopped,
        "stopped": stopped,
        "saved": _("Saved {time}").format(time=_clock(draft.updated_at)),
    }


def _review(request: HttpRequest, draft: FormDraft) -> HttpResponse:
    """The summary with all answers, what must be fixed, and the button; afterwards the result."""
    watched = _watched(request, draft)
    if is_fragment(request):
        answer = render(request, "proposals/entry/_form_progress.html", watched)
        return answer if watched["is_waiting"] else refreshing(answer)
    if draft.submitted_at is not None:
        return render(request, "proposals/entry/form_sent.html", {"draft": draft})
    is_held = bool(draft.outcome.get("held"))
    said = remarks.of_batch(draft) if is_held else remarks.of(draft, everything=True)
    looked = drafts.locate_point(draft)
    user = user_of(request)
    members = draft.sections.get(form.MEMBERS) or []
    context = _frame(draft, form.REVIEW, said) | {
        **watched,
        "fixes": [one for one in said if one.is_error],
        "checks": [one for one in said if not one.is_error],
        "family": form_page.fields_of(
            form.FAMILY, draft.sections.get(form.FAMILY) or {}, (), stored=None
        ),
        "place": _village_choice(draft),
        "cards": form_page.cards_of([one for one in members if not form.is_blank(one)], ()),
        "look": looked,
        "chip": verdict(looked.verdict),
        "house_values": draft.sections.get(form.HOUSE) or form.empty(form.HOUSE),
        "photos": photo_views.photos_of(draft),
        "outcome": _outcome(draft),
        "known": _known(user, draft),
        "rows": len(form.rows_of(draft.sections)) if members else 0,
    }
    return render(request, "proposals/entry/form_review.html", context)


def _watched(request: HttpRequest, draft: FormDraft) -> dict[str, Any]:
    """Whether the page waits for a check of the draft or of its batch, and the job's progress."""
    is_sending = drafts.is_being_sent(draft)
    job = intake.job_of(draft.batch) if is_sending and draft.batch else remarks.job_of(draft)
    is_checking = draft.checked_version != draft.version and not draft.outcome
    is_over = job is None or job.status in (Job.Status.FAILED, Job.Status.CANCELLED)
    known = polling.watched(job, timezone.now(), is_awaited=True)
    return known | {
        "poll": request.path,
        "is_sending": is_sending,
        "is_waiting": draft.submitted_at is None and (is_sending or is_checking) and not is_over,
    }


def _outcome(draft: FormDraft) -> list[str]:
    """Why a submitted batch was refused, in words."""
    outcome = draft.outcome
    if "refused" in outcome:
        return [text(outcome["refused"], outcome.get("params", {}))]
    if draft.batch is not None and draft.batch.status == BatchStatus.FAILED:
        return [why(intake.job_of(draft.batch), UNCHANGED)]
    held_back = outcome.get("held_back") or {}
    return [HELD_BACK[code]() for code in held_back if code in HELD_BACK]


HELD_BACK: dict[str, Any] = {
    "open_elsewhere": lambda: _(
        "Somebody of this family is in review for the same programme in another proposal. Remove"
        " that person or programme, or wait until that proposal is decided."
    ),
    "twice_in_batch": lambda: _(
        "The same person is in this family twice for the same programme. Remove one."
    ),
    "no_evidence": lambda: _(
        "The village's minutes (berita acara) or statement (SPTJM) for this cycle is not there"
        " yet. Add it, then submit again."
    ),
}


@require_POST
@requires(Permission.UPLOAD_BATCH)
def point_verdict(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Where a point lies, for the sentence under the field. POST: a point is personal data."""
    draft = _draft(request, draft_id)
    given = PointForm(request.POST).sent
    looked = point.locate_typed(given["point"], drafts.village_of(draft))
    return JsonResponse(point.as_answer(looked, given["accuracy_m"]))


@require_safe
@requires(Permission.UPLOAD_BATCH)
def outlines(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The village and its neighbours for the light map."""
    village = drafts.village_of(_draft(request, draft_id))
    return JsonResponse(region_outlines.surroundings(village.code if village else ""))


@require_safe
@requires(Permission.UPLOAD_BATCH)
def remarks_json(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The remarks found so far, each with its place on the form."""
    draft = _draft(request, draft_id)
    found = remarks.of(draft)
    return JsonResponse(
        {
            "checked": draft.checked_version == draft.version or remarks.pending(draft) is None,
            "sending": drafts.is_being_sent(draft),
            "remarks": [
                {
                    "place": one.place,
                    "severity": one.severity,
                    "title": one.title,
                    "remedy": one.remedy,
                }
                for one in remarks.beside_fields(found)
            ],
            "section_statuses": _section_statuses(draft),
            "known": bool(remarks.registered(draft)),
        }
    )


@require_POST
@requires(Permission.UPLOAD_BATCH)
def submit(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Submit the family. A repeat submits nothing more."""
    draft = _draft(request, draft_id)
    try:
        if draft.outcome and not draft.outcome.get("held"):
            # checked and unchanged since: the obstacle may be gone
            sending.submit_again(draft=draft, now=timezone.now())
        else:
            sending.send(draft=draft, by=user_of(request), now=timezone.now())
    except DomainError as refused:
        messages.error(request, refused.text)
    return redirect("proposals:form-section", draft.pk, form.REVIEW)


@require_POST
@requires(Permission.UPLOAD_BATCH)
def delete(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Delete the person's own draft."""
    try:
        drafts.delete(draft=_draft(request, draft_id), by=user_of(request))
        messages.success(request, _("The draft was deleted."))
    except DomainError as refused:
        messages.error(request, refused.text)
    return redirect("proposals:form-new")


def _draft(request: HttpRequest, draft_id: int) -> FormDraft:
    """The person's own draft. Raises: Http404 for a draft of somebody else."""
    own = drafts.mine(user_of(request)).select_related("batch", "region")
    return get_object_or_404(own, pk=draft_id)


def _clock(when: Any) -> str:
    return date_format(timezone.localtime(when), "H.i e")


def _village_choice(draft: FormDraft) -> RegionChoice | None:
    village = drafts.village_of(draft)
    return RegionChoice.of(village) if village is not None else None


def _only_village(user: User) -> RegionChoice | None:
    """The village of a person who works in one village only, so that no search is needed."""
    scope = scope_of(user, Permission.UPLOAD_BATCH)
    found = only_region(scope)
    return found if found is not None and Level.of(found.code) == Level.VILLAGE else None


def _summary(draft: FormDraft, villages: dict[str, Region]) -> dict[str, Any]:
    """A draft as the list shows it: a name, the village, the progress."""
    members = draft.sections.get(form.MEMBERS) or []
    village = villages.get((draft.sections.get(form.FAMILY) or {}).get(form.VILLAGE, ""))
    name = next((one["name"] for one in members if one.get("name")), "")
    return {
        "draft": draft,
        "name": name or _("Family without a name yet"),
        "members": len([one for one in members if not form.is_blank(one)]),
        "place": RegionChoice.of(village) if village is not None else None,
        "next": next((one for one in form.SECTIONS if one not in draft.done), form.REVIEW),
        "is_sending": drafts.is_being_sent(draft),
        "goes_on": drafts.goes_on(draft, timezone.now()),
    }


def _known(user: User, draft: FormDraft) -> dict[str, Any] | None:
    """The members that the register has, with the values that this person may see."""
    numbers = remarks.registered(draft)
    if not numbers:
        return None
    members = draft.sections.get(form.MEMBERS) or []
    niks = [members[i].get("nik", "") for i in sorted(numbers) if i < len(members)]
    persons = []
    if may(user, Permission.VIEW_PERSON):
        for nik in niks[: form.MOST_MEMBERS]:
            persons += search(by=user, nik=nik)
    return {"count": len(niks), "persons": persons}


urlpatterns = [
    path("new/", new, name="form-new"),
    path("drafts/<int:draft_id>/point/", point_verdict, name="form-point"),
    path("drafts/<int:draft_id>/outlines.json", outlines, name="form-outlines"),
    path("drafts/<int:draft_id>/remarks.json", remarks_json, name="form-remarks"),
    path("drafts/<int:draft_id>/submit/", submit, name="form-submit"),
    path("drafts/<int:draft_id>/delete/", delete, name="form-delete"),
    path("drafts/<int:draft_id>/<str:section>/", section, name="form-section"),
]
