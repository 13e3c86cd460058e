"""Which models hold personal data: rows about single persons, protected by the database."""

from __future__ import annotations

from typing import TypeVar

from django.apps import apps
from django.db.models import Model

Marked = TypeVar("Marked", bound=type[Model])
_marked: set[type[Model]] = set()


def personal_data(model: Marked) -> Marked:
    """Class decorator: the rows are about single persons.

    Such a table has row-level security, and so has its history if there is one. A test compares the
    marks with the policies of the migrated database.
    """
    _marked.add(model)
    return model


def personal_models() -> set[type[Model]]:
    """Every model with personal data, including the history of each."""
    history = {
        model for model in apps.get_models() if getattr(model, "pgh_tracked_model", None) in _marked
    }
    return _marked | history
