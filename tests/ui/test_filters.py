"""The base of filters: address, words, conditions and counts of one filter agree."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.http import QueryDict
from django.utils.translation import override

from apps.proposals.models import Proposal, Verdict
from apps.ui import filters
from tests.proposals import factory


@dataclass(frozen=True)
class Sample(filters.Filter):
    verdict: tuple[str, ...] = filters.choices(Verdict, label="location", column="verdict")
    severity: tuple[str, ...] = filters.choices(
        {0: "none", 2: "check"}, label="finding", column="severity"
    )
    batch: int | None = filters.number(label="file", column="batch_id")
    far: float | None = filters.measure(
        label="from", query=lambda metres: filters.Q(distance_m__gte=metres)
    )


def read(query: str) -> Sample:
    return Sample.from_params(QueryDict(query))


def test_a_filter_is_the_same_after_a_round_through_its_address():
    chosen = read("verdict=neighbour&verdict=inside,inside&far=2.5&batch=7&page=3")
    assert chosen == Sample(verdict=("inside", "neighbour"), batch=7, far=2.5)
    assert chosen.query == "verdict=inside%2Cneighbour&batch=7&far=2.5"
    assert read(chosen.query) == chosen


@pytest.mark.parametrize(
    "query", ["verdict=inside,%25", "batch=1,2", "far=inf", "far=-1", "severity=1", "nothing=0"]
)
def test_what_cannot_be_read_selects_nothing_and_stays_so(query):
    chosen = read(query)
    assert chosen.is_nothing
    assert read(chosen.query) == chosen
    (chip,) = chosen.chips()
    assert chip.query == ""


@override("en")
def test_what_can_be_read_is_kept_beside_what_cannot():
    chosen = read("verdict=inside&batch=x&far=60 m")
    assert (chosen.is_nothing, chosen.verdict) == (True, ("inside",))
    assert chosen.params() == {"verdict": "inside", "batch": "x", "far": "60 m"}
    assert "file: “x” cannot be read." in chosen.problem
    assert "from: “60 m” is no number" in chosen.problem
    assert chosen.without("batch").is_nothing
    assert chosen.without("batch", "far") == read("verdict=inside")
    assert chosen.toggled("verdict", "elsewhere").is_nothing
    assert not read("verdict=x").toggled("verdict", "inside").is_nothing
    chips = {chip.name: chip for chip in chosen.chips()}
    assert read(chips["verdict"].query).is_nothing
    assert chips["far"].text == "from: “60 m” cannot be read"


@pytest.mark.parametrize("text", ["3" * 2_001, "9701010107059001", "\0"])
def test_what_is_too_long_or_may_be_a_nik_is_not_carried_on(text):
    chosen = read(f"verdict=x{text}&batch=7")
    assert text not in chosen.query
    assert read(chosen.query).is_nothing
    assert read(chosen.query).batch == 7


def test_a_decimal_comma_is_a_decimal_point():
    assert read("far=2,5") == Sample(far=2.5)


def test_too_many_values_select_nothing():
    assert len(read("verdict=" + ",".join(["inside"] * 5000)).verdict) == 1

    @dataclass(frozen=True)
    class Coded(filters.Filter):
        code: tuple[str, ...] = filters.codes(label="code", column="code")

    assert Coded.from_params({"code": ",".join(f"c{n}" for n in range(101))}).is_nothing


def test_each_active_field_is_a_chip_with_the_address_without_it():
    chips = {chip.name: chip for chip in read("verdict=inside&severity=2").chips()}
    assert chips["verdict"].text == f"location: {Verdict.INSIDE.label}"
    assert chips["verdict"].query == "severity=2"
    assert chips["severity"].query == "verdict=inside"


@pytest.mark.django_db
def test_counts_obey_all_other_filters_but_not_their_own(person, gate, django_assert_num_queries):
    batch = factory.batch(person("regency_officer"))
    for number, (verdict, severity) in enumerate(
        [("inside", 0), ("inside", 2), ("inside", 2), ("neighbour", 0), ("elsewhere", 2)], 1
    ):
        factory.proposal(batch, first=number, verdict=verdict, severity=severity)
    gate(person("verifier"))
    chosen = Sample(verdict=("inside",), severity=("2",))
    with django_assert_num_queries(1):
        counts = filters.count_facets(Proposal.objects.all(), chosen, ("verdict", "severity"))
    assert counts.of("verdict") == {"inside": 2, "elsewhere": 1}
    assert counts.of("severity") == {"0": 1, "2": 2}
    assert counts.total() == chosen.apply(Proposal.objects.all()).count() == 2
    facets = {one.value: one for one in chosen.facets("verdict", Verdict.choices, counts)}
    assert (facets["inside"].is_on, facets["inside"].query) == (True, "severity=2")
    assert (facets["elsewhere"].count, facets["neighbour"].count) == (1, 0)
    assert facets["elsewhere"].query == "verdict=elsewhere%2Cinside&severity=2"
