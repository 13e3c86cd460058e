"""A day in the local notation dd-mm-yyyy: one field for every form, also in the admin.

A browser's own date field uses the order of its own language, often month first; this is text.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

WRITTEN: Final = "%d-%m-%Y"
PATTERN: Final = r"\s*(\d{1,2}[\-\/. ]\d{1,2}[\-\/. ]\d{4}|\d{4}-\d{1,2}-\d{1,2}|\d{8})\s*"
FIRST_YEAR: Final = 1850
LAST_YEAR: Final = 2200
HINT: Final = _("dd-mm-yyyy, for example 31-10-2026")


# Also accepted; `static/ui/page.js` rewrites it when the field loses focus.
_WRITINGS: Final = (
    re.compile(r"(?P<d>\d{1,2})[-/. ](?P<m>\d{1,2})[-/. ](?P<y>\d{4})"),
    re.compile(r"(?P<d>\d\d)(?P<m>\d\d)(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
)


def written(text: str) -> str:
    """`1/2/2000`, `01022000`, `2000-02-01` → `01-02-2000`; other text unchanged."""
    for writing in _WRITINGS:
        if found := writing.fullmatch(text.strip()):
            return f"{found['d']:0>2}-{found['m']:0>2}-{found['y']}"
    return text


def is_day(text: str) -> bool:
    """Whether a text is a calendar day in one of these notations."""
    try:
        return bool(datetime.strptime(written(text), WRITTEN))  # noqa: DTZ007 (a day, no time)
    except ValueError:
        return False


class DayInput(forms.DateInput):
    """A text field; a phone shows its number keyboard."""

    def __init__(self, attrs: dict[str, Any] | None = None, **_kwargs: Any) -> None:
        own = {
            "data-day": "",
            "inputmode": "numeric",
            "autocomplete": "off",
            "maxlength": "12",
            "pattern": PATTERN,
            "title": HINT,
        }
        super().__init__(attrs=own | (attrs or {}), format=WRITTEN)


class DayField(forms.DateField):
    """A date; the help text and the refusal end with the notation."""

    widget = DayInput
    default_error_messages = {
        "invalid": _("This is no date. Write day-month-year: 31-10-2026."),
        "year": _("The year %(year)s cannot be right. Compare it with the paper."),
    }

    def __init__(self, *, help_text: Any = "", **kwargs: Any) -> None:
        told = format_lazy("{} {}", help_text, HINT) if help_text else HINT
        super().__init__(help_text=told, input_formats=(WRITTEN,), **kwargs)

    def to_python(self, value: Any) -> Any:
        day = super().to_python(written(value) if isinstance(value, str) else value)
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            # the last day of the calendar has no next day
            raise ValidationError(
                self.error_messages["year"], code="year", params={"year": f"{day.year:04}"}
            )
        return day
