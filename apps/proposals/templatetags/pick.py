"""Taking a value out of a dictionary by a name that a template holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(values: Mapping[str, Any] | None, name: str) -> Any:
    """`values|of:name`; nothing where it is not there."""
    return (values or {}).get(name)
