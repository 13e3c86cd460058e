"""The base class of every admin page: rows within the scope, verbs instead of edited fields, and no
filters that reveal hidden values.

It is in this app because the pages of regions, jobs and audit use it. It knows users only through
Django's auth backend, which provides `has_perm` and `scope_of`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.filters import SimpleListFilter
from django.contrib.admin.utils import quote, unquote
from django.contrib.auth import load_backend
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.audit import record
from apps.audit.models import Action, Entry
from apps.audit.subjects import subject_of
from apps.common.errors import DomainError
from apps.common.text.days import DayField, DayInput
from apps.ui.paging import NEWEST_FIRST, read_page
from apps.ui.permissions import required_of, requires
from apps.ui.requests import signed_in_user, user_of

if TYPE_CHECKING:
    from apps.accounts.models import User

SEE_HISTORY = "audit.view_entry"
# Suffixes that a list filter adds to the name of its field in the address.
FILTER_SUFFIXES = {"", "exact", "isnull", "gte", "lt", "lte", "year", "month", "day"}


def scope_of(user: User, *permissions: str) -> Any:
    """The rows on which a user holds any of the permissions, from the auth backend."""
    backend: Any = load_backend(settings.AUTHENTICATION_BACKENDS[0])
    return backend.scope_of(user, *permissions)


def confirmation(request: HttpRequest) -> HttpResponse | None:
    """The page that asks for a recent second factor; None if the auth backend needs none."""
    backend: Any = load_backend(settings.AUTHENTICATION_BACKENDS[0])
    asked: HttpResponse | None = backend.confirmation(request)
    return asked


@dataclass(frozen=True)
class Verb:
    """A button on a row's page: a POST to `<id>/<name>/`, answered by the method `do_<name>`.

    The method takes (request, row) and calls one domain function. It returns the sentence about
    what was done, or a response of its own. A DomainError is shown as a message.
    """

    name: str
    label: Any
    permission: str
    danger: bool = False
    confirm: bool = False  # asks for the second factor of a user who has one


@cache
def _truth(model: type[models.Model], name: str) -> Callable[[Any], str]:
    """A yes-or-no field as a word; a screen reader reads Django's icon as "True"."""
    label = getattr(model._meta.get_field(name), "verbose_name", name)

    @admin.display(description=label, ordering=name)
    def shown(row: Any) -> str:
        return _("yes") if getattr(row, name) else _("no")

    shown.__name__ = f"{name}_word"
    return shown


def _in_words(model: type[models.Model], names: Iterable[Any]) -> list[Any]:
    truths = {one.name for one in model._meta.get_fields() if isinstance(one, models.BooleanField)}
    return [_truth(model, name) if name in truths else name for name in names]


