"""Sources: drafts by an unknown code, what counts for which field, and what activating needs."""

from __future__ import annotations

import pytest

from apps.audit.models import Entry
from apps.common.errors import DomainError
from apps.reconciliation.deliveries import sources
from apps.reconciliation.models import Source
from tests.conftest import as_role
from tests.reconciliation.sample_deliveries import a_source

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "kind", "field"),
    [
        ("DUKCAPIL", "civil", "nik"), ("DTSEN-2026", "ranking", "desil"),
        ("PKH", "programme", "programmes"), ("BKN", "employees", "occupation"),
    ],
)  # fmt: skip
def test_a_source_of_each_kind_is_the_first_for_its_own_fields(code, kind, field):
    source = a_source(code)
    assert (source.kind, source.is_draft) == (kind, True)
    assert sources.ranks(source)[field] == 1


def test_a_known_code_is_the_source_that_is_there():
    source = a_source("DUKCAPIL")
    with as_role("worker"):
        assert sources.known_or_draft(code="DUKCAPIL") == source
        with pytest.raises(DomainError):
            sources.create(code="DUKCAPIL", values={"name": "x", "kind": "civil"})


def test_a_source_counts_only_when_its_ground_is_written_down(person):
    source, by = a_source(), person("steward")
    with pytest.raises(DomainError) as no:
        sources.activate(source=source, by=by)
    assert no.value.code == "source_incomplete"
    values = {"ministry": "Kemendagri", "purpose": "Padan", "legal_basis": "UU 24/2013"}
    sources.edit(source=source, values=values, authorities={"nik": 1, "name": 2}, by=by)
    assert not sources.activate(source=source, by=by).is_draft
    assert sources.ranks(source) == {"nik": 1, "name": 2}
    with as_role("owner"):
        last = Entry.objects.about("reconciliation.Source:DUKCAPIL").order_by("pk").last()
    assert last.details["step"] == "activate"


def test_saving_what_is_there_already_writes_nothing_down(person):
    source, by = a_source(), person("steward")
    before = Entry.objects.count
    with as_role("owner"):
        count = before()
    sources.edit(
        source=source, values={"name": source.name}, authorities=sources.ranks(source), by=by
    )
    with as_role("owner"):
        assert before() == count
    assert Source.objects.get().name == source.name
