"""A day as people write it here: dd-mm-yyyy. One field for every form, of the admin's too.

The browser's own date field shows the order of its own language, often month first; this is text.
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


# What is taken as well; `static/portal/days.js` writes it anew when the field is left.
_WRITINGS: Final = (
    re.compile(r"(?P<d>\d{1,2})[-/. ](?P<m>\d{1,2})[-/. ](?P<y>\d{4})"),
    re.compile(r"(?P<d>\d\d)(?P<m>\d\d)(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
)


def written(text: str) -> str:
    """`1/2/2000`, `01022000`, `2000-02-01` → `01-02-2000`; what is no day stays as it is."""
    for writing in _WRITINGS:
        if found := writing.fullmatch(text.strip()):
            return f"{found['d']:0>2}-{found['m']:0>2}-{found['y']}"
    return text


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar in one of these writings."""
    try:
        return bool(datetime.strptime(written(text), WRITTEN))  # noqa: DTZ007 (a day, no time)
    except ValueError:
        return False


class DayInput(forms.DateInput):
    """A text field; on a phone it brings the digits."""

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
    """A date: its help ends with how it is written, and so does the refusal."""

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
            # the day after the last one of the calendar is none
            raise ValidationError(
                self.error_messages["year"], code="year", params={"year": f"{day.year:04}"}
            )
        return day
