"""Counts of wide lists, which are kept by regency: right after a change, without reading all."""

from __future__ import annotations

import pytest

from apps.proposals import regency_counts
from apps.proposals.models import Finding, Proposal
from apps.proposals.review import facet_counts
from tests.conftest import as_role
from tests.proposals import factory

pytestmark = pytest.mark.django_db

LIST = "/proposals/review/"
FACETS = f"{LIST}facets/"


@pytest.fixture
def batch(person):
    return factory.batch(person("regency_officer"))


def counted(browser, query=""):
    """Field and value of the form → rows, as the opened form says them."""
    return browser.get(f"{FACETS}?{query}").context["counts"].by_field


def counted_rows(monkeypatch):
    """The conditions under which rows were counted again."""
    asked = []
    counted = regency_counts.counted

    def noted(key, prefixes, count):
        return counted(key, prefixes, lambda where: asked.append(where) or count(where))

    monkeypatch.setattr(regency_counts, "counted", noted)
    return asked


def test_after_a_change_the_list_of_the_country_counts_its_regency_alone(
    english, person, batch, monkeypatch
):
    other = factory.batch(person("regency_officer", "97.02"), region="97.02", sha256="b")
    for nth in range(3):
        factory.proposal(batch, first=1 + nth)
    factory.proposal(other, first=9, village="D")
    pusdatin = english("pusdatin_verifier")
    asked = counted_rows(monkeypatch)

    def total(query=""):
        return pusdatin.get(f"{LIST}?{query}").context["total"]

    before = total()
    assert total("status=draft") == total("programme=PKH") == before
    assert total("verdict=elsewhere") == 0
    assert len(asked) == 1
    factory.proposal(batch, first=10)
    assert total() == before + 1
    assert len(asked) == 2
    assert "97.01" in str(asked[1])
    assert "97.02" not in str(asked[1])
    with as_role("worker"):
        Proposal.objects.filter(batch=other).delete()
    assert total() == before


def test_the_fields_of_the_country_are_counted_by_the_schedule(english, person, batch, monkeypatch):
    """Also where the list is too long to be counted while somebody waits."""
    other = factory.batch(person("regency_officer", "97.02"), region="97.02", sha256="b")
    factory.proposal(batch, flags=["coarse"], ppks=[8])
    named = factory.proposal(batch, first=2, flags=["coarse"], status="submitted")
    factory.proposal(other, first=9, village="D", flags=["coarse"], kind="removal")
    with as_role("owner"):
        for _twice in range(2):
            Finding.objects.create(
                batch=batch, row_number=named.row_number, code="name_titled", severity=1
            )
    pusdatin = english("pusdatin_verifier")
    live = {query: counted(pusdatin, query) for query in ("", "status=submitted")}
    monkeypatch.setattr(facet_counts, "MOST_COUNTED", 0)
    assert list(counted(pusdatin)) == ["flag"]
    with as_role("worker"):
        facet_counts.refresh_country()
    for query, expected in live.items():
        expected.pop("officer")
        assert counted(pusdatin, query) == expected
    assert "are of" in pusdatin.get(FACETS).content.decode()
    assert list(counted(pusdatin, "flag=coarse")) == ["flag"]
    assert list(counted(english("verifier"))) == ["flag"]
    asked = counted_rows(monkeypatch)
    factory.proposal(batch, first=3, flags=["coarse"])
    with as_role("worker"):
        facet_counts.refresh_country()
    assert "97.01" in str(asked[0])
    assert "97.02" not in str(asked[0])
    assert counted(pusdatin)["flag"]["coarse"] == live[""]["flag"]["coarse"] + 1
