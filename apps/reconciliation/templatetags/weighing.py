"""Formatting of weights, statuses and differing letters."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.reconciliation.clerical import waterfall
from apps.reconciliation.states import BLIND, PairStatus, RunStatus
from apps.reconciliation.text_diff import Part

register = template.Library()


@register.filter
def weight(value: float) -> str:
    """`+6.2`, `−1.1`, `0`."""
    return waterfall.signed(value)


@register.filter
def chance(value: float) -> str:
    """A share as a percentage that is never 0 or 100."""
    return waterfall.percent(value)


@register.filter
def share(value: float) -> str:
    """A percentage with one decimal."""
    return f"{waterfall.decimal(value)} %"


@register.filter
def pair_status(code: str) -> SafeString:
    """The chip of a pair's status (`RecordPair.told`)."""
    if code == BLIND:
        return format_html('<span class="chip">{}</span>', _("blind sample"))
    return format_html('<span class="chip status-{}">{}</span>', code, PairStatus(code).label)


@register.filter
def run_status(code: str) -> SafeString:
    """The chip of a run's status."""
    return format_html('<span class="chip status-{}">{}</span>', code, RunStatus(code).label)


@register.filter
def marked(parts: Iterable[Part]) -> SafeString:
    """A value whose differing letters are underlined; an empty value has a text that says so."""
    listed = list(parts)
    if not listed:
        return format_html('<span class="muted">{}</span>', _("(empty)"))
    return format_html_join("", "{}", ((_part(part),) for part in listed))


def _part(part: Part) -> SafeString:
    return format_html("<mark>{}</mark>" if part.differs else "{}", part.text)
