"""What the search and a person's page show, on screen and on paper."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.regions.models import Region
from apps.registry import person_fields, person_map, person_timeline, reading
from apps.registry.forms import RevealForm, SearchForm
from apps.registry.models import Person
from apps.ui.requests import user_of

# Entries of the access trail on the page.
MOST_OF_TRAIL: Final = 50


def searched(request: HttpRequest) -> dict[str, Any]:
    """The search form, and for POST the persons that were found."""
    form = SearchForm(request.POST or None)
    found: list[Person] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            found = reading.search(by=user_of(request), **form.cleaned_data)
        except DomainError as refused:
            form.add_error(None, refused.text)
    kept = reading.survivors(found or [], user_of(request))
    return {
        "title": _("Find a person"),
        "form": form,
        "found": None if found is None else [(one, kept.get(one.pk)) for one in found],
    }


def opened(
    request: HttpRequest, person_id: int, *, reveal: RevealForm | None = None
) -> dict[str, Any]:
    """A person's page; the read is recorded. With a valid reason it shows the whole number once.

    Raises: Http404 outside the scope.
    """
    user = user_of(request)
    person = reading.open_person(person_id=person_id, by=user)
    number = ""
    if reveal is not None and reveal.is_valid():
        try:
            number = reading.reveal(person=person, by=user, reason=reveal.cleaned_data["reason"])
        except DomainError as refused:
            reveal.add_error(None, refused.text)
    return _known(person, user) | {
        "number": number,
        "reveal_form": reveal or RevealForm(),
        "may_reveal": user.has_perm(Permission.REVEAL_NIK),
        "sections": [part for make in reading.sections if (part := make(person, user))],
    }


def printed(request: HttpRequest, person_id: int) -> dict[str, Any]:
    """The record on paper for the person concerned; recorded as an export.

    Raises: Http404 outside the scope.
    """
    user = user_of(request)
    person = reading.open_person(person_id=person_id, by=user)
    reading.note_printed(person, user)
    regions = scope_of(user, Permission.VIEW_PERSON).setting().split(",")
    names = Region.objects.filter(pk__in=regions).values_list("name", flat=True)
    return _known(person, user) | {
        "at": timezone.now(),
        "printed_by": user,
        "scope_names": list(names),
    }


def _known(person: Person, user: User) -> dict[str, Any]:
    """What screen and paper have in common."""
    fields = person_fields.fields_of(person)
    told = [part for explain in reading.explainers if (part := explain(person, user, fields))]
    has_trail = user.has_perm(Permission.VIEW_ACCESS_TRAIL)
    return {
        # no name in the title: it stays in the browser's history
        "title": _("Person in the register"),
        "person": person,
        "survivor": reading.survivors([person], user).get(person.pk),
        "merged": reading.merged_into(person, user),
        "facts": [fact for make in reading.facts for fact in make(person, user)],
        "lines": fields.lines,
        "explained": told,
        "claimed": sum(1 for line in fields.lines if any(lost.is_claimed for lost in line.lost)),
        "members": person.family.members.exclude(pk=person.pk).order_by("birth_date", "pk"),
        "enrolments": person.enrolments.select_related("programme").order_by("-active_from", "pk"),
        "map": person_map.drawn(person),
        "is_hidden": person_fields.is_hidden(person),
        "timeline": person_timeline.timeline_of(person, user),
        "trail": reading.access_trail(person)[:MOST_OF_TRAIL] if has_trail else None,
    }