class _Permissions:
    """Django's permission checks, answered by two names: one to view and one to manage."""

    opts: Any
    view_permission = ""
    manage_permission = ""
    editable = False

    def _permissions(self) -> tuple[str, str]:
        app, name = self.opts.app_label, self.opts.model_name
        return (
            self.view_permission or f"{app}.view_{name}",
            self.manage_permission or f"{app}.manage_{name}",
        )

    def may_view(self, request: HttpRequest) -> bool:
        user = signed_in_user(request)
        return user is not None and any(map(user.has_perm, self._permissions()))

    def may_manage(self, request: HttpRequest) -> bool:
        user = signed_in_user(request)
        return user is not None and user.has_perm(self._permissions()[1])

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.may_view(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_view(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.editable and self.may_manage(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.editable and self.may_manage(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class _InWords(_Permissions):
    """Shows read-only values as words."""

    model: Any

    def get_fields(self, request: Any, obj: Any = None) -> Any:
        shown: Any = super().get_fields(request, obj)  # type: ignore[misc]
        return shown if self.editable else _in_words(self.model, shown)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        shown: Any = super().get_readonly_fields(request, obj)  # type: ignore[misc]
        return shown if self.editable else _in_words(self.model, shown)


class ScopedInline(_InWords, admin.TabularInline):
    """Read-only rows of another table on a row's page."""

    extra = 0
    can_delete = False
    show_change_link = False
    view_on_site = False


class ScopedAdmin(_InWords, admin.ModelAdmin):
    """Pages of one model. A subclass names its permissions (default: view_x and manage_x).

    `editable = True` opens the add and change forms to users who may manage; `save_model` must then
    call a domain function. Every other act is a `Verb`.
    """

    actions_on_bottom = False
    change_form_template = "audit/change_form.html"
    delete_confirmation_template = None
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False
    verbs: tuple[Verb, ...] = ()
    formfield_overrides = {models.DateField: {"form_class": DayField, "widget": DayInput}}

    # --- which rows ---

    def within(self, queryset: Any, scope: Any) -> Any:
        """The rows inside a scope. Override it where the queryset has no `within`."""
        return queryset.within(scope)

    def get_queryset(self, request: HttpRequest) -> Any:
        scope = scope_of(user_of(request), *self._permissions())
        return self.within(super().get_queryset(request), scope)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Choices of a related row: the rows that its own page would show, else none."""
        related = db_field.remote_field.model
        page = self.admin_site._registry.get(related)
        if "queryset" not in kwargs:
            kwargs["queryset"] = page.get_queryset(request) if page else related.objects.none()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_list_display(self, request: HttpRequest) -> Any:
        return _in_words(self.model, super().get_list_display(request))

    def _get_obj_does_not_exist_redirect(self, *args: Any) -> NoReturn:
        # Django redirects to the index with a message that repeats the id
        raise Http404

    # --- no inference from filters ---

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Only the lookups of a list filter: `?nik__startswith=` would reveal hidden values."""
        if lookup in self._filter_names(request):
            return True
        field, _sep, suffix = lookup.rpartition(LOOKUP_SEP)
        return suffix in FILTER_SUFFIXES and field in self._filter_names(request)

    def _filter_names(self, request: Any) -> set[str]:
        names = {self.date_hierarchy} if self.date_hierarchy else set[str]()
        for item in self.get_list_filter(request):
            if isinstance(item, type) and issubclass(item, SimpleListFilter):
                names.add(str(item.parameter_name))
            else:
                names.add(str(item[0] if isinstance(item, list | tuple) else item))
        return names

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        # `_to_field=` bypasses Django's own check of the field
        return super().get_object(request, object_id, from_field or None)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if "_saveasnew" in request.POST:  # Django would show a form for a new row in its place
            raise PermissionDenied
        return super().changeform_view(request, object_id, form_url, extra_context)

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        return to_field == self.opts.pk.name

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # --- addresses ---

    def get_urls(self) -> list[URLPattern]:
        """Django's own addresses without delete; before them the verbs and the subclass's pages."""
        dropped = (self._name("delete"), None)  # None: an old address that redirects anywhere
        kept = [url for url in super().get_urls() if url.name not in dropped]
        for url in kept:
            self._guard(url)
        verbs = [
            self.page(f"<path:object_id>/{verb.name}/", self._verb_view(verb), verb.name)
            for verb in self.verbs
        ]
        return [*self.extra_urls(), *verbs, *kept]

    def _guard(self, url: URLPattern) -> None:
        """Note on one of Django's own pages the permissions that it needs: subclasses override the
        methods.
        """
        name = str(url.name).removeprefix(self._name(""))
        looking, managing = self._permissions()
        asked = {"history": (SEE_HISTORY,), "add": (managing,)}.get(name, (looking, managing))
        view = requires(*asked)(getattr(self, f"{name}_view"))
        url.callback = self.admin_site.admin_view(view)

    def extra_urls(self) -> list[URLPattern]:
        """Additional pages of the subclass, each made by `page`."""
        return []

    def page(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """An address below this model's, named `admin:<app>_<model>_<name>`.

        A view without its own `requires` needs the permissions of the row's page.
        """
        if required_of(view) is None:
            view = requires(*self._permissions())(view)
        return path(route, self.admin_site.admin_view(view), name=self._name(name))

    def _name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name}"

    def render(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        """Render a page of the subclass in the admin's frame."""
        frame = self.admin_site.each_context(request) | {"opts": self.opts}
        return TemplateResponse(request, template, frame | context)

    def row(self, request: HttpRequest, object_id: str, *permissions: str) -> Any:
        """The row of an address within the scope, also that of `permissions`. Raises: Http404."""
        queryset = self.get_queryset(request)
        if permissions:
            queryset = self.within(queryset, scope_of(user_of(request), *permissions))
        try:
            return queryset.get(pk=self.opts.pk.to_python(unquote(object_id)))
        except (self.model.DoesNotExist, ValidationError, ValueError) as error:
            raise Http404 from error

    def to_row(self, row: models.Model) -> HttpResponse:
        """Redirect to the row's page."""
        return redirect(reverse(f"admin:{self._name('change')}", args=[quote(row.pk)]))

    # --- verbs ---

    def verbs_for(self, request: HttpRequest, row: Any) -> Iterable[Verb]:
        """The buttons that apply to a row now. A forbidden one is left out, not disabled."""
        return self.verbs

    def may_act(self, request: HttpRequest, row: Any) -> bool:
        """Whether a user who holds a verb's permission here may act on this row."""
        return True

    def heading(self, row: Any) -> str:
        """The heading of a row's page."""
        return str(row)

    def _verb_view(self, verb: Verb) -> Callable[..., HttpResponseBase]:
        @require_POST
        @requires(verb.permission)
        def view(request: HttpRequest, object_id: str) -> HttpResponseBase:
            row = self.row(request, object_id, verb.permission)
            if not self.may_act(request, row):
                raise PermissionDenied
            if verb.confirm and (asked := confirmation(request)):
                return asked
            return self.answer(request, row, lambda: getattr(self, f"do_{verb.name}")(request, row))

        return view

    def answer(
        self, request: HttpRequest, row: models.Model, act: Callable[[], str | HttpResponseBase]
    ) -> HttpResponseBase:
        """Do one act and show what was done, or why it was refused."""
        try:
            with transaction.atomic():
                said = act()
        except DomainError as refused:
            messages.error(request, refused.text)
        else:
            if isinstance(said, HttpResponseBase):
                return said
            messages.success(request, said)
        return self.to_row(row)

    def render_change_form(self, request: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        row: Any = kwargs.get("obj")
        if row is not None:
            context |= {"title": self.heading(row), "subtitle": None}
        context["may_see_history"] = row is not None and user_of(request).has_perm(SEE_HISTORY)
        context["verbs"] = [
            {"verb": verb, "url": reverse(f"admin:{self._name(verb.name)}", args=[quote(row.pk)])}
            for verb in (self.verbs_for(request, row) if row is not None else ())
            if user_of(request).has_perm(verb.permission)
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    # --- the trail ---

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._entry(Action.CREATE, obj)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return self._entry(Action.CHANGE, obj)

    def log_deletion(self, request: HttpRequest, obj: Any, object_repr: str) -> NoReturn:
        raise PermissionDenied

    def log_deletions(self, request: HttpRequest, queryset: Any) -> NoReturn:
        raise PermissionDenied

    @staticmethod
    def _entry(action: Action, obj: Any) -> Entry:
        return record.entry(action, about=obj)

    def trail(self, row: Any) -> Any:
        """The entries about a row, newest first."""
        return Entry.objects.about(subject_of(row)).order_by("-id")

    @method_decorator(require_safe)
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """The audit entries about a row, for users who may read the trail."""
        row = self.row(request, object_id)
        record.entry(Action.READ, about=row, what="history")
        page = read_page(self.trail(row), NEWEST_FIRST, request.GET)
        return self.render(
            request, "audit/object_history.html", title=_("History"), row=row, page=page
        )
