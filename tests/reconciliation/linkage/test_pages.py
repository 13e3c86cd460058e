"""The stewards' pages: what they show, what they hide, and that every look is on record."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.cache import cache

from apps.audit.models import Entry
from apps.demo.country import CODES
from apps.jobs.models import Job
from apps.reconciliation.clerical import waterfall
from apps.reconciliation.models import REGISTER, Judgement, Record, RecordPair, Run, Source
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.privacy.crawl import pages
from tests.reconciliation.pairs import Bench, a_bench, a_dataset, a_record, a_run
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
ROOT = "/reconciliation/"


@pytest.fixture(autouse=True)
def _no_counts_of_others():
    cache.clear()  # ids come again in every test


@pytest.fixture
def steward(signed_in):
    return in_english(signed_in("steward"))


def in_english(browser):
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


@pytest.fixture
def bench() -> Bench:
    return a_bench()


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


# --- the pair ---


def test_a_pair_shows_differing_letters_weights_and_what_they_mean(bench, steward):
    pair = bench.pair()
    shown = text(steward.get(f"{ROOT}pairs/{pair.pk}/"))
    assert "BUDI SANT<mark>O</mark>S<mark>O</mark>" in shown
    assert "BUDI SANT<mark>U</mark>S<mark>U</mark>" in shown
    assert "2 letters differ" in shown
    assert "day and month swapped" in shown
    assert "cannot be compared" in shown
    assert "adds 5.5" in shown
    assert "start −14.2" in shown


def test_the_bars_add_up_to_the_weight_of_the_pair(bench, steward):
    pair = bench.pair(levels=[2, 5, 4, 5, 2, 3, 1, 1], rarity=[0, 3.6, 0, -1.0, 0, 0, 0, 0])
    shown = text(steward.get(f"{ROOT}pairs/{pair.pk}/"))
    assert f"sum <b>{waterfall.signed(pair.weight)}</b>" in shown
    # the keys are equal; of the mother's name every letter is, of the own one not
    assert "the same name, spelt differently, rather rare" in shown
    assert "name equal" in shown
    assert "more common than most" in shown
    assert "&gt; 99.9 %" in shown


def test_numbers_are_masked_and_hidden_digits_that_differ_are_said(bench, steward):
    with as_role("owner"):
        left = a_record(bench.run.left, nik="9701011201889123")
        right = a_record(bench.run.right, nik="9701011202889123")
    shown = text(steward.get(f"{ROOT}pairs/{bench.pair(left=left, right=right).pk}/"))
    assert "9701011201889123" not in shown
    assert "970101••••••9123" in shown
    assert "The hidden digits differ." in shown


def test_a_pair_shows_relatives_on_the_same_card_of_the_same_source_only(bench, steward):
    kk = "9701011201209777"
    with as_role("owner"):
        left = a_record(bench.run.left, kk=kk)
        a_record(bench.run.left, kk=kk, name="ANAK SATU", birth_date=date(2015, 2, 3))
        gone = a_record(bench.run.left, kk=kk, name="SUDAH PINDAH")
        type(gone).objects.filter(pk=gone.pk).update(until=2)
        a_record(bench.run.right, kk=kk, name="TETANGGA", birth_date=date(2015, 2, 3))
    shown = text(steward.get(f"{ROOT}pairs/{bench.pair(left=left).pk}/"))
    assert "ANAK SATU" in shown
    assert "SUDAH PINDAH" not in shown
    assert "TETANGGA" not in shown


def test_the_distance_is_from_village_to_village_by_their_boundaries(bench, steward):
    shown = text(steward.get(f"{ROOT}pairs/{bench.pair().pk}/"))
    assert "1.1 km between the middles of both villages." in shown
    assert "Ampel, Barat Lor Satu, Kabupaten Barat Lor" in shown
    with as_role("owner"):
        nowhere = a_record(bench.run.left, village="")
    shown = text(steward.get(f"{ROOT}pairs/{bench.pair(left=nowhere).pk}/"))
    assert "The distance is not known" in shown


def test_every_look_at_a_pair_is_on_record_for_the_pair_and_the_registered_person(bench, steward):
    with as_role("owner"):
        person = a_person(CODES["B"])
        right = a_record(bench.run.right, source_ref=str(person.pk), village="B")
    pair = bench.pair(right=right)
    for address in (f"pairs/{pair.pk}/", f"review/?pairing={bench.pairing.pk}"):
        steward.get(ROOT + address)
    about = Entry.objects.about(f"reconciliation.RecordPair:{pair.pk}")
    assert [entry.action for entry in about] == ["read", "read"]
    assert about[0].details["records"] == [pair.left_id, pair.right_id]
    assert Entry.objects.about(f"registry.Person:{person.pk}").count() == 2
    steward.get(f"{ROOT}pairs/{pair.pk}/group/")
    assert about.all().count() == 3


def test_the_blind_sample_shows_no_weight_and_no_colleagues_answer(bench, steward, signed_in):
    pair = bench.pair("linked", weight=14.0, is_sample=True)
    other = signed_in("steward", name="steward-lain")
    other.post(f"{ROOT}review/{pair.pk}/judge/", {"outcome": "not_same", "seen": "linked"})
    for address in (f"pairs/{pair.pk}/", f"review/?pairing={bench.pairing.pk}&pair={pair.pk}"):
        shown = text(steward.get(ROOT + address))
        assert "Blind sample" in shown
        assert 'class="fall"' not in shown
        assert "start −14.2" not in shown
        assert "Your answer" not in shown
        assert "Steward-Lain" not in shown


def test_no_list_tells_the_status_or_the_weight_of_a_pair_of_the_blind_sample(bench, steward):
    sample = bench.pair("linked", weight=14.0, is_sample=True)
    other = bench.pair("linked", weight=13.5)
    listed = f"{ROOT}runs/{bench.run.pk}/pairs/?"
    # neither a filter nor a place among the others gives it away
    for query in ("", "status=linked", "low=14&high=15", "change=new", "status=below"):
        answer = steward.get(listed + query)
        assert sample.pk not in [row.pk for row in answer.context["page"].rows], query
        assert "status=blind" in text(answer), query
    assert [row.pk for row in steward.get(listed).context["page"].rows] == [other.pk]
    own = steward.get(f"{listed}status=blind")
    assert [row.pk for row in own.context["page"].rows] == [sample.pk]
    assert "blind sample" in text(own)
    assert "14.0" not in text(own) and "status-linked" not in text(own)
    with as_role("owner"):
        RecordPair.objects.filter(pk=sample.pk).update(status="same")
    settled = steward.get(f"{listed}status=same")
    assert [row.pk for row in settled.context["page"].rows] == [sample.pk]
    assert "?status=blind" not in text(settled)


def test_the_list_of_the_blind_sample_is_in_the_order_of_its_keys(bench, steward, monkeypatch):
    monkeypatch.setattr("apps.ui.paging.PAGE", 2)
    weights = (11.0, 15.0, 3.0, 9.0)
    made = [bench.pair("review", weight=one, is_sample=True).pk for one in weights]
    listed = f"{ROOT}runs/{bench.run.pk}/pairs/?"
    first = steward.get(f"{listed}status=blind").context["page"]
    second = steward.get(listed + first.after).context["page"]
    assert [row.pk for row in (*first.rows, *second.rows)] == made
    assert [row.pk for row in steward.get(listed + second.before).context["page"].rows] == made[:2]


@pytest.mark.parametrize("status", ["linked", "below", "review"])
def test_neither_its_page_nor_its_group_tells_the_status_of_a_blind_pair(bench, steward, status):
    pair = bench.pair(status, weight=14.0, is_sample=True)
    seen = bench.pair("review", weight=2.0, left=pair.left)
    for name in (f"pairs/{pair.pk}/", f"pairs/{pair.pk}/group/"):
        shown = text(steward.get(ROOT + name))
        assert "blind sample" in shown, name
        assert f'value="{status}"' not in shown, name
        assert "14.0" not in shown, name
    rows = steward.get(f"{ROOT}pairs/{pair.pk}/group/").context["rows"]
    # behind the others, which stand by their weights
    assert [one.pk for one, _left, _right in rows] == [seen.pk, pair.pk]
    group = text(steward.get(f"{ROOT}pairs/{pair.pk}/group/"))
    assert group.count("chip status-") == 1


def test_an_answer_from_a_page_that_told_nothing_counts_until_the_pair_is_settled(
    bench, steward, signed_in
):
    pair = bench.pair("linked", weight=14.0, is_sample=True)
    judge, form = f"{ROOT}review/{pair.pk}/judge/", {"outcome": "same", "seen": "blind"}
    for browser in (steward, signed_in("steward", name="steward-lain")):
        browser.post(judge, form)
    assert set(Judgement.objects.values_list("is_blind", "before")) == {(True, "linked")}
    pair.refresh_from_db()
    assert (pair.status, pair.told) == ("same", "same")
    signed_in("steward", name="terlambat").post(judge, form)
    assert Judgement.objects.count() == 2


# --- the review ---


def test_the_review_leads_from_pair_to_pair_without_a_script(bench, steward):
    first, second = bench.pair(weight=5.5), bench.pair(weight=6.0)
    address = f"{ROOT}review/?pairing={bench.pairing.pk}"
    shown = text(steward.get(address))
    assert "Pair 1 of 2" in shown
    assert f'data-pair="{first.pk}"' in shown
    form = {"outcome": "same", "seen": "review"}
    shown = text(steward.post(f"{ROOT}review/{first.pk}/judge/", form, follow=True))
    assert "Saved: The same person." in shown
    assert "Pair 2 of 2" in shown
    assert f'action="{ROOT}review/{first.pk}/undo/"' in shown
    shown = text(steward.post(f"{ROOT}review/{first.pk}/undo/", follow=True))
    assert f"Your answer on pair {first.pk} is taken back." in shown
    assert f'data-pair="{first.pk}"' in shown
    shown = text(steward.get(f"{address}&skip={first.pk}"))
    assert "Pair 2 of 2" in shown
    assert f'data-pair="{second.pk}"' in shown
    shown = text(steward.get(f"{address}&skip={first.pk},{second.pk}"))
    assert "Every pair that waits was put off." in shown


def test_the_script_gets_the_next_pair_as_a_fragment_and_refusals_in_words(
    bench, steward, signed_in
):
    pair = bench.pair()
    known = {"HX-Request": "true"}
    address = f"{ROOT}review/?pairing={bench.pairing.pk}"
    fragment = text(steward.get(address, headers=known))
    assert fragment.startswith('<article id="pair"') or "<html" not in fragment
    assert steward.get(f"{address}&skip={pair.pk}", headers=known).status_code == 204
    form = {"outcome": "same", "seen": "review"}
    judge = f"{ROOT}review/{pair.pk}/judge/"
    answered = text(steward.post(judge, form, headers=known))
    assert ">Saved: The same person.</p>" in answered
    undo = f"{ROOT}review/{pair.pk}/undo/"
    assert f'hx-post="{undo}"' in answered
    assert 'id="pair"' not in answered
    late = in_english(signed_in("steward", name="steward-lain")).post(judge, form, headers=known)
    assert "judged this pair at" in text(late)
    assert f'href="{ROOT}pairs/{pair.pk}/"' in text(late)
    assert "hx-post" not in text(late)
    assert Judgement.objects.count() == 1
    undone = text(steward.post(undo, headers=known))
    assert f"Your answer on pair {pair.pk} is taken back.</p>" in undone
    assert f'data-pair="{pair.pk}"' in undone
    assert "hx-post" not in undone
    again = text(steward.post(undo, headers=known))
    assert 'id="review-status"' in again
    assert 'id="pair"' not in again


def test_an_answer_that_contradicts_leads_the_script_to_the_group(steward):
    bench = a_bench(REGISTER, REGISTER)
    with as_role("owner"):
        a, b, c = (a_record(bench.run.left, name=name) for name in ("ANI", "ANII", "ANNI"))
    for left, right in ((a, b), (b, c)):
        bench.pair("same", left=left, right=right)
    with as_role("owner"):
        RecordPair.objects.update(status="linked")
    apart = bench.pair(left=a, right=c)
    form = {"outcome": "not_same", "seen": "review"}
    judge = f"{ROOT}review/{apart.pk}/judge/"
    answer = steward.post(judge, form, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == f"{ROOT}pairs/{apart.pk}/group/"


def test_a_contradiction_leads_to_all_pairs_of_the_group(steward):
    bench = a_bench(REGISTER, REGISTER)
    with as_role("owner"):
        a, b, c = (a_record(bench.run.left, name=name) for name in ("ANI", "ANII", "ANNI"))
    for left, right in ((a, b), (b, c)):
        bench.pair("same", left=left, right=right)
    with as_role("owner"):
        RecordPair.objects.update(status="linked")
    apart = bench.pair(left=a, right=c)
    form = {"outcome": "not_same", "seen": "review"}
    shown = text(steward.post(f"{ROOT}review/{apart.pk}/judge/", form, follow=True))
    assert "Group of 3 records" in shown
    assert "The answers contradict each other." in shown
    assert "More than one of these records comes from Register" in shown
    assert set(RecordPair.objects.values_list("status", flat=True)) == {"review", "not_same"}


# --- the run ---


def test_a_run_shows_boxes_that_add_up_and_lists_of_exactly_what_they_count(bench, steward):
    for weight in (9.5, 12.2, 12.9):
        bench.pair("linked", weight=weight)
    for weight in (3.0, 5.5):
        bench.pair("review", weight=weight)
    run = bench.counted()
    shown = text(steward.get(f"{ROOT}runs/{run.pk}/"))
    counts = run.counts
    assert sum(counts["boxes"].values()) == counts["records"] == 12
    for words in ("Linked by weight", "To be reviewed", "Without a match", "Records together"):
        assert words in shown
    assert "<svg" in shown
    linked = text(steward.get(f"{ROOT}runs/{run.pk}/pairs/?status=linked"))
    assert linked.count('class="chip status-linked"') == counts["pairs"]["linked"] == 3
    bar = text(steward.get(f"{ROOT}runs/{run.pk}/pairs/?low=12&high=13"))
    assert bar.count('<th scope="row">') == 2


def test_pages_of_pairs_hold_each_pair_once(bench, steward, monkeypatch):
    monkeypatch.setattr("apps.ui.paging.PAGE", 2)
    made = {bench.pair(weight=weight).pk for weight in (5.0, 5.0, 5.0, 7.5, 3.0)}
    query, seen = "status=review", []
    while True:
        answer = steward.get(f"{ROOT}runs/{bench.run.pk}/pairs/?{query}")
        page = answer.context["page"]
        seen += [row.pk for row in page.rows]
        if not page.after:
            break
        query = page.after
    assert len(seen) == len(made) and set(seen) == made
    answer = steward.get(f"{ROOT}runs/{bench.run.pk}/pairs/?{page.before}")
    assert [row.pk for row in answer.context["page"].rows] == seen[2:4]


def test_what_changed_is_listed_as_it_is_counted(bench, steward):
    stays, ends = bench.pair(), bench.pair()
    with as_role("owner"):
        run = a_run(bench.pairing, previous=bench.run)
        RecordPair.objects.filter(pk=ends.pk).update(until=run.pk)
        Run.objects.filter(pk=run.pk).update(changes={"new": 1, "ended": 1})
    new = Bench(bench.left, bench.right, run).pair()
    shown = text(steward.get(f"{ROOT}runs/{run.pk}/"))
    assert 'pairs found by this run <span class="count">1</span>' in shown
    for change, pair in (("new", new), ("ended", ends)):
        page = steward.get(f"{ROOT}runs/{run.pk}/pairs/?change={change}").context["page"]
        assert [row.pk for row in page.rows] == [pair.pk], change
    assert stays.until is None


def test_what_people_and_better_pairs_made_of_the_found_ones_is_listed_as_it_is_counted(
    bench, steward
):
    bench.pair("same")
    bench.pair("displaced")
    with as_role("owner"):
        run = a_run(bench.pairing, previous=bench.run, changes={"new": 5, "ended": 0})
    later = Bench(bench.left, bench.right, run)
    answered = {later.pair(status).pk for status in ("same", "not_same")}
    displaced = {later.pair("displaced").pk}
    later.pair("linked")
    later.pair("displaced", is_sample=True)
    shown = steward.get(f"{ROOT}runs/{run.pk}/")
    counts = {kind: count for kind, _words, count in shown.context["changes"]}
    # the one of the blind sample is in none of these lists, and in none of these numbers
    assert counts == {"new": 4, "answered": 2, "displaced": 1, "ended": 0}
    for kind, pairs in (("answered", answered), ("displaced", displaced)):
        assert f"?change={kind}" in text(shown)
        page = steward.get(f"{ROOT}runs/{run.pk}/pairs/?change={kind}").context["page"]
        assert {row.pk for row in page.rows} == pairs, kind


def test_a_breaker_says_what_it_found_and_is_overruled_by_name(signed_in, steward):
    bench = a_bench(status="stopped")
    with as_role("owner"):
        breaker = {"code": "duplicates_share", "found": 0.93, "limit": 0.05}
        Run.objects.filter(pk=bench.run.pk).update(breaker=breaker)
    shown = text(steward.get(f"{ROOT}runs/{bench.run.pk}/"))
    assert "93.0 %" in shown and "5.0 %" in shown
    assert "Go on anyway" in shown


def test_thresholds_show_their_effect_before_they_are_saved(bench, steward):
    for weight in (3.0, 5.5, 8.0):
        bench.pair(weight=weight)
    bench.pair("linked", weight=12.0)
    run = bench.counted()
    address = f"{ROOT}runs/{run.pk}/thresholds/"
    shown = text(steward.get(f"{address}?lower=4&upper=8"))
    assert "<b>2</b> pairs linked, <b>1</b> to review" in shown
    bench.pairing.refresh_from_db()
    assert (bench.pairing.lower, bench.pairing.upper) == (2.0, 9.0)
    wrong = text(steward.get(f"{address}?lower=9&upper=8"))
    assert "is above the upper one" in wrong
    steward.post(address, {"lower": "4,5", "upper": "8"})
    shown = text(steward.get(f"{ROOT}runs/{run.pk}/"))
    assert "Pairs are sorted by the new thresholds" in shown
    assert "Save thresholds" not in shown
    with as_role("worker"):
        do(Job.objects.latest("pk"))
    bench.pairing.refresh_from_db()
    assert (bench.pairing.lower, bench.pairing.upper) == (4.5, 8.0)
    assert "Save thresholds" in text(steward.get(f"{ROOT}runs/{run.pk}/"))
    low = text(steward.post(address, {"lower": "-20", "upper": "8"}, follow=True))
    assert "were not kept" in low


def test_precision_and_recall_come_from_answers(bench, steward):
    assert "known once people have answered" in text(
        steward.get(f"{ROOT}runs/{bench.run.pk}/quality/")
    )
    for outcome in ("same", "same", "not_same"):
        pair = bench.pair(weight=5.5)
        steward.post(f"{ROOT}review/{pair.pk}/judge/", {"outcome": outcome, "seen": "review"})
    sample = bench.pair("linked", weight=12.0, is_sample=True)
    bench.pair("linked", weight=14.0)
    with as_role("owner"):
        Judgement.objects.create(
            left_source="a", left_ref="1", right_source="b", right_ref="2", pair=sample,
            outcome="same", before="linked", is_blind=True, at=bench.run.asked_at,
            user=Judgement.objects.first().user,
        )  # fmt: skip
        RecordPair.objects.filter(pk=sample.pk).update(status="same")
    quality = steward.get(f"{ROOT}runs/{bench.run.pk}/quality/").context["quality"]
    assert (quality.precision.value, quality.precision.judged, quality.precision.unknown) == (
        1,
        1,
        1,
    )
    assert quality.recall.value == pytest.approx(1 / 3)
    assert quality.recall.low < 1 / 3 < quality.recall.high


def test_coverage_counts_everybody_of_the_register_once(bench, steward):
    with as_role("owner"):
        rows = [a_record(bench.run.right, village=letter) for letter in "AABI"]
        a_record(bench.run.right, village="")
    for record in (rows[0], rows[3]):
        for _ in range(2):
            bench.pair("linked", right=record)
    bench.pair("review", right=rows[1])
    found = steward.get(f"{ROOT}runs/{bench.run.pk}/coverage/").context["coverage"]
    assert {(row.code, row.people, row.linked) for row in found.rows} == {
        ("97", 3, 1),
        ("98", 1, 1),
    }
    assert found.without_village == 1
    inside = steward.get(f"{ROOT}runs/{bench.run.pk}/coverage/?region=97.01.01")
    rows = {(row.name, row.people, row.linked) for row in inside.context["coverage"].rows}
    assert rows == {("Ampel", 2, 1), ("Beji", 1, 0)}
    drawn = steward.get(f"{ROOT}runs/{bench.run.pk}/coverage/outlines/?region=97").json()
    assert [one["properties"]["code"] for one in drawn["features"]] == ["97.01", "97.02"]
    assert drawn["features"][0]["properties"]["linked"] == 1


def test_the_overview_says_what_is_due_and_what_waits(bench, steward):
    bench.pair()
    with as_role("owner"):
        Source.objects.filter(pk="PKH").update(refresh_days=1)
    shown = text(steward.get(ROOT))
    assert "Pairs to review" in shown
    assert "late" in shown
    assert f'href="{ROOT}runs/{bench.run.pk}/"' in shown


def test_a_run_is_started_from_a_loaded_delivery(bench, steward):
    with as_role("owner"):
        delivery = a_dataset(bench.left, 2)
    offered = text(steward.get(f"{ROOT}runs/new/?left={delivery.pk}"))
    assert f'<option value="{delivery.pk}" selected>' in offered
    assert "Choose the delivery" in text(steward.post(f"{ROOT}runs/new/", {}))
    answer = steward.post(f"{ROOT}runs/new/", {"left": delivery.pk, "right": "", "retrain": "on"})
    run = Run.objects.latest("pk")
    assert answer["Location"] == f"{ROOT}runs/{run.pk}/"
    assert (run.left_id, run.pairing.right_id, run.is_retrained) == (delivery.pk, REGISTER, True)


@pytest.mark.slow
@pytest.mark.long
def test_no_page_that_links_lead_to_shows_a_whole_number(bench, steward):
    kk = "9701011201209555"
    with as_role("owner"):
        left = a_record(bench.run.left, kk=kk)
        a_record(bench.run.left, kk=kk, name="ANAK")
    bench.pair(left=left)
    bench.pair("linked", right=bench.pairs[0].right)
    bench.counted()
    with as_role("owner"):
        rows = Record.objects.values_list("nik", "kk")
        numbers = {number for row in rows for number in row if number}
    seen = set()
    for address, answer in pages(steward, ROOT):
        if not address.startswith(ROOT):
            continue
        assert answer.status_code == 200, address
        shown = answer.content.decode()
        assert not numbers & set(re.findall(r"\d{16}", shown)), address
        title = re.search("<title>(.*?)</title>", shown, re.DOTALL)
        assert "BUDI" not in address + (title[1] if title else ""), address
        seen.add(answer.resolver_match.url_name)
    kinds = {"overview", "run", "run-pairs", "run-coverage", "pair", "group", "review"}
    assert kinds <= seen
