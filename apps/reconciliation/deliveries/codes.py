"""Codes of programmes that files use, read once for a whole delivery."""

from __future__ import annotations

from apps.registry.models import Programme


def programmes() -> dict[str, str]:
    """Names of programmes in capitals, synonyms among them → their codes."""
    known: dict[str, str] = {}
    for code, synonyms in Programme.objects.values_list("code", "synonyms"):
        known |= dict.fromkeys((name.upper() for name in (code, *synonyms)), code)
    return known
