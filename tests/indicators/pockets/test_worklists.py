"""The regencies are asked where the pictures differ, and their answers are counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.casework import notices
from apps.casework.models import Notice, Worklist
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.indicators.models import PocketDifference, PocketEdition
from apps.indicators.pockets import worklists
from apps.regions.models import Region
from tests.conftest import as_role
from tests.indicators.pockets import world
from tests.personas import FOREIGN, OWN

pytestmark = pytest.mark.django_db
PAGE = "/indicators/pockets/worklists/"


@pytest.fixture
def compared(tmp_path):
    for letter in "ABI":
        world.families(letter, 8, programme="PKH")
    world.in_force(world.listed(tmp_path, "ACJ"), world.computed())


def ask() -> int:
    now = timezone.now()
    due = timezone.localdate(now) + timedelta(days=14)
    return worklists.ask_regencies(due_date=due, by=world.BY, now=now)


def test_each_regency_gets_a_dated_list_of_its_villages_and_a_notice(compared, person):
    officer = person("regency_officer")
    assert ask() == 4  # A is agreed on
    lists = {one.region_id: one for one in Worklist.objects.all()}
    assert set(lists) == {OWN, FOREIGN}
    assert (lists[OWN].total, lists[OWN].done) == (2, 0)
    assert lists[OWN].due_date == timezone.localdate() + timedelta(days=14)
    asked = PocketDifference.objects.filter(worklist=lists[OWN]).values_list(
        "village_id", flat=True
    )
    assert set(asked) == {CODES["B"], CODES["C"]}
    notice = Notice.objects.get(user=officer)
    assert (notice.kind, notice.count) == ("pockets", 2)
    assert "2" in notices.words(notice)


def test_asking_again_asks_nothing_twice(compared):
    ask()
    assert ask() == 0
    assert Worklist.objects.count() == 2


def test_the_officer_answers_and_the_list_closes_with_the_last_one(compared, signed_in):
    ask()
    worklist = Worklist.objects.get(region=OWN)
    browser = signed_in("regency_officer")
    address = f"{PAGE}{worklist.pk}/"
    rows = list(PocketDifference.objects.filter(worklist=worklist).order_by("village_id"))
    assert CODES["B"] in browser.get(address).content.decode()
    browser.post(address, {"row": rows[0].pk, "answer": "pocket", "remark": "Sudah dikunjungi"})
    worklist.refresh_from_db()
    assert (worklist.done, worklist.total, worklist.closed_at) == (1, 2, None)
    browser.post(address, {"row": rows[1].pk, "answer": "no_pocket"})
    worklist.refresh_from_db()
    assert (worklist.done, worklist.closed_at is None) == (2, False)
    page = signed_in("planner").get("/indicators/pockets/").content.decode()
    assert str(PocketDifference.Answer.NO_POCKET.label) in page


def test_an_answer_that_is_none_changes_nothing(compared, signed_in):
    ask()
    worklist = Worklist.objects.get(region=OWN)
    row = PocketDifference.objects.filter(worklist=worklist).first()
    signed_in("regency_officer").post(f"{PAGE}{worklist.pk}/", {"row": row.pk, "answer": "maybe"})
    row.refresh_from_db()
    assert row.answer == ""


def test_another_regency_neither_sees_the_list_nor_answers(compared, signed_in):
    ask()
    worklist = Worklist.objects.get(region=OWN)
    row = PocketDifference.objects.filter(worklist=worklist).first()
    browser = signed_in("regency_officer", FOREIGN)
    address = f"{PAGE}{worklist.pk}/"
    assert browser.get(address).status_code == 404
    assert browser.post(address, {"row": row.pk, "answer": "pocket"}).status_code == 404
    # a row of another list cannot be answered through one's own
    own = Worklist.objects.get(region=FOREIGN)
    sent = browser.post(f"{PAGE}{own.pk}/", {"row": row.pk, "answer": "pocket"})
    assert sent.status_code == 404
    row.refresh_from_db()
    assert row.answer == ""
    assert signed_in("verifier").post(address, {"row": row.pk}).status_code == 403


def test_a_planner_asks_by_the_page(compared, signed_in):
    browser = signed_in("planner")
    late = browser.post(PAGE, {"due_date": "01-01-2026"})
    assert 'class="wrong"' in late.content.decode()
    assert not Worklist.objects.exists()
    day = timezone.localdate() + timedelta(days=10)
    browser.post(PAGE, {"due_date": f"{day:%d-%m-%Y}"})
    assert Worklist.objects.count() == 2
    assert "0 / 2" in browser.get(PAGE).content.decode()


def answered(letter: str, answer: str, person) -> PocketDifference:
    row = PocketDifference.objects.get(village=CODES[letter], worklist__isnull=False)
    worklists.answer_difference(
        row=row,
        answer=PocketDifference.Answer(answer),
        remark="Sudah dikunjungi",
        by=person("regency_officer"),
        now=timezone.now(),
    )
    return row


def test_a_new_edition_closes_the_lists_and_takes_the_answers_with_it(compared, person, tmp_path):
    """B is only ours in both pairs, C only BIG's in the first; J was said to be unknown."""
    ask()
    former = answered("B", "no_pocket", person)
    answered("J", "unknown", person)
    world.in_force(world.listed(tmp_path, "AJ", "BIG 2026-10"))
    assert not Worklist.objects.filter(closed_at__isnull=True).exists()
    rows = {
        world.LETTERS[row.village_id]: row
        for row in PocketDifference.objects.filter(published__name="BIG 2026-10")
    }
    assert (rows["B"].answer, rows["B"].remark) == ("no_pocket", "Sudah dikunjungi")
    former.refresh_from_db()
    assert (rows["B"].answered_at, rows["B"].answered_by) == (
        former.answered_at,
        former.answered_by,
    )
    assert rows["J"].answer == ""
    # only what is not answered is asked
    assert ask() == 2
    asked = PocketDifference.objects.filter(worklist__closed_at__isnull=True, answer="")
    on_lists = asked.exclude(worklist=None).values_list("village_id", flat=True)
    assert {world.LETTERS[code] for code in on_lists} == {"I", "J"}


