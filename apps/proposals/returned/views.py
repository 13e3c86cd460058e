"""Pages for the sender of returned proposals: the reason, the values, and submission again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.common.text.days import HINT
from apps.common.text.identity import NIK_LENGTH, digits, masked
from apps.jobs import polling
from apps.proposals import point_sentence
from apps.proposals.access import trail
from apps.proposals.checks import finding_texts as sentences
from apps.proposals.checks import findings
from apps.proposals.chips import verdict
from apps.proposals.entry import form_fields as form
from apps.proposals.entry import point
from apps.proposals.entry.forms import PointForm
from apps.proposals.fixes.mend_page import PAPERS, REASONS
from apps.proposals.messages import UNCHANGED, why
from apps.proposals.models import Amendment, Decision, Proposal
from apps.proposals.region_choice import ANCESTORS, regions_of
from apps.proposals.returned import amendment as amendments
from apps.proposals.returned.amendment import NOT_YOURS, OPEN_TWIN
from apps.proposals.returned.forms import AmendForm
from apps.proposals.review import decisions
from apps.proposals.selection import Selection
from apps.proposals.states import EvidenceKind, ProposalStatus
from apps.proposals.steps import ReturnReason, Step
from apps.proposals.submitting import row_papers, village_evidence
from apps.regions.editions import outlines as region_outlines
from apps.regions.models import Level, Region
from apps.registry.models import Programme
from apps.ui.fragments import is_fragment, refreshing
from apps.ui.paging import BY_ID, read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of

RELATIONS, MARRIED, DISABILITIES = form.RELATIONS, form.MARRIED, form.DISABILITIES
YES_NO = [("YA", gettext_lazy("yes")), ("TIDAK", gettext_lazy("no"))]
SEXES = [("L", gettext_lazy("Male")), ("P", gettext_lazy("Female"))]
KINDS = [
    ("BARU", gettext_lazy("New")),
    ("PERBAIKAN", gettext_lazy("Correction")),
    ("HAPUS", gettext_lazy("Removal")),
]
PERSON, HOUSE, CONDITION = "person", "house", "condition"
# Section, title → (column, label, help, choices): "day" is a day, "point" the point's own field.
SECTIONS: list[tuple[str, Any, list[tuple[str, Any, Any, Any]]]] = [
    (
        PERSON,
        gettext_lazy("Person"),
        [
            ("nik", "NIK", gettext_lazy("Leave it empty to keep %(shown)s."), None),
            ("kk", "No. KK", gettext_lazy("Leave it empty to keep %(shown)s."), None),
            ("name", gettext_lazy("Name"), "", None),
            ("relation", gettext_lazy("Relation"), "", RELATIONS),
            ("birth_place", gettext_lazy("Place of birth"), "", None),
            ("birth_date", gettext_lazy("Date of birth"), HINT, "day"),
            ("sex", gettext_lazy("Sex"), "", SEXES),
            ("mother_name", gettext_lazy("Mother's name"), "", None),
            ("occupation", gettext_lazy("Occupation"), "", None),
            ("marital_status", gettext_lazy("Marital status"), "", MARRIED),
            (
                "identity_note",
                gettext_lazy("Explanation of identity"),
                gettext_lazy(
                    "Only where the check says that this NIK is registered for somebody else: why"
                    " it is this person all the same."
                ),
                None,
            ),
        ],
    ),
    (
        HOUSE,
        gettext_lazy("House and point"),
        [
            ("village_code", gettext_lazy("Code of the village"), "", None),
            ("address", gettext_lazy("Address"), "", None),
            ("rt", "RT", "", None),
            ("rw", "RW", "", None),
            ("point", gettext_lazy("Latitude, longitude"), "", "point"),
        ],
    ),
    (
        CONDITION,
        gettext_lazy("Programme and condition"),
        [
            ("programme", gettext_lazy("Programme"), "", "programmes"),
            ("kind", gettext_lazy("Kind"), "", KINDS),
            ("reason", gettext_lazy("Reason of the removal"), "", REASONS),
            ("reason_date", gettext_lazy("Date of the event"), HINT, "day"),
            ("evidence_kind", gettext_lazy("Evidence"), "", PAPERS),
            ("evidence_number", gettext_lazy("Number of the evidence"), "", None),
            ("disability", gettext_lazy("Disability"), "", YES_NO),
            ("disability_kind", gettext_lazy("Kind of disability"), "", DISABILITIES),
            ("pregnant", gettext_lazy("Pregnant"), "", YES_NO),
            ("pregnancy_date", gettext_lazy("Pregnant since"), HINT, "day"),
            ("ppks", gettext_lazy("PPKS codes"), gettext_lazy("Several with ; between"), None),
        ],
    ),
]
IN_POINT = ("latitude", "longitude", "accuracy_m")
CELLS = {column: code for code, _title, fields in SECTIONS for column, *_rest in fields}
COLUMNS = [*(column for column in CELLS if column != "point"), *IN_POINT]
# The fields beside which a reviewer's reason is repeated.
AT_FIELDS = {
    ReturnReason.WRONG_POINT: ("point",),
    ReturnReason.NOT_FOUND: ("address",),
}
# The sections that a reason is about. Evidence belongs to the file; a free text is about no
# section.
COMPLAINED = {
    ReturnReason.WRONG_POINT: {HOUSE},
    ReturnReason.NOT_FOUND: {HOUSE},
    ReturnReason.WRONG_DATA: {PERSON},
    ReturnReason.MISSING_EVIDENCE: set[str](),
}
OWN_WORDS = {
    OPEN_TWIN: gettext_lazy(
        "This person is under review in another proposal for this programme. Withdraw this one, or"
        " correct the NIK."
    ),
    NOT_YOURS: gettext_lazy(
        "This village is outside your work. Its own officer proposes this family; withdraw this"
        " proposal, or correct the code."
    ),
}


@dataclass(frozen=True)
class Cell:
    """One field of the form."""

    name: str
    label: Any
    value: str
    help: str
    choices: list[tuple[str, Any]] | None
    wrong: list[str]
    remark: str
    kind: str = ""  # "day", "point"


@dataclass(frozen=True)
class Section:
    """Fields that fold together; open if something in them is to be mended."""

    code: str
    title: Any
    cells: list[Cell]
    is_open: bool

    @property
    def point(self) -> Cell | None:
        return next((cell for cell in self.cells if cell.kind == "point"), None)


@require_safe
@requires(Permission.UPLOAD_BATCH)
def page(request: HttpRequest) -> HttpResponse:
    """Fifty returned proposals in the order of their keys, the oldest first."""
    user = user_of(request)
    rows = amendments.returned_to(user).select_related("village")
    total = rows.count()
    listed = read_page(rows, BY_ID, request.GET)
    shown = listed.rows
    returns = amendments.returns_of(shown)
    trail.note_listed(user, Selection(status=(ProposalStatus.RETURNED.value,)), shown)
    return render(
        request,
        "proposals/returned/returned.html",
        {
            "rows": [{"proposal": row, "decision": returns.get(row.pk)} for row in shown],
            "total": total,
            "page": listed,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.UPLOAD_BATCH)
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """One returned proposal with its reason and its values; POST submits it again."""
    proposal = _row(request, pk)
    if request.method == "POST":
        return _send(request, proposal)
    if not is_fragment(request):
        trail.note_opened(proposal, by=user_of(request))
    return _show(request, proposal)


@require_POST
@requires(Permission.UPLOAD_BATCH)
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw the proposal for good."""
    user = user_of(request)
    proposal = _row(request, pk)
    try:
        decisions.decide(proposal=proposal, step=Step.WITHDRAW, by=user, now=timezone.now())
    except DomainError as refused:
        proposal.refresh_from_db()
        return _show(request, proposal, refused=refused.text)
    messages.success(request, _("The proposal is withdrawn ({number}).").format(number=proposal))
    return redirect(_following(request, proposal))


