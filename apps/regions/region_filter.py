"""The region of a filter: a dotted code, which selects the rows of its villages."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.regions.models import COUNTRY, in_region
from apps.ui import filters


def region(*, label: Any, column: str) -> Any:
    """A field of a filter; `column` has the code of the row's region, or of one in it."""

    def read(given: list[str]) -> str:
        (value, *more) = given
        if more or not (value == COUNTRY or filters.REGION_CODE.fullmatch(value)):
            typed = ",".join(given)[: filters.MOST_CHIP_CHARS]
            raise filters.UnreadableError(
                _("“{text}” names no single region. Choose the region in the filter.").format(
                    text=typed
                )
            )
        return value

    def query(code: str) -> Q:
        return in_region(column, code)

    return filters.custom(label=label, read=read, query=query, words=str, empty="")
