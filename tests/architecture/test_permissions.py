"""Every address says who may open it, by one decorator or by a permission class of the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.roles import Permission
from apps.api.authentication import HoldsPermission
from apps.ui.permissions import required_of

# What asks no permission, and why. Everything else is decorated by `requires`.
OPEN = {
    "machines ask these, nobody is signed in": {"livez", "readyz"},
    "read before signing in": {"help", "help_chapter", "language", "schema", "api-docs"},
    "boundaries and their names are public": {
        "maps:layers",
        "maps:villages",
        "maps:boundaries",
        "maps:base",
    },
    "published aggregates, without small numbers (`indicators.pockets.open_features`)": {
        *("pockets:open-landing", "pockets:open-conformance", "pockets:open-collections"),
        *("pockets:open-collection", "pockets:open-items", "pockets:open-item"),
    },
    "the way in and out": {"login", "logout", "second_factor", "session"},
    "one's own account, also of a person without a grant": {
        *("password_change", "factor_setup", "passkey_add", "recovery_codes", "confirm"),
        *("profile", "sessions"),
    },
    "tells a person without a grant that there is none": {"home"},
    "a screen on the wall, let in by its cookie (`commandcentre.walls.devices`)": {
        *("commandcentre:wall", "commandcentre:wall-events", "commandcentre:wall-map"),
    },
    "an agency's secret or token is what is shown": {"oauth-token", "oauth-revoke"},
    "Django's own, closed by `AdminSite.has_permission` to a person without a grant": {
        *("admin:index", "admin:app_list", "admin:jsi18n", "admin:autocomplete", "admin:"),
        *("admin:login", "admin:logout", "admin:password_change", "admin:password_change_done"),
    },
}


def views() -> Iterator[tuple[str, Any]]:
    """(name with its namespace, view) of every address."""
    yield from _walk(get_resolver().url_patterns, "")


def _walk(patterns: list[URLPattern | URLResolver], space: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name or ''}", pattern.callback


def test_every_address_asks_a_permission_or_is_listed_with_a_reason():
    found = list(views())
    assert len(found) > 200
    listed = set[str]().union(*OPEN.values())
    unnamed = {name for name, view in found if not _asks(view)}
    assert unnamed == listed


def test_what_is_asked_is_a_permission_of_the_portal():
    asked = {
        permission
        for _name, view in views()
        if (required := required_of(view)) is not None
        for permission in (*required.to_look, *required.to_send)
    }
    assert asked <= set(Permission)
    assert len(asked) > 20


def _asks(view: Any) -> bool:
    if required_of(view) is not None:
        return True
    api: Any = getattr(view, "cls", None)
    if HoldsPermission not in getattr(api, "permission_classes", ()):
        return False
    return set(api.permissions_by_method) == set(api.scopes_by_method) != set()