def _send(request: HttpRequest, proposal: Proposal) -> HttpResponse:
    """Enqueue the check of the typed values. Without changes the proposal is submitted as it is."""
    user = user_of(request)
    form = AmendForm(request.POST)
    typed = form.cells() | _typed_point(proposal, form.point())
    note = form.sent["note"]
    try:
        _amendment, job = amendments.amend(
            proposal=proposal, values=typed, by=user, now=timezone.now(), note=note
        )
    except DomainError as refused:
        text = refused.text
        proposal.refresh_from_db()
        return _show(request, proposal, refused=text, typed=typed, note=note)
    return redirect("proposals:returned_row", proposal.pk)


def _typed_point(proposal: Proposal, text: str | None) -> dict[str, str]:
    """Degrees of a typed point; none if it is the present one.

    A point that cannot be read is passed to the checks as text; their finding is shown beside the
    field.
    """
    if text is None or text.strip() == _standing_point(proposal):
        return {}
    if not text.strip():
        return {"latitude": "", "longitude": ""}
    known = point.read_typed(text[:600])
    if known.latitude is None or known.longitude is None:
        return {"latitude": text.strip()[:300], "longitude": text.strip()[:300]}
    return {"latitude": f"{known.latitude:.6f}", "longitude": f"{known.longitude:.6f}"}


