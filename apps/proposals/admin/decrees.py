"""Decrees in the admin: determine accepted proposals, watch the job, download the annex."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps.accounts.access import scope_of
from apps.accounts.admin_base import ScopedAdmin, Verb
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.accounts.signing_in import step_up
from apps.audit import record
from apps.audit.models import Action
from apps.civilregister.states import CivilStatus
from apps.common.errors import DomainError
from apps.jobs import polling
from apps.jobs.models import Job
from apps.proposals import chips, lines, region_choice
from apps.proposals.access import trail
from apps.proposals.civil import civil_check
from apps.proposals.decree import accepted_rows, annulment, determination
from apps.proposals.export import release
from apps.proposals.messages import why
from apps.proposals.models import Decree, Proposal
from apps.proposals.review.forms import AnnulmentForm, DecreeForm
from apps.proposals.selection import Selection
from apps.proposals.states import ProposalStatus
from apps.regions.models import COUNTRY
from apps.ui.permissions import requires
from apps.ui.requests import user_of

MOST_VILLAGES = 50
MOST_LEFT_OUT = 50
MOST_OTHERS = 50
OTHERS = [status.value for status in CivilStatus if status != CivilStatus.MATCHED]
ANNEXES = {
    "csv": "annex_csv",
    "pdf": "annex_pdf",
    "whole-csv": "whole_csv",
    "whole-pdf": "whole_pdf",
    "differences": "differences_csv",
}
WHOLE = ("whole-csv", "whole-pdf")


@admin.register(Decree)
class DecreeAdmin(ScopedAdmin):
    """A decree is asked for once. A job puts its rows into the register, all or none."""

    view_permission = Permission.VIEW_DECREE
    manage_permission = Permission.DETERMINE_PROPOSAL
    change_list_template = "proposals/admin/decree_list.html"
    list_display = ("number", "date", "region", "status_chip", "user", "in_force_at")
    list_filter = ("status",)
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("region", "user")
    ordering = ("-pk",)
    verbs = (Verb("resume", gettext_lazy("Resume"), Permission.DETERMINE_PROPOSAL, confirm=True),)

    @admin.display(description=gettext_lazy("status"))
    def status_chip(self, decree: Decree) -> str:
        return chips.decree_status(decree.status)

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset.filter(scope.query("region__code")) if scope else queryset.none()

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.page("determine/", self.determine_view, "determine"),
            self.page("<path:object_id>/progress/", self.progress_view, "progress"),
            self.page("<path:object_id>/annex/<slug:kind>/", self.annex_view, "annex"),
            self.page("<path:object_id>/annul/", self.annul_view, "annul"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = user_of(request).has_perm(Permission.DETERMINE_PROPOSAL)
        answer: HttpResponse = super().changelist_view(
            request, {"title": _("Decrees"), "may_determine": may}
        )
        return answer

    @method_decorator(requires(Permission.DETERMINE_PROPOSAL))
    def determine_view(self, request: HttpRequest) -> HttpResponse:
        """Number, date and region; below, how many accepted rows wait in each regency.

        The first POST shows the page that counts what would be determined. The POST from that page,
        with the values it showed, makes the decree.
        """
        scope = scope_of(user_of(request), Permission.DETERMINE_PROPOSAL)
        chosen = region_choice.RegionForm(request.POST or request.GET)
        place = chosen.place(scope)
        if place is None and not chosen.sent["region_text"]:
            place = region_choice.only_region(scope)
        form = DecreeForm(request.POST if request.method == "POST" else None)
        wrong: dict[str, Any] = {}
        if request.method == "POST" and "back" not in form.data:
            wrong = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}
            if place is None:
                wrong["region"] = _("Choose the region that the decree is about.")
            if not wrong and place is not None:
                try:
                    if form.cleaned_data["expected"] is None:
                        return self._check(request, form, place)
                    if asked := step_up.confirmation_page(request):
                        return asked
                    return self._ask(request, form, place)
                except DomainError as refused:
                    field = "civil_reason" if refused.code == "civil_reason_missing" else "number"
                    wrong[field] = refused.text
        return self.render(
            request,
            "proposals/admin/decree_determine.html",
            title=_("Determine by decree"),
            form=form,
            wrong=wrong,
            place=place,
            accepted=accepted_rows.accepted_by_regency(place.code if place else "", scope),
            **_counted(place.code if place else COUNTRY, user_of(request)),
        )

    def _check(
        self, request: HttpRequest, form: DecreeForm, place: Any, changed: str = ""
    ) -> HttpResponse:
        """What the decree would determine, counted, before the step that cannot be undone.

        `changed`: the rows differ from those shown before. Raises: as `enqueue_decree`.
        """
        found = determination.check(**_given(request, form, place))
        return self.render(
            request,
            "proposals/admin/decree_check.html",
            title=_("Check before determining"),
            form=form,
            place=place,
            changed=changed,
            preview=found,
            left_out=determination.left_out_words(found.left_out),
            kinds=[(Proposal.Kind(kind).label, count) for kind, count in found.kinds.items()],
            villages=found.villages[:MOST_VILLAGES],
            more_villages=max(0, len(found.villages) - MOST_VILLAGES),
            identity=determination.in_words(found.identity),
            others=civil_check.others_in(found.civil),
            list_query=urlencode({"region": place.code, "status": ProposalStatus.ACCEPTED.value}),
        )

    def _ask(self, request: HttpRequest, form: DecreeForm, place: Any) -> HttpResponse:
        given = _given(request, form, place)
        shown = {"expected": form.cleaned_data["expected"], "seen": form.cleaned_data["seen"]}
        try:
            decree, _job = determination.enqueue_decree(**given, **shown)
        except DomainError as refused:
            if refused.code not in {"selection_changed", "selection_swapped"}:
                raise
            return self._check(request, form, place, changed=refused.text)
        return self.to_row(decree)

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        decree = self.row(request, object_id)
        user = user_of(request)
        parts = [part for make in determination.sections if (part := make(decree, user))]
        known = self._known(request, decree)
        if others := known.get("other_rows"):
            trail.note_listed(user, Selection(decree=decree.pk), others)
        return self.render(
            request, "proposals/admin/decree.html", title=str(decree), sections=parts, **known
        )

    @method_decorator(require_safe)
    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The progress fragment. At the end it reloads the page."""
        known = self._known(request, self.row(request, object_id))
        answer = self.render(request, "proposals/admin/_decree_progress.html", **known)
        return polling.reloading(answer, known["job"])

    @method_decorator(require_safe)
    def annex_view(self, request: HttpRequest, object_id: str, kind: str) -> HttpResponseBase:
        """The stored annex. The download is audited with the number of persons.

        The annex with whole numbers requires the permission to reveal them in the whole region.
        """
        decree = self.row(request, object_id)
        if kind in WHOLE and not _may_reveal(request, decree):
            raise Http404
        file = getattr(decree, ANNEXES.get(kind, ""), None)
        if not file:
            raise Http404
        rows = decree.counts.get("determined", 0)
        parcel = release.Parcel(decree.subject, kind, str(decree), decree.region_id, rows)
        release.need(parcel, user_of(request))
        record.entry(
            Action.EXPORT,
            about=decree,
            file=kind,
            rows=rows,
            numbers="whole" if kind in WHOLE else "masked",
            sha256=getattr(decree, f"{ANNEXES[kind]}_sha256"),
        )
        ending = "csv" if kind == "differences" else kind.rpartition("-")[2]
        part = "-lengkap" if kind in WHOLE else ""
        what = "selisih" if kind == "differences" else "lampiran"
        name = f"{what}-{slugify(decree.number)}{part}.{ending}"
        return FileResponse(file.open("rb"), as_attachment=True, filename=name)

    @method_decorator(requires(Permission.DETERMINE_PROPOSAL))
    def annul_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What an annulment would do, counted, and the form that asks for it."""
        decree = self.row(request, object_id)
        user = user_of(request)
        form = AnnulmentForm(request.POST if request.method == "POST" else None)
        wrong = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}
        differences: dict[str, int] = {}
        refusal = ""
        try:
            if request.method == "POST" and not wrong:
                if asked := step_up.confirmation_page(request):
                    return asked
                annulment.enqueue_annulment(
                    decree=decree, by=user, now=timezone.now(), **form.cleaned_data
                )
                return self.to_row(decree)
            annulment.require_open(decree=decree, by=user)
        except DomainError as refused:
            if refused.code in {"annul_number", "annul_reason"}:
                wrong[refused.code.removeprefix("annul_")] = refused.text
            else:
                refusal = refused.text
        is_counted = not refusal and annulment.is_counted(decree)
        if is_counted:
            differences = annulment.count_differences(decree=decree, by=user)
        return self.render(
            request,
            "proposals/admin/decree_annul.html",
            title=_("Annul a decree"),
            decree=decree,
            form=form,
            wrong=wrong,
            refusal=refusal,
            is_counted=is_counted,
            determined=decree.counts.get("determined", 0),
            differences=annulment.in_words(differences),
        )

    def do_resume(self, request: HttpRequest, decree: Decree) -> str:
        determination.resume(decree=decree, by=user_of(request), now=timezone.now())
        return _("The determination goes on.")

    def _known(self, request: HttpRequest, decree: Decree) -> dict[str, Any]:
        job = Job.objects.filter(subject=decree.subject).order_by("-pk").first()
        is_awaited = decree.status == Decree.Status.PREPARING or (
            # its annulment ended after the decree was read
            job is not None
            and job.kind == annulment.ANNUL
            and decree.status != Decree.Status.ANNULLED
        )
        return polling.watched(job, timezone.now(), is_awaited=is_awaited) | {
            "decree": decree,
            "may_reveal": bool(decree.whole_csv) and _may_reveal(request, decree),
            "poll": reverse(f"admin:{self._name('progress')}", args=[decree.pk]),
            "why": why(job) if job is not None else "",
            "afterwards": _afterwards(decree),
            "is_annulment": job is not None and job.kind == annulment.ANNUL,
            "may_annul": decree.status == Decree.Status.IN_FORCE
            and (job is None or job.kind != annulment.ANNUL or job.is_finished),
            "annulled": annulment.counts_in_words(decree),
            "identity": determination.in_words(decree.counts.get("identity", {})),
            "left_out": determination.left_out_words(decree.counts.get("left_out", {})),
            "left_out_rows": decree.counts.get("left_out_rows", [])[:MOST_LEFT_OUT],
            "may": scope_of(user_of(request), Permission.DETERMINE_PROPOSAL).contains(
                decree.region_id
            ),
            **_civil(decree, scope_of(user_of(request), Permission.VIEW_PROPOSAL)),
        }


def _counted(region: str, user: User) -> dict[str, Any]:
    """The states of the civil register for the rows that wait for a decree in a region."""
    counts = determination.civil_counts(region, user, timezone.now())
    query = {"status": ProposalStatus.ACCEPTED.value} | ({"region": region} if region else {})
    return {
        "civil": counts.items(),
        "others": civil_check.others_in(counts),
        "civil_address": f"{reverse('admin:proposals_proposal_civil')}?{urlencode(query)}"
        if any(counts.values())
        else "",
    }


def _civil(decree: Decree, scope: Any) -> dict[str, Any]:
    """How the civil register knew a decree's rows, and the first of those that did not match."""
    counts = decree.counts.get("civil", {})
    if not counts:
        return {"civil": None}
    rows = civil_check.others(Proposal.objects.filter(decree=decree).within(scope))
    shown = list(rows.select_related("village", "civil_match").order_by("pk")[:MOST_OTHERS])
    lines.load_lines(shown)
    query = urlencode({"decree": str(decree.pk), "civil": ",".join(OTHERS)})
    return {
        "civil": [(status, counts.get(status, 0)) for status in CivilStatus.values],
        "others": civil_check.others_in(counts),
        "other_rows": shown,
        "others_address": f"{reverse('admin:proposals_proposal_changelist')}?{query}",
    }


def _given(request: HttpRequest, form: DecreeForm, place: Any) -> dict[str, Any]:
    """The input of the form, as arguments of `determination`."""
    return {
        "number": form.cleaned_data["number"],
        "date": form.cleaned_data["date"],
        "region_code": place.code,
        "by": user_of(request),
        "now": timezone.now(),
        "civil_reason": form.cleaned_data["civil_reason"],
    }


def _may_reveal(request: HttpRequest, decree: Decree) -> bool:
    return scope_of(user_of(request), Permission.REVEAL_NIK).contains(decree.region_id)


def _afterwards(decree: Decree) -> list[Job]:
    """The failed jobs of other apps that follow the decree."""
    if decree.change_id is None:
        return []
    later = Job.objects.filter(subject=f"registry.Change:{decree.change_id}")
    return list(later.filter(status=Job.Status.FAILED).order_by("pk"))
