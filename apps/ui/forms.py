"""Forms for what buttons, hidden fields and scripts send: values that no person types.

    class LockForm(SentForm):
        field, reason = Text(), Text()

    given = LockForm(request.POST).sent        # {"field": …, "reason": …}, never an error

For values that a person types and may have to correct, use a plain `forms.Form` with error texts.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms

from apps.common.http import MOST_BIGINT, integer


class SentForm(forms.Form):
    """An absent or invalid value becomes its field's `initial`; the domain function refuses it."""

    @property
    def sent(self) -> dict[str, Any]:
        """The sent values, by field."""
        self.is_valid()
        known = getattr(self, "cleaned_data", {})
        return {name: known.get(name, field.initial) for name, field in self.fields.items()}

    def among(self, names: Iterable[str]) -> dict[str, str]:
        """The sent values under names that the page generates, such as those of a row's cells."""
        return {name: str(self.data[name]) for name in names if name in self.data}


class Text(forms.CharField):
    """Text as it was sent, cut to `most` characters if given; "" if absent."""

    def __init__(self, *, most: int | None = None) -> None:
        super().__init__(required=False, strip=False, initial="")
        self.most = most

    def clean(self, value: Any) -> str:
        return str(super().clean(value))[: self.most]


class Choice(forms.ChoiceField):
    """One of the choices; `initial` for any other value."""

    def __init__(self, values: Iterable[str], *, initial: str | None = "") -> None:
        choices = [(value, value) for value in values]
        super().__init__(choices=choices, required=False, initial=initial)

    def clean(self, value: Any) -> Any:
        return super().clean(value) or self.initial


class Integer(forms.Field):
    """A whole number from 0 to `most`; `initial` for any other value."""

    def __init__(self, *, most: int = MOST_BIGINT, initial: int | None = None) -> None:
        super().__init__(required=False, initial=initial)
        self.most = most

    def to_python(self, value: Any) -> int | None:
        return integer(value, most=self.most, default=self.initial)


class Integers(forms.Field):
    """Every whole number that was sent under a name; 0 for an invalid one."""

    widget = forms.MultipleHiddenInput

    def __init__(self, *, most: int = MOST_BIGINT) -> None:
        super().__init__(required=False, initial=())
        self.most = most

    def to_python(self, value: Any) -> list[int]:
        return [integer(one, most=self.most, default=0) for one in value or ()]


class FormToken(forms.CharField):
    """Names one rendering of a form, so that what is sent twice from it is done once. A form with
    errors that is shown again keeps its name.
    """

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, initial=lambda: uuid.uuid4().hex)

    def clean(self, value: Any) -> str:
        return str(super().clean(value))[:64]


class _Presence(forms.HiddenInput):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        return name in data


class Pressed(forms.Field):
    """Whether the button of this name was pressed, with any value."""

    widget = _Presence

    def __init__(self) -> None:
        super().__init__(required=False, initial=False)