def _standing_point(proposal: Proposal) -> str:
    spot = proposal.location
    return f"{spot.y:.5f}, {spot.x:.5f}" if spot is not None else ""


def _written_point(proposal: Proposal, typed: dict[str, str]) -> str:
    """The text of the point field: the typed text, else the proposal's point."""
    if "latitude" not in typed and "longitude" not in typed:
        return _standing_point(proposal)
    both = (typed.get("latitude", ""), typed.get("longitude", ""))
    return both[0] if both[0] == both[1] else ", ".join(both)


def _show(
    request: HttpRequest,
    proposal: Proposal,
    *,
    refused: str = "",
    typed: dict[str, str] | None = None,
    note: str = "",
) -> HttpResponse:
    last = amendments.returns_of([proposal]).get(proposal.pk)
    asked = _latest(proposal, last)
    is_returned = proposal.status == ProposalStatus.RETURNED
    stopped = _stopped(asked) if is_returned and asked and typed is None else ""
    errors = _errors(asked) if is_returned and asked and not typed else {}
    if is_returned and asked and asked.status == Amendment.Status.REFUSED and typed is None:
        typed, note = asked.values, asked.note
    is_checking = is_returned and asked and asked.status == Amendment.Status.ASKED
    watched = _watched(request, asked) if is_checking and asked else {}
    if is_fragment(request):
        answer = render(request, "proposals/returned/_amendment_progress.html", watched)
        # the whole page, so that the script of the point runs
        return answer if is_checking else refreshing(answer)
    return render(
        request,
        "proposals/returned/returned_row.html",
        watched
        | {
            "title": f"{_('Returned proposal')}, {proposal}",
            "proposal": proposal,
            "decision": last,
            "is_returned": is_returned,
            "is_checking": is_checking,
            "following": _following(request, proposal) if not is_returned else "",
            "refused": refused or stopped,
            "errors": errors,
            "sections": _sections(proposal, typed or {}, errors, last) if is_returned else [],
            "note": note,
            "sentence": point_sentence.sentence(proposal),
            "findings": findings.of_proposal(proposal),
            **(_documents_of(proposal, last) if is_returned else {}),
            **(_point(proposal, typed or {}) if is_returned else {}),
        },
    )


def _watched(request: HttpRequest, asked: Amendment) -> dict[str, Any]:
    """The progress of the check of the typed values."""
    known = polling.watched(amendments.job_of(asked), timezone.now(), is_awaited=True)
    return known | {"poll": request.path}


