"""The register in the admin: search first, read only, every read recorded."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.dateparse import parse_date
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.admin_base import ScopedAdmin
from apps.common.errors import DomainError
from apps.common.identity import masked
from apps.regions.models import Region
from apps.registry import reading
from apps.registry.forms import RevealForm, SearchForm
from apps.registry.models import Person, Programme
from apps.ui.permissions import requires
from apps.ui.requests import user_of

# Fields of claims that belong to the family.
FAMILY_FIELDS = ("kk", "address", "rt", "rw", "location")
# The fields on a person's page, in this order.
FIELDS = (
    "name",
    "title",
    "birth_place",
    "birth_date",
    "sex",
    "mother_name",
    "relation",
    "occupation",
    "marital_status",
    "disability_kind",
    "status",
)


@admin.register(Person)
class PersonAdmin(ScopedAdmin):
    """The list is a search; a person's page records one read and shows numbers masked."""

    view_permission = manage_permission = "registry.view_person"

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        form = SearchForm(request.POST or None)
        found: list[Person] | None = None
        if request.method == "POST" and form.is_valid():
            try:
                found = reading.search(by=user_of(request), **form.cleaned_data)
            except DomainError as refused:
                form.add_error(None, refused.text)
        kept = reading.survivors(found or [], user_of(request))
        return self.render(
            request,
            "registry/search.html",
            title=_("Find a person"),
            form=form,
            found=None if found is None else [(one, kept.get(one.pk)) for one in found],
        )

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._person(request, self.row(request, object_id).pk)

    def extra_urls(self) -> list[URLPattern]:
        return [self.page("<path:object_id>/reveal/", self.reveal_view, "reveal")]

    def trail(self, row: Person) -> Any:
        return reading.access_trail(row)

    @method_decorator(requires("registry.view_person", to_send=("registry.reveal_nik",)))
    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST with a reason: the same page, once with the full number."""
        person_id = self.row(request, object_id).pk
        if request.method != "POST":
            return self._person(request, person_id)
        return self._person(request, person_id, reveal=RevealForm(request.POST))

    def _person(
        self, request: HttpRequest, person_id: int, reveal: RevealForm | None = None
    ) -> HttpResponse:
        user = user_of(request)
        person = reading.open_person(person_id=person_id, by=user)
        number = ""
        if reveal is not None and reveal.is_valid():
            try:
                number = reading.reveal(
                    person=person, by=user, reason=reveal.cleaned_data["reason"]
                )
            except DomainError as refused:
                reveal.add_error(None, refused.text)
        may_see_trail = user.has_perm("registry.view_access_trail")
        return self.render(
            request,
            "registry/person.html",
            title=person.name,
            person=person,
            survivor=reading.survivors([person], user).get(person.pk),
            merged=reading.merged_into(person, user),
            number=number,
            fields=_fields(person),
            members=person.family.members.exclude(pk=person.pk).order_by("birth_date", "pk"),
            enrolments=person.enrolments.select_related("programme").order_by("-active_from", "pk"),
            history=reading.history(person),
            claims=[(_label_of(person, one.field), one) for one in reading.claims(person)],
            differing=_differing(person),
            trail=reading.access_trail(person)[:50] if may_see_trail else None,
            sections=[part for make in reading.sections if (part := make(person, user))],
            reveal_form=reveal or RevealForm(),
            may_reveal=user.has_perm("registry.reveal_nik"),
        )


@admin.register(Programme)
class ProgrammeAdmin(ScopedAdmin):
    """The programmes, read only."""

    view_permission = manage_permission = "registry.view_person"
    list_display = ("code", "name")

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset.order_by("code") if scope else queryset.none()


def _fields(person: Person) -> list[dict[str, Any]]:
    """Label, value and origin of each field, from the row and its Change."""
    origins = reading.origins(person)
    return [
        {
            "label": _label(person, field),
            "value": getattr(person, f"get_{field}_display", lambda f=field: getattr(person, f))(),
            "origin": origins.get(field, person.change),
        }
        for field in FIELDS
    ]


def _differing(person: Person) -> list[dict[str, Any]]:
    """Claims of decrees that differ from the register: label, both values, the claim."""
    found = []
    for claim in reading.untaken(person).select_related("village"):
        standing = _standing(person, claim.field)
        if claim.value != standing:
            found.append(
                {
                    "label": _label_of(person, claim.field),
                    "standing": _shown_value(claim.field, standing),
                    "claimed": _shown_value(claim.field, claim.value),
                    "claim": claim,
                }
            )
    return found


def _standing(person: Person, field: str) -> str:
    """The register's value for the field of a claim, in the format of claims."""
    if field == "village":
        return person.village_id
    row: Model = person.family if field in FAMILY_FIELDS else person
    value = getattr(row, field)
    if field == "location":
        return f"{value.y:.6f}, {value.x:.6f}" if value else ""
    if field == "ppks":
        return ";".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _shown_value(field: str, value: str) -> str:
    """A claim's value for the page: numbers masked, dates and codes in words."""
    if field == "kk":
        return masked(value)
    if field == "sex" and value in Person.Sex.values:
        return str(Person.Sex(value).label)
    if field == "village":
        region = Region.objects.filter(pk=value).first()
        return f"{region.name} ({value})" if region else value
    day = parse_date(value) if field == "birth_date" and value else None
    return date_format(day, "DATE_FORMAT") if day else value


def _label_of(person: Person, field: str) -> str:
    if field == "kk":
        return "No. KK"
    return _label(person.family if field in FAMILY_FIELDS else person, field)


def _label(row: Model, field: str) -> str:
    return str(row._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
