"""Where a day stands: open, in review, frozen, between two cycles, without any calendar."""

from datetime import date

import pytest

from apps.casework.calendar import calendar_on
from apps.casework.models import Cycle
from tests.base import forget_cycles

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def calendar(role):
    """November and December of 2026 as they are in practice: cut-off the 17th, drawn the 18th."""
    with role("owner"):
        forget_cycles()
        for month, name in ((11, "November"), (12, "Desember")):
            Cycle.objects.create(
                name=name,
                opens_date=date(2026, month, 1),
                cutoff_date=date(2026, month, 17),
                draw_date=date(2026, month, 20),
            )


@pytest.mark.parametrize(
    ("day", "is_open", "is_reviewed"),
    [
        (date(2026, 10, 31), False, False),
        (date(2026, 11, 1), True, True),
        (date(2026, 11, 17), True, True),
        (date(2026, 11, 18), False, True),
        (date(2026, 11, 19), False, True),
        (date(2026, 11, 20), False, False),
        (date(2026, 12, 1), True, True),
        (date(2026, 12, 20), False, False),
    ],
)
def test_a_day_takes_proposals_until_the_cut_off_and_reviews_until_the_freeze(
    day, is_open, is_reviewed
):
    found = calendar_on(day)
    assert (found.takes_proposals, found.is_reviewed) == (is_open, is_reviewed)


def test_between_two_cycles_the_last_and_the_next_are_named():
    found = calendar_on(date(2026, 11, 25))
    assert (found.last.name, found.next.name) == ("November", "Desember")
    assert found.shown.name == "Desember"


def test_without_any_cycle_nothing_is_closed(role):
    with role("owner"):
        forget_cycles()
    found = calendar_on(date(2026, 11, 25))
    assert found.takes_proposals
    assert found.is_reviewed
    assert found.shown is None


def test_the_calendar_of_a_day_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        calendar_on(date(2026, 11, 10))
