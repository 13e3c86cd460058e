"""The admin, where Pusdatin works: opened by a grant, its changes written to the audit trail."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _


class PortalAdminConfig(AdminConfig):
    default_site = "portal.admin_site.PortalAdminSite"


class PortalAdminSite(admin.AdminSite):
    site_title = _("DTKS portal")
    site_header = _("DTKS portal – administration")
    index_title = _("What waits for you")
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only pages that keep to the scope; those of packages (groups, tokens) stay out."""
        from apps.audit.admin_base import ScopedAdmin  # noqa: PLC0415 (needs a ready registry)

        if admin_class is not None and issubclass(admin_class, ScopedAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def login(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """One sign-in for the whole portal, with its limits."""
        from django.contrib.auth.views import redirect_to_login  # noqa: PLC0415 (needs a ready registry)

        return redirect_to_login(request.get_full_path())

    def autocomplete_view(self, request: HttpRequest) -> Any:
        """Closed: it would list rows by guessing."""
        raise Http404
