"""One filter for list, map, bulk and address."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from apps.proposals.models import Finding, Proposal
from apps.proposals.selection import Selection
from tests.conftest import as_role
from tests.proposals import factory


def found(params):
    query = QueryDict(params) if isinstance(params, str) else params
    rows = Selection.from_params(query).apply(Proposal.objects.all())
    return set(rows.values_list("row_number", flat=True))


@pytest.fixture
def rows(person, gate):
    batch = factory.batch(person("regency_officer"))
    factory.proposal(batch, first=1, village="A", verdict="inside", severity=0)
    factory.proposal(batch, first=2, village="B", verdict="elsewhere", flags=["axes_swapped"])
    factory.proposal(batch, first=3, village="C", status="submitted", programme_id="SEMBAKO")
    factory.proposal(batch, first=4, village="C", kind="removal", severity=2)
    with as_role("worker"):
        Finding.objects.create(batch=batch, row_number=4, code="nik_length", severity=2)
    gate(person("verifier"))
    return batch


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("", {1, 2, 3, 4}),
        ("region=97.01.01", {1, 2}),
        ("region=97.01.02.2001", {3, 4}),
        ("region=ID", {1, 2, 3, 4}),
        ("status=submitted", {3}),
        ("status=draft&verdict=inside,elsewhere&kind=new", {1, 2}),
        ("verdict=inside&verdict=elsewhere&region=97.01.01", {1, 2}),
        ("flag=axes_swapped", {2}),
        ("finding=nik_length", {4}),
        ("severity=2", {4}),
        ("programme=SEMBAKO", {3}),
        ("kind=removal", {4}),
        ("page=3&csrf=x&batch=", {1, 2, 3, 4}),
    ],
)
def test_each_field_narrows_and_other_parameters_are_ignored(rows, params, expected):
    assert found(params) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    "params",
    [
        "region=%25",
        "region=97.0",
        "region=_7.01",
        "region=97.01,98.01",
        "region=97.01%00",
        "batch=1e3",
        "batch=-1",
        "batch=1,2",
        "batch=9999999999999999999",
        "batch=%D9%A1",
        "status=%25",
        "status=submitted,nonsense",
        "verdict=inside%00",
        "flag=*",
        "finding=nik%25",
        "severity=5",
        "programme=PKH' OR 1=1",
        "nothing=0",
    ],
)
def test_a_value_that_cannot_be_read_selects_nothing_and_stays_so_in_the_address(rows, params):
    selection = Selection.from_params(QueryDict(params))
    assert found(params) == set()
    assert Selection.from_params(selection.params()) == selection


@pytest.mark.django_db
def test_a_lone_surrogate_selects_nothing(rows):
    assert found({"finding": "\udc80"}) == set()


@pytest.mark.django_db
def test_a_batch_is_selected_by_its_number(rows):
    assert found(f"batch={rows.pk}") == {1, 2, 3, 4}
    assert found(f"batch={rows.pk + 1}") == set()


@given(
    st.dictionaries(
        st.sampled_from(["batch", "region", "status", "verdict", "flag", "severity", "kind", "x"]),
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(["inside", "draft,submitted", "97.01", "7", "2", "new"]),
        ),
    )
)
def test_params_give_the_same_selection_again_in_one_spelling(params):
    selection = Selection.from_params(params)
    again = Selection.from_params(selection.params())
    assert again == selection
    assert again.params() == selection.params()
