"""Pages of facilities: the list, what is below its minimum, what expires, one with its ledger."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages as flash
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import scope_of
from apps.accounts.roles import Permission
from apps.commandcentre.models import Facility, MinimumLevel, StockItem
from apps.commandcentre.resources import minimum_levels
from apps.commandcentre.stores import hand_entries, store_lists
from apps.commandcentre.stores.forms import (
    ExpiringForm,
    FacilityFilterForm,
    LossForm,
    MinimumForm,
    ReceiptForm,
    StockFilterForm,
)
from apps.commandcentre.stores.store_lists import (
    BY_NAME,
    EMPTIEST_FIRST,
    SOONEST_FIRST,
    FacilityFilter,
    StockFilter,
)
from apps.common.errors import DomainError
from apps.common.http import integer
from apps.ui.paging import read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of

MOST_DAYS = 3_650


@require_safe
@requires(Permission.VIEW_FACILITY)
def listing(request: HttpRequest) -> HttpResponse:
    """The facilities of one's scope."""
    seen = Facility.objects.within(scope_of(user_of(request), Permission.VIEW_FACILITY))
    chosen = FacilityFilter.from_params(request.GET)
    page = read_page(
        chosen.apply(seen).select_related("village"),
        BY_NAME,
        request.GET,
        query=chosen.params(),
        known=seen,
    )
    form = FacilityFilterForm(initial=chosen.params())
    context = {"page": page, "form": form, "chosen": chosen, "tab": "all"}
    return render(request, "commandcentre/stores/facilities.html", context)


@require_safe
@requires(Permission.VIEW_FACILITY)
def below(request: HttpRequest) -> HttpResponse:
    """Goods of which a facility has less than its minimum, the emptiest first."""
    scope = scope_of(user_of(request), Permission.VIEW_FACILITY)
    today = timezone.localdate()
    known = store_lists.below_minimum(scope, today)
    chosen = StockFilter.from_params(request.GET)
    rows = chosen.apply(known)
    page = read_page(rows, EMPTIEST_FIRST, request.GET, query=chosen.params(), known=known)
    has_levels = bool(page.rows) or MinimumLevel.objects.exists()
    form = StockFilterForm(initial=chosen.params())
    context = {"page": page, "chosen": chosen, "form": form, "tab": "below"}
    context["has_levels"] = has_levels
    return render(request, "commandcentre/stores/below.html", context)


@require_safe
@requires(Permission.VIEW_FACILITY)
def expiring(request: HttpRequest) -> HttpResponse:
    """Batches whose last usable day is near or past, the soonest first."""
    scope = scope_of(user_of(request), Permission.VIEW_FACILITY)
    today = timezone.localdate()
    days = integer(request.GET.get("days"), most=MOST_DAYS, default=settings.EXPIRING_WITHIN_DAYS)
    chosen = StockFilter.from_params(request.GET)
    rows = chosen.apply(minimum_levels.expiring(scope, today, days))
    page = read_page(
        rows.select_related("facility", "good"),
        SOONEST_FIRST,
        request.GET,
        query={**chosen.params(), "days": str(days)},
        known=StockItem.objects.filter(scope.query("facility__village__code")),
    )
    form = ExpiringForm(initial={**chosen.params(), "days": days})
    context = {"page": page, "chosen": chosen, "form": form}
    context |= {"days": days, "today": today, "tab": "expiring"}
    return render(request, "commandcentre/stores/expiring.html", context)


@require_safe
@requires(Permission.VIEW_FACILITY)
def store(request: HttpRequest, facility_id: int) -> HttpResponse:
    """One facility: its stock, its minimum levels, its ledger."""
    return _page(request, _facility(request, facility_id))


def _page(request: HttpRequest, facility: Facility, **sent: Form) -> HttpResponse:
    """The page of a facility, with a form that was sent and refused."""
    first = {"seen": hand_entries.last_line(facility)}
    context = {
        **store_lists.shown(facility, request.GET, timezone.localdate()),
        "receipt": ReceiptForm(prefix="receipt", initial=first),
        "loss": LossForm(facility=facility, prefix="loss", initial=first),
        **sent,
    }
    return render(request, "commandcentre/stores/facility.html", context)


@require_POST
@requires(Permission.VIEW_FACILITY, to_send=(Permission.MANAGE_FACILITY,))
def receive(request: HttpRequest, facility_id: int) -> HttpResponse:
    """Goods came that no file tells of."""
    facility = _facility(request, facility_id)
    form = ReceiptForm(request.POST, prefix="receipt")
    if form.is_valid():
        try:
            hand_entries.note_receipt(
                facility=facility, **form.values, by=user_of(request), now=timezone.now()
            )
        except DomainError as refused:
            form.add_error(None, refused.text)
        else:
            flash.success(request, _("What came is noted."))
            return redirect("commandcentre:store", facility.pk)
    return _page(request, facility, receipt=form)


@require_POST
@requires(Permission.VIEW_FACILITY, to_send=(Permission.MANAGE_FACILITY,))
def lose(request: HttpRequest, facility_id: int) -> HttpResponse:
    """Units of a batch are lost or spoilt."""
    facility = _facility(request, facility_id)
    form = LossForm(request.POST, facility=facility, prefix="loss")
    if form.is_valid():
        try:
            hand_entries.note_loss(**form.cleaned_data, by=user_of(request), now=timezone.now())
        except DomainError as refused:
            form.add_error(None, refused.text)
        else:
            flash.success(request, _("What is lost is noted."))
            return redirect("commandcentre:store", facility.pk)
    return _page(request, facility, loss=form)


@require_POST
@requires(Permission.VIEW_FACILITY, to_send=(Permission.MANAGE_FACILITY,))
def minimum(request: HttpRequest, facility_id: int) -> HttpResponse:
    """Set the minimum of one good."""
    facility = _facility(request, facility_id)
    form = MinimumForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        minimum_levels.set_minimum(
            facility=facility,
            good=given["good"],
            quantity=given["quantity"],
            by=user_of(request),
            now=timezone.now(),
        )
        flash.success(request, _("The minimum level is stored."))
    else:
        flash.error(request, _("Nothing was stored: choose a good, and a whole number of units."))
    return redirect("commandcentre:store", facility.pk)


def _facility(request: HttpRequest, facility_id: int) -> Facility:
    seen = Facility.objects.within(scope_of(user_of(request), Permission.VIEW_FACILITY))
    return get_object_or_404(seen.select_related("village"), pk=facility_id)


urlpatterns = [
    path("stores/", listing, name="stores"),
    path("stores/below/", below, name="stores-below"),
    path("stores/expiring/", expiring, name="stores-expiring"),
    path("stores/<int:facility_id>/", store, name="store"),
    path("stores/<int:facility_id>/minimum/", minimum, name="store-minimum"),
    path("stores/<int:facility_id>/receive/", receive, name="store-receive"),
    path("stores/<int:facility_id>/loss/", lose, name="store-loss"),
]
