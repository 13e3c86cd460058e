"""Agencies and their API clients. Every button calls one function of `agencies` or `grants`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.admin.forms import AgencyForm, ClientForm, PeriodForm
from apps.accounts.admin.pages import AccountsAdmin, GrantInline
from apps.accounts.admin_base import ScopedInline, Verb
from apps.accounts.models import Agency, Client
from apps.accounts.people import agencies, grants
from apps.accounts.roles import Permission, Role
from apps.ui.requests import user_of

SWITCHES = (
    Verb("disable", gettext_lazy("Disable"), Permission.MANAGE_CLIENT, danger=True, confirm=True),
    Verb("enable", gettext_lazy("Enable"), Permission.MANAGE_CLIENT, confirm=True),
)


class _ClientsAdmin(AccountsAdmin):
    """Agencies belong to no region, so managing them needs a permission for the whole country."""

    view_permission = manage_permission = Permission.MANAGE_CLIENT

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset if scope.is_national else queryset.none()

    def verbs_for(self, request: HttpRequest, row: Any) -> list[Verb]:
        hidden = {"enable"} if row.is_active else {"disable", "renew_secret"}
        return [verb for verb in self.verbs if verb.name not in hidden]

    def do_disable(self, request: HttpRequest, row: Any) -> str:
        agencies.switch(row=row, is_active=False, by=user_of(request), now=timezone.now())
        return _("%(name)s is disabled. Its tokens ended at once.") % {"name": row}

    def do_enable(self, request: HttpRequest, row: Any) -> str:
        agencies.switch(row=row, is_active=True, by=user_of(request), now=timezone.now())
        return _("%(name)s may call again.") % {"name": row}

    def secret_page(self, request: HttpRequest, client: Client, secret: str) -> HttpResponse:
        shown = {_("Client id"): client.client_id, _("Secret"): secret}
        back = reverse("admin:accounts_agency_change", args=[client.agency_id])
        title = _("Secret of %(name)s") % {"name": client.name}
        return self.show_once(request, title, shown, back)


class ClientInline(ScopedInline):
    model = Client
    view_permission = manage_permission = Permission.MANAGE_CLIENT
    fields = ("name", "client_id", "allowed_scopes", "is_active", "created")
    readonly_fields = fields
    show_change_link = True


@admin.register(Agency)
class AgencyAdmin(_ClientsAdmin):
    list_display = ["code", "name", "purpose", "is_active"]
    list_filter = ["is_active"]
    ordering = ["code"]
    fields = ("code", "name", "legal_basis", "purpose", "is_active", "created_at")
    readonly_fields = fields
    inlines = [GrantInline, ClientInline]
    change_form_template = "accounts/admin/agency_change.html"
    verbs = SWITCHES

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_manage(request)

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.page("<path:object_id>/client/", self.client_view, "client"),
            self.page("<path:object_id>/grant/", self.grant_view, "grant"),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        form = AgencyForm(request.POST or None)

        def create(data: dict[str, Any]) -> HttpResponse:
            facts = {key: data[key] for key in ("code", "name", "legal_basis", "purpose")}
            agency = agencies.create_agency(**facts, by=user_of(request), now=timezone.now())
            return self._give(request, agency, form)

        return self.form_page(request, form, _("New agency"), create)

    def grant_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        agency = self.row(request, object_id)
        form = PeriodForm(request.POST or None)
        title = _("New grant for %(name)s") % {"name": agency}
        return self.form_page(request, form, title, lambda _: self._give(request, agency, form))

    def _give(self, request: HttpRequest, agency: Agency, form: PeriodForm) -> HttpResponse:
        grants.grant(
            agency=agency,
            role=Role.AGENCY,
            region_code=form.cleaned_data["region_code"],
            by=user_of(request),
            now=timezone.now(),
            until=form.end(),
        )
        return self.to_row(agency)

    def client_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make a new client and show its secret once."""
        agency = self.row(request, object_id)
        form = ClientForm(request.POST or None, agency=agency)

        def create(data: dict[str, Any]) -> HttpResponse:
            client, secret = agencies.create_client(
                agency=agency,
                name=data["name"],
                scopes=data["scopes"],
                by=user_of(request),
                now=timezone.now(),
            )
            return self.secret_page(request, client, secret)

        title = _("New client of %(name)s") % {"name": agency}
        return self.form_page(request, form, title, create)


@admin.register(Client)
class ClientAdmin(_ClientsAdmin):
    list_display = ["name", "of", "client_id", "allowed_scopes", "is_active"]
    list_filter = ["is_active"]
    list_select_related = ["agency"]
    ordering = ["agency__code", "name"]
    fields = (
        "name",
        "of",
        "client_id",
        "allowed_scopes",
        "is_active",
        "created",
        "updated",
    )
    readonly_fields = fields
    verbs = (
        *SWITCHES,
        Verb("renew_secret", gettext_lazy("New secret"), Permission.MANAGE_CLIENT, confirm=True),
    )

    @admin.display(description=gettext_lazy("agency"), ordering="agency")
    def of(self, row: Client) -> str:
        return str(row.agency)

    def do_renew_secret(self, request: HttpRequest, client: Client) -> HttpResponse:
        secret = agencies.renew_secret(client=client, by=user_of(request), now=timezone.now())
        return self.secret_page(request, client, secret)
