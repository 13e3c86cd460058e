"""A filter that reads a value of a dictionary by a name from the template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def of(values: Mapping[Any, Any] | None, name: Any) -> Any:
    """`values|of:name`; nothing if the name is missing."""
    return (values or {}).get(name)
