"""Every number about pairs is the length of its list, or says what else it counts."""

import csv
import re
from urllib.parse import parse_qs, urlparse

import pytest
from django.core.management import call_command

from apps.demo import country
from apps.demo.population import ministries
from apps.demo.population.people import people
from apps.reconciliation.linkage import runs
from apps.reconciliation.models import Judgement, RecordPair, Run
from apps.ui import paging
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.reconciliation.sample_deliveries import a_source, load, receive

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROOT = "/reconciliation/"
PERSONS = 250


@pytest.fixture
def steward(signed_in):
    return signed_in("steward", name="penata")


@pytest.fixture
def run(tmp_path):
    """A run of two made-up registers with a blind sample, done by the worker's own task."""
    villages = {code: place for code, place in country.villages().items() if code[:2] == "97"}
    files = ministries.write_pair(
        tmp_path, people(villages, PERSONS * 2, 3), PERSONS, seed=3, villages=sorted(villages),
        left=ministries.POOR,
    )  # fmt: skip
    left, right = (
        load(receive(path.read_bytes(), a_source(code, sample_percent=20)))
        for path, code in zip(files[:2], ("P3KE", "DTSEN"), strict=True)
    )
    with as_role("worker"):
        made, job = runs.enqueue_run(left=left, right=right, by=None, by_name="tests", now=NOW)
        do(job)
        made.refresh_from_db()
        held = RecordPair.objects.all().of(made)
        # a band of every kind is sure to be there, the blind sample in each of them
        for number, pair in enumerate(held.order_by("pk")):
            if pair.basis == "weight" and number % 9 == 0:
                held.filter(pk=pair.pk).update(status="review", is_sample=number % 18 == 0)
    return made


def listed(browser, address):
    """How many pairs the list holds on all its pages."""
    total, at = 0, urlparse(address)
    query = at.query
    while True:
        page = browser.get(f"{at.path}?{query}").context["page"]
        total += len(page.rows)
        if not page.after:
            return total
        query = page.after


def answer(browser, pairing, many):
    """Answer so many pairs of the queue, each with another word."""
    for number in range(many):
        desk = browser.get(f"{ROOT}review/?pairing={pairing}").content.decode()
        address = re.search(r"/reconciliation/review/\d+/judge/", desk).group()
        seen = re.search(r'name="seen"\s+value="(\w*)"', desk).group(1)
        outcome = ("same", "not_same", "unsure")[number % 3]
        sent = browser.post(address, {"outcome": outcome, "seen": seen, "note": ""})
        assert sent.status_code in (200, 302)


def links(page):
    """(address, number) of every link to a list of pairs that carries a count."""
    text = page.content.decode()
    waits = re.findall(
        r'href="([^"]*/pairs/[^"]*)">[^<]*<span class="count">([\d.,]+)</span>', text
    )
    cells = re.findall(r'<td class="number"><a href="([^"]*/pairs/[^"]*)">([\d.,]+)</a>', text)
    return [
        (address.replace("&amp;", "&"), int(re.sub(r"\D", "", number)))
        for address, number in (*waits, *cells)
    ]


@pytest.mark.long
def test_each_number_on_the_page_of_a_run_is_the_length_of_its_list(
    steward, run, monkeypatch, tmp_path
):
    monkeypatch.setattr(paging, "PAGE", 40)
    for moment in ("before", "after answers"):
        page = steward.get(f"{ROOT}runs/{run.pk}/")
        found = links(page)
        assert {"status", "low"} <= {
            key for at, _n in found for key in parse_qs(urlparse(at).query)
        }
        for address, number in found:
            assert listed(steward, address) == number, (moment, address)
        of_statuses = sum(number for at, number in found if "status=" in at)
        of_weights = sum(number for at, number in found if "status=" not in at)
        everything = listed(steward, f"{ROOT}runs/{run.pk}/pairs/")
        assert of_statuses == of_weights == everything
        blind = listed(steward, f"{ROOT}runs/{run.pk}/pairs/?status=blind")
        assert page.context["blind"] == blind > 0
        with as_role("worker"):
            out = tmp_path / f"{moment}.csv"
            call_command("export_links", str(run.pk), out=out)
        with out.open(newline="") as file:
            assert len(list(csv.DictReader(file))) == everything + blind
        _waiting_is_the_same_everywhere(steward, run, page, blind)
        with as_role("worker"):
            assert Judgement.objects.count() == (0 if moment == "before" else 6)
        answer(steward, run.pairing_id, 6)


def _waiting_is_the_same_everywhere(steward, run, page, blind):
    """On the run's page, the overview, the dashboard and in the queue itself."""
    to_review = listed(steward, f"{ROOT}runs/{run.pk}/pairs/?status=review")
    own = page.context["waiting"]
    desk = steward.get(f"{ROOT}review/?pairing={run.pairing_id}")
    place = desk.context["place"]
    assert (place.waiting, place.done) == (own.waiting, own.done)
    with as_role("worker"):
        answered = RecordPair.objects.filter(
            pairing=run.pairing_id, judgements__isnull=False, judgements__undone_at=None
        )
        still = answered.filter(status="review").count() + sum(
            1 for one in answered.exclude(status="review") if one.is_blind
        )
    assert own.waiting == to_review + blind - still
    for at in (ROOT, "/"):
        shown = re.sub(r"\s+", " ", steward.get(at).content.decode())
        count = re.search(
            rf'href="{ROOT}review/\?pairing={run.pairing_id}"> ?.*?class="count">([\d.,]+)<', shown
        )
        assert count and int(re.sub(r"\D", "", count.group(1))) == own.waiting, at


def test_the_boxes_count_records_and_say_so(steward, run):
    page = steward.get(f"{ROOT}runs/{run.pk}/")
    boxes = {box.code: box.count for box in page.context["boxes"]}
    with as_role("worker"):
        counts = Run.objects.get(pk=run.pk).counts
    assert sum(boxes.values()) == counts["records"]
    assert "masing-masing dalam satu kotak" in page.content.decode()
    assert "Rekaman yang ditinjau" in steward.get(ROOT).content.decode()
