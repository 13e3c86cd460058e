"""What proposals tell on a person's page: their own way, decrees with their files, the civil
register's answer.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.proposals.models import Decree, Proposal
from apps.registry.models import Change, Person
from apps.registry.reading import Link, TimelineEntry

# Proposals of one person in the timeline, the newest.
MOST: Final = 20


def timeline(person: Person, by: User) -> list[TimelineEntry]:
    """An entry for each proposal under the person's NIK, as far as the user may view it.

    Queries: one, or none without a NIK.
    """
    found = _proposals(person, by)
    return [
        TimelineEntry(
            row.step_at,
            _("Proposal for {programme}: {status}").format(
                programme=row.programme_id, status=row.get_status_display()
            ),
            links=(
                Link(
                    _("Proposal"),
                    reverse("proposals:review_row", args=[row.pk]),
                ),
            ),
        )
        for row in found
    ]


def facts(person: Person, by: User) -> list[tuple[str, str]]:
    """The civil register's last answer about a proposal of this person. Queries: one."""
    asked = [row for row in _proposals(person, by) if getattr(row, "civil_match", None)]
    if not asked:
        return []
    last = max((row.civil_match for row in asked), key=lambda one: one.checked_at)
    day = date_format(last.checked_at, "DATE_FORMAT")
    words = _("{status} on {day} ({source})").format(
        status=last.get_status_display(), day=day, source=last.source
    )
    return [(_("Civil register"), words)]


def decree_links(changes: Collection[Change], by: User) -> dict[int, list[Link]]:
    """The page and the annex of each decree, for a user who may view decrees. Queries: one."""
    scope = scope_of(by, Permission.VIEW_DECREE, Permission.DETERMINE_PROPOSAL)
    if not scope:
        return {}
    decrees = Decree.objects.filter(
        scope.query("region__code"), change__in=[one.pk for one in changes]
    )
    return {decree.change_id: _links(decree) for decree in decrees if decree.change_id}


def _links(decree: Decree) -> list[Link]:
    links = [
        Link(
            _("Decree {number}").format(number=decree.number),
            reverse("admin:proposals_decree_change", args=[decree.pk]),
        )
    ]
    annex = (
        ("pdf", decree.annex_pdf, _("annex (PDF)")),
        ("csv", decree.annex_csv, _("annex (CSV)")),
    )
    links += [
        Link(label, reverse("admin:proposals_decree_annex", args=[decree.pk, kind]))
        for kind, file, label in annex
        if file
    ]
    return links


def _proposals(person: Person, by: User) -> list[Proposal]:
    if not person.nik:
        return []
    rows = Proposal.objects.within(scope_of(by, Permission.VIEW_PROPOSAL)).filter(nik=person.nik)
    return list(rows.select_related("civil_match").order_by("-step_at", "-pk")[:MOST])
