"""Shared by the pages of this app: a form on a page of its own, and a secret that is shown once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.admin_base import ScopedAdmin, ScopedInline, scope_of
from apps.accounts.models import Grant
from apps.accounts.signing_in import step_up
from apps.common.errors import DomainError
from apps.ui.requests import user_of


class AccountsAdmin(ScopedAdmin):
    """Pages with forms that give or take access."""

    def form_page(
        self,
        request: HttpRequest,
        form: forms.Form,
        title: str,
        act: Callable[[dict[str, Any]], HttpResponse],
    ) -> HttpResponse:
        """Show a form. When it is sent, do the act, or show on the same page why it is refused.

        These forms give or take access, so the second factor is asked for first.
        """
        if request.method == "POST" and form.is_valid():
            if asked := step_up.confirmation_page(request):
                return asked
            try:
                with transaction.atomic():
                    return act(form.cleaned_data)
            except DomainError as refused:
                form.add_error(None, refused.text)
        return self.render(request, "accounts/admin/form_page.html", title=title, form=form)

    def show_once(
        self, request: HttpRequest, title: str, shown: dict[str, str], back: str
    ) -> HttpResponse:
        """Show a secret once. It is not stored, so it cannot be shown again."""
        return self.render(
            request, "accounts/admin/secret_once.html", title=title, shown=shown, back=back
        )


class GrantInline(ScopedInline):
    """The grants of a user or agency, each with a button that ends it."""

    model = Grant
    view_permission = manage_permission = "accounts.manage_grant"
    fields = (
        "role",
        "region",
        "active_from",
        "active_until",
        "granted_by",
        "end",
    )
    readonly_fields = fields
    verbose_name_plural = gettext_lazy("grants")

    def get_queryset(self, request: HttpRequest) -> Any:
        scope = scope_of(user_of(request), self.manage_permission)
        queryset: Any = super().get_queryset(request)
        return queryset.within(scope).select_related("region").order_by("-active_until", "-pk")

    def end(self, grant: Grant) -> str:
        """The button that ends the grant: it sends the surrounding form with its token."""
        if not grant.is_in_force:
            return _("ended")
        target = reverse("admin:accounts_grant_end", args=[grant.pk])
        return format_html(
            '<button type="submit" class="act danger" formaction="{}">{}</button>', target, _("End")
        )

    end.short_description = ""  # type: ignore[attr-defined]
