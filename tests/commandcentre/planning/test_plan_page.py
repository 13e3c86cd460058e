"""A plan of more shipments than one page holds is carried out on its page, to the last box."""

from __future__ import annotations

import csv
import io
import re

import openpyxl
import pytest
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.commandcentre.models import Facility, Plan, Shipment
from apps.commandcentre.planning import plan_page
from apps.demo.country import CODES
from tests.commandcentre.planning.needs import large_plan
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
OF_A_SOURCE = 150


@pytest.fixture
def large(person) -> Plan:
    return large_plan(person("operator"))


@pytest.fixture
def desk(signed_in):
    return signed_in("operator")


def address(plan: Plan, name: str = "plan", *more: object, **query: object) -> str:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return reverse(f"commandcentre:{name}", args=[plan.pk, *more]) + (f"?{asked}" if asked else "")


def statuses(plan: Plan) -> dict[str, int]:
    found: dict[str, int] = {}
    for status in Shipment.objects.filter(plan=plan).values_list("status", flat=True):
        found[status] = found.get(status, 0) + 1
    return found


def test_every_shipment_is_reached_page_by_page(desk, large):
    with as_role("worker"):
        Plan.objects.update(status="reserved")
        for status in ("reserved", "dispatched"):
            Shipment.objects.filter(plan=large).update(status=status)
    seen: list[str] = []
    page = desk.get(address(large)).content.decode()
    while True:
        own = re.findall(r"/shipments/(\d+)/receive/", page)
        assert len(own) <= plan_page.SHIPMENTS_AT_ONCE
        seen += own
        following = re.search(r'rel="next"\s+href="\?([^"]+)"', page)
        if following is None:
            break
        query = following[1].replace("&amp;", "&")
        page = desk.get(f"{address(large)}?{query}").content.decode()
    assert len(seen) == 600
    assert set(map(int, seen)) == set(Shipment.objects.values_list("pk", flat=True))


def test_a_large_plan_is_reserved_sent_and_received_on_its_page(desk, large):
    desk.post(address(large, "plan-reserve"), {"solved_at": large.solution})
    assert statuses(large) == {"reserved": 600}
    first = Facility.objects.order_by("pk").first()
    # one source leaves, then all of a village, then the rest
    desk.post(address(large, "plan-dispatch"), {"facility": first.pk})
    assert statuses(large) == {"dispatched": OF_A_SOURCE, "reserved": 450}
    village = address(large, "plan-dispatch-many", region=CODES["B"])
    answer = desk.post(village, {"count": 30}, follow=True)
    assert answer.redirect_chain[-1][0] == address(large, region=CODES["B"])
    assert statuses(large) == {"dispatched": 180, "reserved": 420}
    desk.post(address(large, "plan-dispatch-many"), {"count": 420})
    assert statuses(large) == {"dispatched": 600}

    one = Shipment.objects.order_by("pk").first()
    desk.post(address(large, "plan-receive", one.pk), {"quantity": 3, "remark": "basah"})
    page = desk.get(address(large, status="dispatched")).content.decode()
    shown = [int(number) for number in re.findall(r"/shipments/(\d+)/receive/", page)]
    many = address(large, "plan-receive-many", status="dispatched")
    desk.post(many, {"count": len(shown), "shipment": shown, "remark": "truk 1"})
    assert statuses(large) == {"dispatched": 499, "received": 101}
    desk.post(many, {"count": 499, "remark": ""})
    assert statuses(large) == {"received": 600}
    one.refresh_from_db()
    assert (one.received_quantity, one.remark) == (3, "basah")
    of_page = Shipment.objects.filter(pk__in=shown)
    assert set(of_page.values_list("received_quantity", "remark")) == {(5, "truk 1")}


def test_an_act_on_a_list_that_has_changed_is_refused(desk, large):
    desk.post(address(large, "plan-reserve"), {"solved_at": large.solution})
    answer = desk.post(address(large, "plan-dispatch-many"), {"count": 599}, follow=True)
    assert statuses(large) == {"reserved": 600}
    assert "599" in answer.content.decode()
    desk.post(address(large, "plan-dispatch-many"), {"count": 600})
    desk.post(address(large, "plan-receive-many"), {"count": 1})
    assert statuses(large) == {"dispatched": 600}


def test_a_filter_that_cannot_be_read_shows_and_moves_nothing(desk, large):
    desk.post(address(large, "plan-reserve"), {"solved_at": large.solution})
    page = desk.get(address(large, region="Kab. Bantul")).content.decode()
    assert "Gudang 0</" not in page.split('id="sources"')[1].split("</form>")[1]
    desk.post(address(large, "plan-dispatch-many", region="Kab. Bantul"), {"count": 600})
    assert statuses(large) == {"reserved": 600}


@pytest.mark.long
def test_only_the_lumbung_without_a_statement_stays(desk, large):
    desk.post(address(large, "plan-reserve"), {"solved_at": large.solution})
    with as_role("owner"):
        lumbung = Facility.objects.order_by("pk").first()
        lumbung.kind = "lumbung"
        lumbung.save()
    page = desk.post(address(large, "plan-dispatch-many"), {"count": 600}, follow=True)
    assert statuses(large) == {"dispatched": 450, "reserved": OF_A_SOURCE}
    assert "150" in page.content.decode()
    again = address(large, "plan-dispatch-many", facility=lumbung.pk)
    page = desk.post(again, {"count": OF_A_SOURCE}, follow=True).content.decode()
    assert statuses(large) == {"dispatched": 450, "reserved": OF_A_SOURCE}
    assert "tanggap darurat" in page


def test_the_files_have_every_shipment_and_every_need(desk, large):
    answer = desk.get(address(large, "plan-file", "shipments", "csv"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 600
    assert {int(row["nomor"]) for row in rows} == set(Shipment.objects.values_list("pk", flat=True))
    assert {row["jumlah"] for row in rows} == {"5"}
    answer = desk.get(address(large, "plan-file", "shipments", "xlsx", region=CODES["B"]))
    page = openpyxl.load_workbook(io.BytesIO(answer.content))["DATA"]
    cells = list(page.iter_rows(values_only=True))
    assert len(cells) == 1 + 40
    assert {row[cells[0].index("kode_desa")] for row in cells[1:]} == {CODES["B"]}
    answer = desk.get(address(large, "plan-file", "needs", "csv"))
    needs = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(needs) == large.needs.count()
    for row in needs:
        assert int(row["kurang"]) == int(row["dibutuhkan"]) - int(row["dikirim"])
    told = Entry.objects.filter(action=Action.EXPORT, subject=f"commandcentre.Plan:{large.pk}")
    assert [one.details["rows"] for one in told.order_by("pk")] == [600, 40, len(needs)]
    for part, ending in (("stock", "csv"), ("needs", "pdf")):
        assert desk.get(address(large, "plan-file", part, ending)).status_code == 404


def test_others_get_no_file(signed_in, large):
    for role in ("planner", "verifier"):
        asked = address(large, "plan-file", "shipments", "csv")
        assert signed_in(role).get(asked).status_code in {403, 404}
