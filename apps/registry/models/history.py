"""Common parts of families, persons and enrolments: scope, history, a Change for each update."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import BrinIndex

from apps.accounts.access import Scope


class ScopedQuerySet(models.QuerySet[Any]):
    def within(self, scope: Scope) -> Any:
        """Rows of the villages inside a scope."""
        return self.filter(scope.query("village__code")) if scope else self.none()


def tracked() -> Any:
    """History by statement triggers, never by row: row triggers did not finish on a million rows.

    Events are read by their row or by their Change; other indexes cost a third of a first load.
    """
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        level=pgtrigger.Statement,
        context_field=None,  # type: ignore[arg-type]  # documented: no context column
        obj_field=pghistory.ObjForeignKey(
            db_constraint=False, db_index=True, related_name="events"
        ),
        meta={"indexes": [BrinIndex(fields=["change"])]},
    )


def change_needed(name: str) -> pgtrigger.Protect:
    return pgtrigger.Protect(
        name=name,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.change_id IS NOT DISTINCT FROM NEW.change_id"),
    )
