"""What the pages of this app share: a plain form on a page of its own, and a secret shown once."""

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


class AccountsAdmin(ScopedAdmin):
    """Pages with forms that give or take access."""

    def form_page(
        self,
        request: HttpRequest,
        form: forms.Form,
        title: str,
        act: Callable[[dict[str, Any]], HttpResponse],
    ) -> HttpResponse:
        """Show a form; when it is filled, do the act, or say on the same page why not.

        What is done here gives or takes access: the second factor is asked for before.
        """
        if request.method == "POST" and form.is_valid():
            if asked := step_up.confirmation_page(request):
                return asked
            try:
                with transaction.atomic():
                    return act(form.cleaned_data)
            except DomainError as refused:
                form.add_error(None, refused.text)
        return self.render(request, "accounts/form_page.html", title=title, form=form)

    def show_once(
        self, request: HttpRequest, title: str, shown: dict[str, str], back: str
    ) -> HttpResponse:
        """A secret on a page that is stored nowhere; there is no way to see it again."""
        return self.render(
            request, "accounts/secret_once.html", title=title, shown=shown, back=back
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
        scope = scope_of(request.user, self.manage_permission)
        queryset: Any = super().get_queryset(request)
        return queryset.within(scope).select_related("region").order_by("-active_until", "-pk")

    def end(self, grant: Grant) -> str:
        """The surrounding form sends itself, with its token, to the verb of the grant."""
        if not grant.is_in_force:
            return _("ended")
        target = reverse("admin:accounts_grant_end", args=[grant.pk])
        return format_html(
            '<button type="submit" class="act danger" formaction="{}">{}</button>', target, _("End")
        )

    end.short_description = ""  # type: ignore[attr-defined]
