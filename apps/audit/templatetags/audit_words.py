"""Names of the trail for templates."""

from __future__ import annotations

from django import template

from apps.audit import names
from apps.audit.models import Entry

register = template.Library()


@register.filter
def acted_by(entry: Entry) -> str:
    return names.actor(entry.actor, entry.actor_name)


@register.filter
def reference_words(stored: str) -> str:
    return names.reference(stored)
