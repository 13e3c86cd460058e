"""A steward answers pairs by keys alone, and moves thresholds."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from apps.reconciliation.models import Judgement, RecordPair
from tests.browser.conftest import settled, working
from tests.conftest import as_role
from tests.limits import within
from tests.reconciliation.pairs import Bench, a_bench, a_record

pytestmark = pytest.mark.django_db(transaction=True)
NEXT_WITHIN_MS = 100


@pytest.fixture
def bench() -> Bench:
    """Six pairs to review, nearest to the middle first, and some that are linked."""
    cache.clear()
    bench = a_bench()
    kk = "9701011201209555"
    with as_role("owner"):
        left = a_record(bench.run.left, name="SRI WAHYUNI", kk=kk, mother_name="")
        a_record(bench.run.left, name="BAMBANG HARTONO", kk=kk, relation="KEPALA KELUARGA")
    bench.pair(weight=5.5, left=left)
    for weight in (5.6, 5.8, 6.0, 7.0, 8.5):
        bench.pair(weight=weight, rarity=[0, 2.4, 0, 0, 0, 0, 0, -1.1])
    for weight in (9.2, 12.0, 14.5, 14.9, 17.2):
        bench.pair("linked", weight=weight)
    for weight in (-3.0, 0.4, 1.2):
        bench.pair("below", weight=weight)
    bench.counted()
    return bench


def title(page: Page) -> str:
    return page.locator("#pair-title").inner_text()


@pytest.mark.long
def test_pairs_are_answered_by_keys_alone(bench, as_person, shot):
    page = as_person("steward")
    page.goto(f"/reconciliation/review/?pairing={bench.pairing.pk}")
    area = page.locator("#pair")
    expect(area).to_be_focused()
    assert title(page) == "Pair 1 of 6"
    shot(page, "review")
    ids = [pair.pk for pair in bench.pairs[:6]]
    settled(page)

    page.keyboard.press("s")
    expect(page.locator("#pair-title")).to_have_text("Pair 2 of 6", timeout=NEXT_WITHIN_MS * 5)
    expect(page.locator("#review-status")).to_have_text("Saved: The same person.")
    expect(area).to_be_focused()
    shot(page, "answered")

    # letters typed into a field are letters
    page.get_by_text("Add a note").click()
    page.get_by_label("Note", exact=True).fill("")
    page.get_by_label("Note", exact=True).press_sequentially("sbruj")
    expect(page.get_by_label("Note", exact=True)).to_have_value("sbruj")
    assert title(page) == "Pair 2 of 6"
    area.focus()

    page.keyboard.press("w")
    expect(page.locator(".sums").first).to_be_visible()  # instead of the bars
    shot(page, "sums")
    page.keyboard.press("w")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    shot(page, "keys")
    page.keyboard.press("Escape")
    area.focus()

    page.keyboard.press("b")
    expect(page.locator("#review-status")).to_have_text("Saved: Not the same person.")
    assert title(page) == "Pair 3 of 6"
    settled(page)
    page.keyboard.press("u")
    expect(page.locator("#review-status")).to_contain_text("is taken back")
    expect(area).to_have_attribute("data-pair", str(ids[1]))
    settled(page)

    page.keyboard.press("j")
    expect(area).to_have_attribute("data-pair", str(ids[2]))
    settled(page)
    page.keyboard.press("k")
    expect(area).to_have_attribute("data-pair", str(ids[1]))
    settled(page)
    page.keyboard.press("r")
    expect(page.locator("#review-status")).to_contain_text("Saved: Unsure")
    settled(page)
    page.goto("about:blank")
    with as_role("owner"):
        said = dict(Judgement.objects.filter(undone_at=None).values_list("pair_id", "outcome"))
        note = Judgement.objects.filter(undone_at__isnull=False).get()
    assert said == {ids[0]: "same", ids[1]: "unsure"}
    assert (note.pair_id, note.outcome, note.note) == (ids[1], "not_same", "sbruj")


@pytest.mark.timed
@pytest.mark.long
def test_the_next_pair_is_there_in_a_tenth_of_a_second(bench, as_person):
    page = as_person("steward")
    page.goto(f"/reconciliation/review/?pairing={bench.pairing.pk}")
    settled(page)
    spent = page.evaluate(
        """() => new Promise(done => {
            const began = performance.now(), desk = document.getElementById("desk");
            new MutationObserver(() => requestAnimationFrame(() => done(performance.now() - began)))
                .observe(desk, {childList: true});
            desk.querySelector("[data-key=s]").click();
        })"""
    )
    assert spent < within(NEXT_WITHIN_MS)
    expect(page.locator("#review-status")).to_have_text("Saved: The same person.")


@pytest.mark.long
def test_who_was_slower_reads_who_was_faster_and_goes_on(bench, as_person, person):
    page = as_person("steward")
    page.goto(f"/reconciliation/review/?pairing={bench.pairing.pk}")
    settled(page)
    first = bench.pairs[0]
    with working():
        colleague = person("steward", name="steward-lain")
    with as_role("owner"):
        Judgement.objects.create(
            left_source="PKH", left_ref="1", right_source="REGISTER", right_ref="2",
            pair=first, outcome="same", at=bench.run.asked_at, user=colleague,
        )  # fmt: skip
        RecordPair.objects.filter(pk=first.pk).update(status="same")
    page.keyboard.press("b")
    expect(page.locator("#review-status")).to_contain_text("Steward-Lain judged this pair at")
    expect(page.locator("#pair-title")).to_have_text(re.compile("Pair 2 of"))
    settled(page)
    page.goto("about:blank")
    with as_role("owner"):
        assert RecordPair.objects.get(pk=first.pk).status == "same"


@pytest.mark.long
def test_moving_a_threshold_shows_its_effect_before_it_is_saved(bench, as_person, shot):
    page = as_person("steward")
    page.goto(f"/reconciliation/runs/{bench.run.pk}/")
    page.get_by_label("Upper threshold").fill("6.5")
    expect(page.locator("#effect")).to_contain_text("best pair only: 7 pairs linked, 4 to review")
    shot(page, "effect")
    page.get_by_label("Lower threshold").fill("7")
    expect(page.locator("#effect")).to_contain_text("is above the upper one")
    page.goto("about:blank")
    with as_role("owner"):
        bench.pairing.refresh_from_db()
    assert (bench.pairing.lower, bench.pairing.upper) == (2.0, 9.0)
