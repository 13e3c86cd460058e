"""The calendar's page: all users read it, Pusdatin's administrator changes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.access import actor_of
from apps.accounts.admin_base import ScopedAdmin
from apps.casework import cycles
from apps.casework.models import Cycle
from apps.common.errors import text
from apps.ui.requests import user_of


class CycleForm(forms.ModelForm):
    """Name and dates. The form checks their order, so that the error is a sentence."""

    class Meta:
        model = Cycle
        fields = ["name", "opens_date", "cutoff_date", "draw_date"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        dates: list[Any] = [data.get(name) for name in ("opens_date", "cutoff_date", "draw_date")]
        if None not in dates and not dates[0] <= dates[1] < dates[2]:
            # beside the field, so that the database constraint does not report it a second time
            sentence = text("cycle_order", {"name": data.get("name", "")})
            self.add_error("cutoff_date", sentence)
        return data


@admin.register(Cycle)
class CycleAdmin(ScopedAdmin):
    editable = True
    form = CycleForm
    list_display = ["name", "opens_date", "cutoff_date", "draw_date"]
    ordering = ["-opens_date"]

    def within(self, queryset: Any, scope: Any) -> Any:
        """One calendar for the whole country: every user with a role may read it."""
        return queryset if scope else queryset.none()

    def save_model(self, request: HttpRequest, obj: Cycle, form: Any, change: bool) -> None:
        cycles.set_cycle(
            cycle=obj,
            **form.cleaned_data,
            by=actor_of(user_of(request)),
            by_name=str(user_of(request)),
            now=timezone.now(),
        )

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: `set_cycle` has recorded it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: `set_cycle` has recorded it."""