def _documents_of(proposal: Proposal, last: Decision | None) -> dict[str, Any]:
    """What proves the row: whether its paper is here, and the forms by which it is sent."""
    is_asked = last is not None and last.reason == ReturnReason.MISSING_EVIDENCE
    lacks = row_papers.is_lacking(proposal)
    by_minutes = proposal.evidence_kind == EvidenceKind.MINUTES
    is_new = proposal.kind == Proposal.Kind.NEW
    return {
        "lacks_paper": lacks,
        "papers": row_papers.of_proposal(proposal),
        "may_add_paper": not is_new and (lacks or is_asked),
        "wants_village": (is_asked and (is_new or by_minutes)) or (lacks and by_minutes),
        "document": village_evidence.counting_for(proposal.batch_id)
        .filter(region=proposal.village_id)
        .first(),
    }


def _point(proposal: Proposal, typed: dict[str, str]) -> dict[str, Any]:
    """The values for the point field: where it lies, and its accuracy."""
    village = Region.objects.filter(code=proposal.village_id).select_related(ANCESTORS).first()
    looked = point.locate_typed(_written_point(proposal, typed), village)
    metres = typed.get("accuracy_m", amendments.cells_of(proposal)["accuracy_m"])
    return {
        "house": {
            "look": looked,
            "chip": verdict(looked.verdict) if looked.verdict else "",
            "accuracy": point.accuracy_words(metres),
        },
        "accuracy_m": metres,
    }


def _latest(proposal: Proposal, last: Decision | None) -> Amendment | None:
    """The newest amendment since the proposal came back."""
    found = Amendment.objects.filter(proposal=proposal).order_by("-pk")
    return (found.filter(at__gte=last.at) if last else found).first()


def _stopped(asked: Amendment) -> str:
    """Why the last check did not end; "" if it ended."""
    if asked.status != Amendment.Status.REFUSED or asked.errors:
        return ""
    job = amendments.job_of(asked)
    return why(job, UNCHANGED) if job is not None else ""


def _errors(asked: Amendment) -> dict[str, list[str]]:
    """Column → what must still be mended there."""
    errors: dict[str, list[str]] = {}
    for error in asked.errors:
        own = OWN_WORDS.get(error["code"])
        if own is None:
            told = sentences.text(error["code"], params=error["params"], field=error["field"])
            words = f"{told.title} {told.remedy}"
        else:
            words = str(own)
        field = "point" if error["field"] in IN_POINT else error["field"]
        field = field if field in CELLS else "name"
        errors.setdefault(field, []).append(words)
    return errors


def _sections(
    proposal: Proposal,
    typed: dict[str, str],
    errors: dict[str, list[str]],
    last: Decision | None,
) -> list[Section]:
    cells = amendments.cells_of(proposal)
    shown = {"nik": proposal.masked_nik, "kk": proposal.masked_kk}
    for name in shown:
        if is_whole(typed.get(name, "")):  # a number that could be somebody's is shown masked
            shown[name] = masked(typed[name])
            typed = typed | {name: ""}
    marked = AT_FIELDS.get(ReturnReason(last.reason), ()) if last and last.reason else ()
    programmes = [(one.code, one.name) for one in Programme.objects.order_by("code")]

    def cell(name: str, label: Any, text: Any, choices: Any) -> Cell:
        current = "" if name in amendments.KEPT_WHEN_EMPTY else cells.get(name, "")
        help_text = str(text) % {"shown": shown[name]} if name in shown else str(text)
        if name == "village_code":
            help_text = str(proposal.village)
        return Cell(
            name=name,
            label=label,
            value=_written_point(proposal, typed) if name == "point" else typed.get(name, current),
            help=help_text,
            choices=_choices(programmes if choices == "programmes" else choices, current),
            kind=choices if choices in ("day", "point") else "",
            wrong=errors.get(name, []),
            remark=last.note if last and name in marked else "",
        )

    complained = _complained(proposal, errors, last)
    return [
        Section(code, title, [cell(*field) for field in fields], code in complained)
        for code, title, fields in SECTIONS
    ]


