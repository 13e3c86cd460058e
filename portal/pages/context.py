"""The frame of every page: the role's menu items, region, role and cycle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.access import permissions_of
from apps.accounts.authentication import sessions
from apps.accounts.models import Grant, User
from apps.accounts.roles import Permission
from apps.casework.calendar import calendar_on
from apps.casework.models import Notice
from apps.proposals.steps import steps_of
from apps.ui.requests import signed_in_user
from portal.page_addresses import OFFICERS_PAGES, address, is_officer, list_address
from portal.pages import help as help_pages


@dataclass(frozen=True)
class Item:
    """An entry of the top bar."""

    label: str
    url: str
    is_current: bool


# In this order; an item without permission is left out, not disabled. These are Pusdatin's.
ITEMS: list[tuple[Any, str, Permission]] = [
    (gettext_lazy("Files"), "proposals.Batch", Permission.VIEW_BATCH),
    (gettext_lazy("Proposals"), "proposals.Proposal", Permission.VIEW_PROPOSAL),
    (gettext_lazy("Decrees"), "proposals.Decree", Permission.VIEW_DECREE),
    (gettext_lazy("Register"), "registry.Person", Permission.VIEW_PERSON),
    (gettext_lazy("Reconciliation"), "/reconciliation/", Permission.VIEW_RUN),
    (gettext_lazy("Questions"), "/reconciliation/conflicts/", Permission.VIEW_CONFLICT),
    (gettext_lazy("Command centre"), "/command-centre/", Permission.VIEW_HAZARD),
    (gettext_lazy("Maps"), "/maps/", Permission.VIEW_INDICATOR),
    (gettext_lazy("Boundaries"), "regions.BoundaryEdition", Permission.VIEW_EDITION),
]

# A reviewer of pairs gets them first: on a phone only the first three items are visible.
STEWARDS_FIRST = ("/reconciliation/", "/reconciliation/conflicts/")

# The regional chain works in the officers' pages, and in the admin where no such page exists.
OFFICERS_ITEMS: list[tuple[Any, str, Permission]] = [
    (gettext_lazy("Files"), "/proposals/batches/", Permission.VIEW_BATCH),
    (gettext_lazy("Proposals"), "/proposals/review/", Permission.VIEW_PROPOSAL),
    (gettext_lazy("Register"), "registry.Person", Permission.VIEW_PERSON),
    (gettext_lazy("Questions"), "/reconciliation/conflicts/", Permission.VIEW_CONFLICT),
    (gettext_lazy("Decrees"), "proposals.Decree", Permission.VIEW_DECREE),
    (gettext_lazy("Maps"), "/maps/", Permission.VIEW_INDICATOR),
    (gettext_lazy("Users"), "accounts.User", Permission.VIEW_USER),
]

PROPOSALS = {"proposals.Proposal", OFFICERS_PAGES["proposals.Proposal"]}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Lazy: a page without a frame runs no query for it."""
    return {
        "frame_items": SimpleLazyObject(lambda: items(request)),
        "frame_is_officer": SimpleLazyObject(lambda: _is_officers(request)),
        "frame_help": SimpleLazyObject(lambda: _help(request)),
        "frame_session": SimpleLazyObject(lambda: sessions.frame(request)),
        "frame_grants": SimpleLazyObject(lambda: _grants(request)),
        "frame_calendar": SimpleLazyObject(lambda: calendar_on(timezone.localdate())),
        "frame_unread": SimpleLazyObject(lambda: _unread(request)),
    }


def _help(request: HttpRequest) -> str:
    user = signed_in_user(request)
    return help_pages.address_for(request.path, is_officer=user is not None and is_officer(user))


def items(request: HttpRequest) -> list[Item]:
    """The top bar of the user."""
    user = signed_in_user(request)
    if user is None:
        return []
    held = permissions_of(user)
    listed = [(_("Home"), reverse("home"))]
    shown = OFFICERS_ITEMS if is_officer(user) else ITEMS
    if Permission.REVIEW_PAIR in held:
        shown = sorted(shown, key=lambda item: item[1] not in STEWARDS_FIRST)
    listed += [
        (label, _with_queue(user, page, address(user, page)))
        for label, page, wanted in shown
        if wanted in held
    ]
    # officers use the officers' pages; a user administrator also gets regions and grants there
    if held and (not is_officer(user) or Permission.VIEW_USER in held):
        listed.append((_("Administration"), reverse("admin:index")))
    path = request.path if is_officer(user) else _admin_path(request.path)
    return [Item(str(label), url, _is_current(path, url, listed)) for label, url in listed if url]


def _with_queue(user: User, page: str, url: str) -> str:
    """A user who takes steps starts with the proposals that wait for them; "All" is beside it."""
    if page not in PROPOSALS or not url:
        return url
    statuses = sorted(status.value for status in steps_of(user))
    return f"{url}?{urlencode({'status': ','.join(statuses)})}" if statuses else url


def _is_officers(request: HttpRequest) -> bool:
    """Whether the page is shown to the regional chain, which does not use the admin."""
    user = signed_in_user(request)
    if user is None or not is_officer(user):
        return False
    return Permission.VIEW_USER not in permissions_of(user)


def _unread(request: HttpRequest) -> int:
    user = signed_in_user(request)
    return 0 if user is None else Notice.objects.of(user).unread().count()


def _admin_path(path: str) -> str:
    """The admin's list that a page of the portal belongs to, for those whose menu leads there."""
    for model, place in OFFICERS_PAGES.items():
        if path.startswith(place):
            return list_address(model) or path
    return path


def _is_current(path: str, url: str, listed: list[tuple[Any, str]]) -> bool:
    """Whether this item has the longest address that contains the page."""
    places = [other.partition("?")[0] for _label, other in listed if other]
    under = [place for place in places if path.startswith(place)]
    place = url.partition("?")[0]
    return place == max(under, key=len, default="") and (place != reverse("home") or path == place)


def _grants(request: HttpRequest) -> list[Grant]:
    user = signed_in_user(request)
    if user is None:
        return []
    return list(user.grants.at(timezone.now()).select_related("region").order_by("pk"))
