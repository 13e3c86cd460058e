"""Which of the affected villages are listed: by the shares of their area and of their families."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.readers import Reader
from apps.ui import filters


@dataclass(frozen=True)
class VillageFilter(filters.Filter):
    """At least so many per cent of the area, and of the located families, are inside. Where no
    family has a point it is not known how many are: such a village is not left out.
    """

    min_area: float | None = filters.measure(
        label=_("share of the area, at least %"),
        query=lambda percent: Q(share_area__gte=percent / 100),
        most=100,
    )
    min_families: float | None = filters.measure(
        label=_("share of the located families, at least %"),
        query=lambda percent: Q(share_families__gte=percent / 100) | Q(share_families__isnull=True),
        most=100,
    )


def chosen_villages(params: Mapping[str, Any], reader: Reader) -> VillageFilter:
    """The filter of an address. Who does not see all counts does not filter by families: the answer
    would tell where they live.
    """
    chosen = VillageFilter.from_params(params)
    return chosen if reader.sees_all else chosen.without("min_families")


class VillageFilterForm(forms.Form):
    """`VillageFilter` reads them; this form only shows what was chosen."""

    min_area = forms.CharField(
        label=_("Share of the area, at least (%)"), required=False, max_length=6
    )
    min_families = forms.CharField(
        label=_("Share of the located families, at least (%)"), required=False, max_length=6
    )

    def __init__(self, *given: Any, reader: Reader, **more: Any) -> None:
        super().__init__(*given, **more)
        if not reader.sees_all:
            del self.fields["min_families"]