def _choices(choices: Any, current: str) -> list[tuple[str, Any]] | None:
    """The choices of a coded field; an unknown present value is added to them."""
    if choices is None or isinstance(choices, str):
        return None
    unknown = [(current, current)] if current not in {code for code, _label in choices} else []
    return [*unknown, *choices]


def _complained(
    proposal: Proposal, errors: dict[str, list[str]], last: Decision | None
) -> set[str]:
    """The sections that the reviewer, the checks or the last try point out."""
    everything = {code for code, _title, _fields in SECTIONS}
    reason = ReturnReason(last.reason) if last and last.reason else None
    found = {CELLS[name] for name in errors}
    if found:
        return found
    if reason is None or reason not in COMPLAINED:
        return everything
    for field in findings.fields_of(proposal):
        found.add(CELLS.get("point" if field in IN_POINT else field, ""))
    return found | COMPLAINED[reason]


def is_whole(number: str) -> bool:
    return len(digits(number)) == NIK_LENGTH


@require_POST
@requires(Permission.UPLOAD_BATCH)
def point_verdict(request: HttpRequest, pk: int) -> JsonResponse:
    """Where a point lies, for the sentence under the field. POST: a point is personal data."""
    proposal = _row(request, pk)
    given = PointForm(request.POST).sent
    looked = point.locate_typed(given["point"], _village(request, proposal, given["village_code"]))
    return JsonResponse(point.as_answer(looked, given["accuracy_m"]))


@require_safe
@requires(Permission.UPLOAD_BATCH)
def outlines(request: HttpRequest, pk: int) -> JsonResponse:
    """The village and its neighbours for the light map."""
    return JsonResponse(region_outlines.surroundings(_row(request, pk).village_id))


def _village(request: HttpRequest, proposal: Proposal, typed: str) -> Region | None:
    """The typed village, if it is one of this person's; else the proposal's."""
    user = user_of(request)
    mine = regions_of(scope_of(user, Permission.UPLOAD_BATCH)).filter(level=Level.VILLAGE)
    villages = Region.objects.select_related(ANCESTORS)
    found = mine.filter(code=typed.strip()[:13]).first()
    return villages.filter(code=found.code if found else proposal.village_id).first()


def _row(request: HttpRequest, pk: int) -> Proposal:
    """A proposal that this person sent or has to mend. Raises: Http404.

    A proposal that was decided meanwhile is still shown, so that its sender sees the result.
    """
    user = user_of(request)
    rows = Proposal.objects.within(scope_of(user, Permission.VIEW_PROPOSAL))
    # no join: the file of a wider region may lie outside the scope of somebody who mends its row
    found = rows.select_related("village", "actual_village").filter(pk=pk).first()
    if found is None or not _is_theirs(found, user):
        raise Http404
    return found


def _is_theirs(proposal: Proposal, user: User) -> bool:
    if amendments.returned_to(user).filter(pk=proposal.pk).exists():
        return True
    return Amendment.objects.filter(proposal=proposal, user=user).exists()


def _following(request: HttpRequest, proposal: Proposal) -> str:
    """The next returned proposal, else the list."""
    user = user_of(request)
    rest = amendments.returned_to(user).exclude(pk=proposal.pk).order_by("pk")
    following = rest.filter(pk__gt=proposal.pk).first() or rest.first()
    if following is None:
        return reverse("proposals:returned")
    return reverse("proposals:returned_row", args=[following.pk])


urlpatterns = [
    path("returned/", page, name="returned"),
    path("returned/<int:pk>/", row, name="returned_row"),
    path("returned/<int:pk>/point/", point_verdict, name="returned_point"),
    path("returned/<int:pk>/outlines.json", outlines, name="returned_outlines"),
    path("returned/<int:pk>/withdraw/", withdraw, name="returned_withdraw"),
]