def test_an_answer_about_another_kind_of_difference_is_not_carried(compared, person, tmp_path):
    """B was only ours; now both say that it is a pocket."""
    ask()
    answered("B", "pocket", person)
    world.in_force(world.listed(tmp_path, "ABCJ", "BIG 2026-10"))
    row = PocketDifference.objects.get(published__name="BIG 2026-10", village=CODES["B"])
    assert (row.kind, row.answer) == ("agree", "")


def test_a_closed_list_takes_no_answers_and_opens_again_with_its_editions(
    compared, person, signed_in, tmp_path
):
    ask()
    row = answered("B", "pocket", person)
    former = PocketDifference.objects.get(pk=row.pk).published
    world.in_force(world.listed(tmp_path, "AJ", "BIG 2026-10"))
    browser = signed_in("regency_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    address = f"{PAGE}{row.worklist_id}/"
    text = browser.get(address).content.decode()
    assert "this list is closed" in text
    assert '<select name="answer"' not in text
    sent = browser.post(address, {"row": row.pk, "answer": "no_pocket"}, follow=True)
    assert "The answer was not stored" in sent.content.decode()
    row.refresh_from_db()
    assert row.answer == "pocket"
    world.in_force(former)
    worklist = Worklist.objects.get(pk=row.worklist_id)
    assert (worklist.done, worklist.total, worklist.closed_at) == (1, 2, None)
    assert '<select name="answer"' in browser.get(address).content.decode()


def test_lists_name_their_editions(compared, signed_in, tmp_path):
    ask()
    world.in_force(world.listed(tmp_path, "AJ", "BIG 2026-10"))
    ask()
    text = signed_in("planner").get(PAGE).content.decode()
    assert text.count("BIG 2026-07 · Register 2026-11") == 2
    assert "BIG 2026-10 · Register 2026-11" in text


def test_there_is_nothing_to_ask_before_both_are_in_force():
    with pytest.raises(DomainError) as refused:
        ask()
    assert refused.value.code == "pocket_no_difference"


def test_a_planner_reaches_every_list_those_that_are_open_first(compared, signed_in):
    ask()
    with as_role("owner"):
        [one, closed] = Worklist.objects.order_by("pk")
        closed.closed_at = timezone.now()
        closed.save()
        for number in range(10, 70):
            code = f"97.{number}"
            Region.objects.create(code=code, name=f"R {number}", level="regency", parent_id="97")
            one.pk, one.region_id = None, code
            one.due_date += timedelta(days=1)
            one.save()
    browser = signed_in("planner")
    first = browser.get(PAGE).context
    assert len(first["lists"]) == 50
    rest = browser.get(f"{PAGE}?{first['page'].after}").context["lists"]
    regions = [worklist.region_id for worklist, _names in (*first["lists"], *rest)]
    assert len(set(regions)) == 62
    assert regions[-1] == closed.region_id


def test_an_edition_of_long_ago_is_reached_by_the_list(compared, signed_in):
    with as_role("owner"):
        oldest = PocketEdition.objects.order_by("pk")[0]
        PocketEdition.objects.bulk_create(
            [
                PocketEdition(
                    origin="published", name=f"BIG {number}", published_date=oldest.published_date,
                    status="ready", stored_at=timezone.now(), stored_by="tests",
                )
                for number in range(60)
            ]
        )  # fmt: skip
    browser = signed_in("planner")
    page = browser.get("/indicators/pockets/editions/").context["page"]
    rest = browser.get(f"/indicators/pockets/editions/?{page.after}").context["editions"]
    assert oldest in rest
