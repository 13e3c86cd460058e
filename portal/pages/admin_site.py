"""The admin, where Pusdatin works: a grant opens it, and its pages are grouped by work."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import Http404, HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.ui.requests import signed_in_user

# In the order of the work; other models come last, under their app's name.
WORK: list[tuple[Any, list[str]]] = [
    (_("From file to register"), ["proposals.batch", "proposals.proposal", "proposals.decree"]),
    (
        _("Register"),
        ["registry.person", "registry.family", "registry.change", "registry.programme"],
    ),
    (_("Reconciliation"), ["reconciliation.source", "reconciliation.dataset"]),
    (
        _("Command centre"),
        [
            *("commandcentre.facility", "commandcentre.stockitem", "commandcentre.good"),
            "commandcentre.responder",
        ],
    ),
    (
        _("Indicators"),
        [
            *("indicators.indicator", "indicators.release", "indicators.publication"),
            *("indicators.knownname", "indicators.service"),
        ],
    ),
    (_("Regions and boundaries"), ["regions.boundaryedition", "regions.region"]),
    (
        _("Users and grants"),
        ["accounts.user", "accounts.grant", "accounts.agency", "accounts.client"],
    ),
    (_("Calendar and operation"), ["casework.cycle", "jobs.job"]),
    (_("Audit trail"), ["audit.entry", "audit.seal", "accounts.readcount"]),
]


class PortalAdminConfig(AdminConfig):
    default_site = "portal.pages.admin_site.PortalAdminSite"


class PortalAdminSite(admin.AdminSite):
    site_title = _("DTKS portal")
    site_header = _("DTKS portal")
    index_title = _("Administration")
    # the top bar links to the work; the width is for lists and maps
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """For every active user who holds a grant now; the request has read the grants already."""
        from apps.accounts.access import grants_of  # noqa: PLC0415 (needs a ready registry)

        return bool(grants_of(signed_in_user(request)))

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register only pages with a scope; pages of packages (groups, tokens) are left out."""
        from apps.audit.admin_base import ScopedAdmin  # noqa: PLC0415 (needs a ready registry)

        if admin_class is not None and issubclass(admin_class, ScopedAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Redirect to the portal's one sign-in, which has limits."""
        from django.contrib.auth.views import redirect_to_login  # noqa: PLC0415 (needs a ready registry)

        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password_change")

    @method_decorator(require_safe)
    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("password_change")

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Closed: it would reveal rows to guesses."""
        raise Http404

    def get_urls(self) -> list[Any]:
        """Without Django's `r/<type>/<id>/`, which would reveal which rows of any table exist."""
        return [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The models that the user may open, grouped by work."""
        listed = super().get_app_list(request, app_label)
        if app_label is not None:
            return listed
        models = {
            f"{app['app_label']}.{model['object_name'].lower()}": model
            for app in listed
            for model in app["models"]
        }
        groups = [(name, [models.pop(key) for key in keys if key in models]) for name, keys in WORK]
        groups += [
            (app["name"], [model for model in app["models"] if model in models.values()])
            for app in listed
        ]
        return [
            {"name": name, "app_label": "", "app_url": "", "has_module_perms": True, "models": rows}
            for name, rows in groups
            if rows
        ]
