"""Every page of reconciliation: named, fitting, light, content with axe, walked by the keyboard."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date

import pytest
from django.core.cache import cache
from playwright.sync_api import Page

from apps.jobs import work
from apps.jobs.models import Job
from apps.reconciliation.models import Conflict
from tests.browser.conftest import LAPTOP, PHONE, settled
from tests.browser.test_pages import FIRST_PAGE_BYTES, FIRST_PAGE_REQUESTS, serious
from tests.conftest import as_role
from tests.reconciliation.answering import answer
from tests.reconciliation.linked import meeting
from tests.reconciliation.pairs import Bench, a_bench, a_record, a_run
from tests.reconciliation.sample_deliveries import a_source, as_csv, loaded, receive, rows
from tests.reconciliation.sample_duplicates import a_merge, joined
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db(transaction=True)

AT = "/reconciliation/"
KEYSTROKES = 12
# Whether the focus can be seen: its ring, and that nothing that sticks lies over it.
UNSEEN = """() => {
    const at = document.activeElement, style = getComputedStyle(at);
    if (at === document.body || at.closest(".bar, .skip")) return null;
    const box = at.getBoundingClientRect();
    const over = [box.top + 3, box.bottom - 3]
        .map(y => document.elementFromPoint(box.left + Math.min(box.width / 2, 40), y));
    const isOver = box.height < 300 && over.some(one => !one
        || (!at.contains(one) && getComputedStyle(one.closest(".bar .items, .review-line, #session")
            || document.body).position.match(/fixed|sticky/)));
    const isRinged = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    if (isRinged && !isOver) return null;
    return (isOver ? "covered: " : "no ring: ") + at.outerHTML.slice(0, 90);
}"""


def sources() -> dict[str, str]:
    draft = a_source("BKN-ASN", name="Pegawai negeri")
    loaded(rows(6), a_source(), period="2026-10")
    return {
        "overview": "",
        "list": "sources/",
        "new": "sources/new/",
        "source": "sources/DUKCAPIL/",
        "draft": f"sources/{draft.pk}/",
        "upload": "sources/DUKCAPIL/upload/",
    }


def deliveries() -> dict[str, str]:
    """One at each step: not matched, waiting, being read, cancelled, refused, loaded, changed."""
    source = a_source("PKH")
    strange = receive(as_csv([{"X": one["NIK"], "Y": one["NAMA_LGKP"]} for one in rows(3)]), source)
    refused = loaded([one | {"NIK": one["NAMA_LGKP"]} for one in rows(30)], a_source("P3KE"))
    first = loaded([*rows(8), *rows(1, ID="C2")], a_source())
    second = loaded([*rows(7, TGL_LHR="13-01-1988"), *rows(1, 9300, KODE_DESA="11")], a_source())
    waiting = receive(as_csv(rows(9, 9400)), a_source("BPS"))
    reading = receive(as_csv(rows(5, 9500)), a_source("BKN"))
    stopped = receive(as_csv(rows(5, 9600)), a_source("BKKBN"))
    with as_role("worker"):
        work.cancel(stopped.job)
        Job.objects.filter(pk=reading.job.pk).update(
            status=Job.Status.RUNNING, stage="reading", done=3, total=5
        )
    found = {
        "first": first,
        "second": second,
        "waiting": waiting.dataset,
        "reading": reading.dataset,
        "cancelled": stopped.dataset,
        "refused": refused,
    }
    return {name: f"datasets/{dataset.pk}/" for name, dataset in found.items()} | {
        "match": f"datasets/{strange.dataset.pk}/columns/",
        "matched": f"datasets/{first.pk}/columns/",
    }


def runs() -> dict[str, str]:
    bench = _bench()
    run = f"runs/{bench.run.pk}/"
    asked = a_run(a_bench("BPS", status="stopped").pairing, "running")
    return {
        "start": "runs/new/",
        "run": run,
        "under-way": f"runs/{asked.pk}/",
        "coverage": f"{run}coverage/?region=97",
        "coverage-map": f"{run}coverage/?region=97&view=map",
        "pairs": f"{run}pairs/",
    }


def review() -> dict[str, str]:
    bench = _bench()
    pair = bench.pairs[0].pk
    return {
        "review": f"review/?pairing={bench.pairing.pk}",
        "empty": f"review/?pairing={a_bench('BPS').pairing.pk}",
        "pair": f"pairs/{pair}/",
        "group": f"pairs/{pair}/group/",
    }


def _bench() -> Bench:
    """Pairs of each status, one with people on its family card."""
    cache.clear()
    bench = a_bench()
    with as_role("owner"):
        left = a_record(bench.run.left, name="SRI WAHYUNI", kk="9701011201209555", mother_name="")
        a_record(bench.run.left, name="BAMBANG HARTONO", kk=left.kk, relation="KEPALA KELUARGA")
    bench.pair(weight=5.5, left=left)
    bench.pair(weight=7.0, left=left, rarity=[0, 2.4, 0, 0, 0, 0, 0, -1.1])
    bench.pair("linked", weight=14.5)
    bench.pair("below", weight=0.4)
    bench.counted()
    return bench


def questions() -> dict[str, str]:
    met = meeting(name="Dukcapil")
    with as_role("worker"):
        people = [a_person(name=name, programme="PKH") for name in ("CONTOH SATU", "CONTOH DUA")]
    moved = {"village_code": "97.01.01.2002"}
    met.link(people[0], name="CONTOH SATOE", birth_date=date(1988, 12, 1), **moved)
    met.link(people[1], is_deceased=True, death_date=date(2026, 8, 1))
    met.find()
    with as_role("owner"):
        one = Conflict.objects.get(kind="deceased")
        other = Conflict.objects.select_related("village").get(kind="moved")
    answer(other, "theirs")
    return {
        "lists": "conflicts/",
        "questions": "conflicts/questions/",
        "list": f"conflicts/lists/{one.worklist_id}/",
        "question": f"conflicts/{one.pk}/",
        "answered": f"conflicts/{other.pk}/",
        "take": "conflicts/take/?status=answered",
        "survivorship": "survivorship/",
        "person": f"../admin/registry/person/{people[0].pk}/change/",
    }


def duplicates() -> dict[str, str]:
    with as_role("owner"):
        keep = a_person(name="SITI AMINAH BINTI ABDULLAH", programme="PKH")
        joined(keep, a_person("97.02.01.2001", name="SITI AMINAH"))
        done = a_merge(a_person(name="TONO"), a_person(name="TONO"))
    return {
        "list": "duplicates/",
        "group": f"duplicates/person/{keep.pk}/",
        "all": "duplicates/merge/",
        "merges": "duplicates/merged/",
        "merge": f"duplicates/merged/{done.pk}/",
    }


MADE: dict[str, Callable[[], dict[str, str]]] = {
    made.__name__: made for made in (sources, deliveries, runs, review, questions, duplicates)
}
WITH_A_MAP = {"coverage-map"}
# The pages that most people work on; the others in full size.
QUICK = {"review", "questions"}


@pytest.mark.parametrize(
    "part",
    [pytest.param(part, marks=[] if part in QUICK else pytest.mark.scale) for part in MADE],
)
@pytest.mark.long
def test_each_page_is_named_fits_is_light_and_is_used_by_everybody(part, as_person, person, shot):
    person("regency_officer")
    addresses = MADE[part]()
    wrong = {}
    page = as_person("steward", PHONE, "id")
    taken = Taken(page)
    for name, address in addresses.items():
        page.set_viewport_size(PHONE)
        taken.sizes.clear()
        opened = page.goto(AT + address)
        settled(page)
        assert opened is not None
        assert opened.status == 200, name
        found = taken.over() if name not in WITH_A_MAP else []
        shot(page, f"{name}-phone")
        found += nameless(page) + too_wide(page, PHONE) + serious(page) + unseen(page)
        page.set_viewport_size(LAPTOP)
        shot(page, f"{name}-laptop")
        wrong[name] = found + too_wide(page, LAPTOP)
    assert [(name, fault) for name, found in wrong.items() for fault in found] == []


class Taken:
    """What a page asks for, and how many bytes of it come over the line."""

    def __init__(self, page: Page) -> None:
        self.sizes: list[int] = []
        page.on("response", lambda answer: self.sizes.append(len(gzip.compress(answer.body()))))

    def over(self) -> list[str]:
        found = []
        if len(self.sizes) > FIRST_PAGE_REQUESTS:
            found.append(f"{len(self.sizes)} requests")
        if sum(self.sizes) > FIRST_PAGE_BYTES:
            found.append(f"{sum(self.sizes)} bytes")
        return found


def nameless(page: Page) -> list[str]:
    """A title that says what the page is, and one first heading."""
    titled, headings = page.title().rpartition(" – ")[0].strip(), page.locator("h1").count()
    found = [] if titled else [f"no title: {page.title()}"]
    return found if headings == 1 else [*found, f"{headings} first headings"]


def too_wide(page: Page, size: dict[str, int]) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth")
    return [] if width <= size["width"] else [f"{width} px wide on {size['width']}"]


def unseen(page: Page) -> list[str]:
    """Where the focus cannot be seen, going through the page by the keyboard and back."""
    found = []
    page.emulate_media(reduced_motion="reduce")  # else it is looked at while it still scrolls
    page.locator("#content").focus()
    for stroke in ["Tab"] * KEYSTROKES + ["Shift+Tab"] * (KEYSTROKES - 1):
        page.keyboard.press(stroke)
        fault = page.evaluate(UNSEEN)
        if fault:
            found.append(fault)
    return found
