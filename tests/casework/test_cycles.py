"""The calendar: everybody reads it, the administrator sets it, every change is in the trail."""

from datetime import date

import pytest

from apps.audit.models import Action, Entry
from apps.casework.models import Cycle

pytestmark = pytest.mark.django_db
CYCLES = "/admin/casework/cycle/"
DECEMBER = {
    "name": "Desember 2026",
    "opens_date": "2026-12-01",
    "cutoff_date": "2026-12-17",
    "draw_date": "2026-12-18",
}


def test_the_administrator_adds_a_cycle(signed_in):
    assert signed_in("administrator").post(f"{CYCLES}add/", DECEMBER).status_code == 302
    cycle = Cycle.objects.get(name="Desember 2026")
    assert cycle.cutoff_date == date(2026, 12, 17)
    entry = Entry.objects.get(action=Action.CREATE)
    assert entry.subject == f"casework.Cycle:{cycle.pk}"
    assert entry.details["closes"] == "2026-12-17"


def test_the_administrator_moves_a_date_and_one_entry_says_so(signed_in):
    cycle = Cycle.objects.get()
    data = DECEMBER | {"name": cycle.name}
    signed_in("administrator").post(f"{CYCLES}{cycle.pk}/change/", data)
    assert Cycle.objects.get().opens_date == date(2026, 12, 1)
    assert Entry.objects.filter(action=Action.CHANGE).count() == 1


@pytest.mark.parametrize(
    "change",
    [{"cutoff_date": "2026-11-30"}, {"draw_date": "2026-12-17"}, {"opens_date": "12/25/2000x"}],
)
def test_dates_out_of_order_are_refused_with_one_message(signed_in, change):
    page = signed_in("administrator").post(f"{CYCLES}add/", DECEMBER | change)
    assert page.status_code == 200
    form = page.context["adminform"].form
    assert sum(len(errors) for errors in form.errors.values()) == 1
    assert "violated" not in str(form.errors)
    assert not Cycle.objects.filter(name="Desember 2026").exists()


@pytest.mark.parametrize("role", ["verifier", "province_monitor", "determiner", "planner"])
def test_others_read_the_calendar_and_change_nothing(signed_in, role):
    browser = signed_in(role)
    cycle = Cycle.objects.get()
    assert browser.get(CYCLES).status_code == 200
    assert browser.get(f"{CYCLES}{cycle.pk}/change/").status_code == 200
    assert browser.post(f"{CYCLES}{cycle.pk}/change/", DECEMBER).status_code == 403
    assert browser.post(f"{CYCLES}add/", DECEMBER).status_code == 403
    assert Cycle.objects.get().name == "November 2026"
