"""Every text of the database that comes from outside of the code, overwritten with payloads.

A field is left out where its values are the code's own or are checked letter by letter before they
are stored: keys, codes of a list, digests, numbers of persons. New fields are taken by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, connection, models, transaction

from apps.reconciliation.models import REGISTER, Record
from tests.browser.payloads import fitted
from tests.conftest import as_role

MOST_ROWS = 60
# By name, in whatever table.
OWN = {
    *("actor", "client_id", "client_secret", "code", "code_system", "digest", "email", "fault"),
    *("field", "file_kind", "kind", "kk", "level", "location_verdict", "media_type"),
    *("message_code", "mother_key", "name_key", "nik", "part", "password", "pgh_label", "queue"),
    *("regency", "region_code", "sex", "sha256", "stage", "subject", "topic", "username"),
    *("village_code", "actual_village_code", "covers", "period", "redirect_uris"),
    *("post_logout_redirect_uris", "allowed_origins"),
}
OWN_OF = {
    "casework.Notice.url",
    "commandcentre.Hazard.source",
    "commandcentre.RefusedMessage.feed",
    "proposals.Decision.reason",
    "proposals.SavedFilter.query",
    "reconciliation.Judgement.left_source",
    "reconciliation.Judgement.right_source",
    "reconciliation.Source.programme",
    "registry.Change.source",
    "registry.Claim.source",
    "registry.Person.source",
    "registry.PersonEvent.source",
}
# JSON and lists whose texts are from files, messages and forms.
WRITTEN = {
    "audit.Entry.details",
    "commandcentre.Assessment.editions",
    "commandcentre.Good.synonyms",
    "commandcentre.HazardRevision.received",
    "commandcentre.OfficeUpload.header",
    "commandcentre.SituationReport.content",
    "indicators.OpenRow.written",
    "indicators.PocketEdition.boundaries",
    "indicators.Publication.header",
    "indicators.ServicePage.rows",
    "proposals.Amendment.before",
    "proposals.Amendment.values",
    "proposals.Batch.header",
    "proposals.FixedRow.before",
    "proposals.FixedRow.values",
    "proposals.HeldRow.values",
    "proposals.PhotoArchive.result",
    "proposals.Proposal.changes",
    "proposals.RegisteredMatch.registered",
    "reconciliation.Dataset.header",
    "reconciliation.Record.given",
    "registry.Programme.synonyms",
}
# Tables that outlast a test: they are given back what they had.
LASTING = ("registry.Programme", "commandcentre.Good", "indicators.Indicator")


@contextmanager
def overwritten() -> Iterator[Callable[[Sequence[str]], set[str]]]:
    """`overwritten() as write: write(payloads)` overwrites every text of every row.

    It gives the names of the fields that the database kept as they were.
    """
    with as_role("owner"):
        before = {label: list(apps.get_model(label).objects.all()) for label in LASTING}
    try:
        yield _write
    finally:
        with as_role("owner"), transaction.atomic():
            for rows in before.values():
                for row in rows:
                    row.save(force_update=True)


def unfilled() -> set[str]:
    """The tables with such texts that have no row to be tried."""
    with as_role("owner"):
        return {
            model._meta.label
            for model in _models()
            if written_fields(model) and not model._base_manager.exists()
        }


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("apps.")]


def _write(payloads: Sequence[str]) -> set[str]:
    kept: set[str] = set()
    with as_role("owner"), transaction.atomic():
        for model in _models():
            if fields := written_fields(model):
                with _without_triggers(model):
                    kept |= _fill(model, fields, payloads)
    return kept


@contextmanager
def _without_triggers(model: type[models.Model]) -> Iterator[None]:
    """Some tables let nobody change a row: a row with such a text is there from the beginning."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def written_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """The fields of a model whose texts are from outside of the code."""
    return [field for field in model._meta.concrete_fields if _is_written(field)]


def _is_written(field: models.Field[Any, Any]) -> bool:
    name = f"{field.model._meta.label}.{field.name}"
    if isinstance(field, models.JSONField | ArrayField):
        return name in WRITTEN
    is_text = isinstance(field, models.CharField | models.TextField)
    if not is_text or field.is_relation or field.primary_key or field.choices:
        return False
    if isinstance(field, models.FileField) or field.name.endswith("sha256"):
        return False
    return field.name not in OWN and name not in OWN_OF


def _fill(
    model: type[models.Model], fields: list[models.Field[Any, Any]], payloads: Sequence[str]
) -> set[str]:
    kept = set()
    for nth, row in enumerate(model._base_manager.order_by("pk")[:MOST_ROWS]):
        one = model._base_manager.filter(pk=row.pk)
        values = {
            field.attname: _hostile(field, getattr(row, field.attname), payloads, nth)
            for field in fields
            if not _is_own(row, field.name)
        }
        if not _is_stored(one, values):
            for name, value in values.items():
                if not _is_stored(one, {name: value}):
                    kept.add(f"{model._meta.label}.{name}")
    return kept


def _is_own(row: models.Model, name: str) -> bool:
    """The register's own records have their key as the number at the source."""
    return isinstance(row, Record) and row.source_id == REGISTER and name == "source_ref"


def _is_stored(one: models.QuerySet[Any], values: dict[str, Any]) -> bool:
    try:
        with transaction.atomic():
            one.update(**values)
    except DatabaseError:
        return False
    return True


def _hostile(field: models.Field[Any, Any], before: Any, payloads: Sequence[str], nth: int) -> Any:
    if isinstance(field, models.JSONField | ArrayField):
        most = field.base_field.max_length if isinstance(field, ArrayField) else None
        return _leaves(before, payloads, nth, most)
    most = field.max_length
    if not field.unique or most is None:
        return fitted(payloads, nth, most)
    return f"{fitted(payloads, nth, most - 4)} {nth}"


def _leaves(value: Any, payloads: Sequence[str], nth: int, most: int | None) -> Any:
    """The same JSON with another text in each place of a text."""
    if isinstance(value, dict):
        return {key: _leaves(inner, payloads, nth, most) for key, inner in value.items()}
    if isinstance(value, list):
        return [_leaves(inner, payloads, nth + at, most) for at, inner in enumerate(value)]
    return fitted(payloads, nth, most) if isinstance(value, str) else value
