"""Users and their grants. Every button calls one function of `users` or `grants`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib import messages as flash
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.admin.forms import GrantForm, NewUserForm, ResetForm
from apps.accounts.admin.pages import AccountsAdmin, GrantInline
from apps.accounts.admin_base import Verb, scope_of
from apps.accounts.authentication import second_factors
from apps.accounts.models import Grant, User
from apps.accounts.people import grants, users
from apps.accounts.roles import Permission
from apps.common.text.identity import masked
from apps.ui.permissions import requires
from apps.ui.requests import user_of


class InForce(admin.SimpleListFilter):
    """Filter: grants that are in force now, or grants that have ended."""

    title = gettext_lazy("in force")
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("In force")), ("no", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        now = timezone.now()
        if self.value() == "yes":
            return queryset.at(now)
        return queryset.filter(active_until__lte=now) if self.value() == "no" else queryset


@admin.register(User)
class UserAdmin(AccountsAdmin):
    list_display = ["username", "full_name", "is_active", "roles"]
    list_filter = ["is_active"]
    search_fields = ["username"]
    ordering = ["username"]
    fields = (
        "username",
        "full_name",
        "email",
        "identity",
        "is_active",
        "password_is_temporary",
        "second_factor",
        "last_login",
        "created_at",
    )
    readonly_fields = fields
    inlines = [GrantInline]
    change_form_template = "accounts/admin/user_change.html"
    verbs = (
        Verb("reset_password", gettext_lazy("New password"), Permission.MANAGE_USER, confirm=True),
        Verb("disable", gettext_lazy("Disable"), Permission.MANAGE_USER, danger=True, confirm=True),
        Verb("enable", gettext_lazy("Enable"), Permission.MANAGE_USER, confirm=True),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        scope = scope_of(user_of(request), Permission.MANAGE_GRANT)
        seen = Grant.objects.within(scope).order_by("-active_until", "pk")
        return super().get_queryset(request).prefetch_related(Prefetch("grants", seen))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_manage(request)

    @admin.display(description=gettext_lazy("roles in force"))
    def roles(self, user: User) -> str:
        return ", ".join(str(grant) for grant in user.grants.all() if grant.is_in_force)

    @admin.display(description="NIK")
    def identity(self, user: User) -> str:
        return masked(user.nik) or "–"

    def verbs_for(self, request: HttpRequest, row: User) -> list[Verb]:
        hidden = {"enable"} if row.is_active else {"disable", "reset_password"}
        return [verb for verb in self.verbs if verb.name not in hidden and row != user_of(request)]

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.page("<path:object_id>/grant/", self.grant_view, "grant"),
            self.page("<path:object_id>/reset-factor/", self.reset_factor_view, "reset_factor"),
        ]

    @admin.display(description=gettext_lazy("second factor"))
    def second_factor(self, user: User) -> str:
        kinds = [row.get_type_display() for row in second_factors.of(user)]
        return ", ".join(kinds) or _("none yet")

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        row = kwargs.get("obj")
        context["may_reset_factor"] = (
            row is not None
            and row != user_of(request)
            and user_of(request).has_perm(Permission.MANAGE_USER)
            and second_factors.has(row)
        )
        return super().render_change_form(request, context, *args, **kwargs)

    @method_decorator(requires(Permission.MANAGE_USER))
    def reset_factor_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Remove the second factor of a user, with a reason."""
        user = self.row(request, object_id, Permission.MANAGE_USER)
        form = ResetForm(request.POST or None)

        def reset(data: dict[str, Any]) -> HttpResponse:
            users.reset_factor(
                user=user, by=user_of(request), reason=data["reason"], now=timezone.now()
            )
            said = _("The second factor of %(name)s is reset; all sessions of theirs have ended.")
            flash.success(request, said % {"name": user})
            return self.to_row(user)

        title = _("Reset the second factor of %(name)s") % {"name": user}
        return self.form_page(request, form, title, reset)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Make an account with its first grant and show its password once."""
        form = NewUserForm(request.POST or None, by=user_of(request))

        def create(data: dict[str, Any]) -> HttpResponse:
            now = timezone.now()
            names = {key: data[key] for key in ("username", "full_name", "email", "nik")}
            user, password = users.create(**names, by=user_of(request), now=now)
            grants.grant(
                user=user,
                role=data["role"],
                region_code=data["region_code"],
                by=user_of(request),
                now=now,
                until=form.end(),
            )
            return self._password(request, user, password)

        return self.form_page(request, form, _("New user"), create)

    @method_decorator(requires(Permission.MANAGE_GRANT))
    def grant_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Add a grant for a user."""
        user = self.row(request, object_id)
        form = GrantForm(request.POST or None, by=user_of(request), has_nik=bool(user.nik))

        def give(data: dict[str, Any]) -> HttpResponse:
            users.give_nik(
                user=user, nik=data.get("nik", ""), by=user_of(request), now=timezone.now()
            )
            grants.grant(
                user=user,
                role=data["role"],
                region_code=data["region_code"],
                by=user_of(request),
                now=timezone.now(),
                until=form.end(),
            )
            return self.to_row(user)

        title = _("New grant for %(name)s") % {"name": user}
        return self.form_page(request, form, title, give)

    def _password(self, request: HttpRequest, user: User, password: str) -> HttpResponse:
        shown = {_("User name"): user.username, _("Password"): password}
        back = reverse("admin:accounts_user_change", args=[user.pk])
        return self.show_once(request, _("Password of %(name)s") % {"name": user}, shown, back)

    def do_reset_password(self, request: HttpRequest, user: User) -> HttpResponse:
        password = users.reset_password(user=user, by=user_of(request), now=timezone.now())
        return self._password(request, user, password)

    def do_disable(self, request: HttpRequest, user: User) -> str:
        users.disable(user=user, by=user_of(request), now=timezone.now())
        return _("%(name)s is disabled. Open sessions end at their next step.") % {"name": user}

    def do_enable(self, request: HttpRequest, user: User) -> str:
        users.enable(user=user, by=user_of(request), now=timezone.now())
        return _("%(name)s may sign in again.") % {"name": user}


@admin.register(Grant)
class GrantAdmin(AccountsAdmin):
    view_permission = manage_permission = Permission.MANAGE_GRANT
    list_display = ["holder", "role", "region", "active_from", "active_until", "granted_by"]
    list_filter = [InForce, "role"]
    list_select_related = ["user", "agency", "region"]
    ordering = ["-granted_at"]
    fields = (
        "holder",
        "role",
        "region",
        "active_from",
        "active_until",
        "granted_by",
        "granted_at",
    )
    readonly_fields = fields
    verbs = (
        Verb("end", gettext_lazy("End grant"), Permission.MANAGE_GRANT, danger=True, confirm=True),
    )

    @admin.display(description=gettext_lazy("holder"))
    def holder(self, grant: Grant) -> str:
        return grant.principal_name

    def verbs_for(self, request: HttpRequest, row: Grant) -> list[Verb]:
        return list(self.verbs) if row.is_in_force and row.user != user_of(request) else []

    def do_end(self, request: HttpRequest, grant: Grant) -> HttpResponse | str:
        grants.end_grant(grant=grant, by=user_of(request), now=timezone.now())
        return _("The grant of %(name)s has ended. It counts from the next step on.") % {
            "name": grant.principal_name
        }
