"""What is done with the list: its file, its saved filters, questions beside its rows."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from math import cos, pi, sin
from urllib.parse import parse_qsl, urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.audit.models import Action, Entry
from apps.casework.models import Notice
from apps.casework.notices import words as notice_words
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.proposals import file_choice, rules
from apps.proposals.columns import TEMPLATE
from apps.proposals.export import list_export
from apps.proposals.models import (
    CivilMatch,
    Decision,
    Finding,
    Flag,
    Proposal,
    Question,
    RegisteredMatch,
    RowPaper,
    SavedFilter,
)
from apps.proposals.review import bulk_step, bulk_undo, decisions, facet_counts, saved_filters
from apps.proposals.selection import Selection
from tests.base import NOW
from tests.conftest import as_role, look
from tests.jobs.doing import a_job, do
from tests.personas import FOREIGN, agency_client, grant
from tests.proposals import factory

pytestmark = pytest.mark.django_db

LIST = "/proposals/review/"
EXPORT = f"{LIST}export/"


@pytest.fixture
def verifier(english):
    return english("verifier")


@pytest.fixture
def officer(person):
    return person("regency_officer")


@pytest.fixture
def batch(officer):
    return factory.batch(officer, file_name="usulan.csv")


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


def as_table(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(answer).decode("utf-8-sig"))))


# --- export ---


def test_the_file_has_the_rows_of_the_filter_in_its_order_and_masks_numbers(verifier, batch):
    near = factory.proposal(batch, first=1, distance_m=10.0, verdict="neighbour")
    far = factory.proposal(batch, first=2, distance_m=900.0, verdict="neighbour")
    factory.proposal(batch, first=3, verdict="inside")
    answer = verifier.post(f"{EXPORT}?verdict=neighbour&sort=farthest", {"ending": "csv"})
    rows = as_table(answer)
    assert [int(row["USULAN"]) for row in rows] == [far.pk, near.pk]
    assert rows[0]["NIK"] == far.masked_nik
    with as_role("owner"):
        entry = Entry.objects.filter(action=Action.EXPORT).latest("pk")
    assert entry.details["rows"] == 2
    assert entry.details["masked"] is True
    assert sorted(entry.details["proposals"]) == [near.pk, far.pk]


@pytest.mark.parametrize(("language", "words"), [
    ("en", ["", "Note", "Check this"]),
    ("id", ["", "Catatan", "Perlu diperiksa"]),
])  # fmt: skip
def test_the_worst_finding_is_in_the_file_in_words(verifier, batch, language, words):
    for severity in range(3):
        factory.proposal(batch, first=1 + severity, severity=severity)
    verifier.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    rows = as_table(verifier.post(f"{EXPORT}?sort=severity", {"ending": "csv"}))
    assert [row["TEMUAN TERBERAT"] for row in rows] == words[::-1]


def test_whole_numbers_need_a_reason_and_the_permission(verifier, english, batch):
    row = factory.proposal(batch)
    wanted = {"ending": "csv", "numbers": "whole"}
    assert verifier.post(EXPORT, wanted).status_code == 302
    answer = verifier.post(EXPORT, wanted | {"reason": "verification"})
    assert as_table(answer)[0]["NIK"] == row.nik
    monitor = english("district_monitor")
    refused = monitor.post(EXPORT, wanted | {"reason": "verification"})
    assert refused.status_code == 302


def test_points_of_protected_needs_leave_in_no_file(verifier, batch):
    factory.proposal(batch, first=1, ppks=[16])
    factory.proposal(batch, first=20)
    found = json.loads(content(verifier.post(EXPORT, {"ending": "geojson"})))["features"]
    assert [one["geometry"] is None for one in found] == [True, False]
    rows = as_table(verifier.post(EXPORT, {"ending": "csv"}))
    assert [bool(row["LINTANG"]) for row in rows] == [False, True]


def test_a_workbook_is_made_too(verifier, batch):
    factory.proposal(batch)
    assert content(verifier.post(EXPORT, {"ending": "xlsx"})).startswith(b"PK")


def test_a_file_of_too_many_rows_is_refused_in_words(verifier, batch, monkeypatch):
    monkeypatch.setattr(list_export, "MOST_ROWS", 1)
    factory.proposals(batch, 2)
    answer = verifier.post(EXPORT, {"ending": "csv"}, follow=True)
    assert "Narrow the filter" in answer.content.decode()


def test_rows_of_another_region_are_in_no_file(english, batch):
    factory.proposal(batch, name="SITI")
    other = english("verifier", "97.02")
    assert as_table(other.post(EXPORT, {"ending": "csv"})) == []


def test_the_ticked_rows_alone_are_in_the_file(verifier, batch):
    first, second, third = factory.proposals(batch, 3)
    ticked = {"which": "ticked", "rows": f"{third.pk},{first.pk}"}
    rows = as_table(verifier.post(EXPORT, {"ending": "csv"} | ticked))
    assert [int(row["USULAN"]) for row in rows] == [first.pk, third.pk]
    with as_role("owner"):
        entry = Entry.objects.filter(action=Action.EXPORT).latest("pk")
    assert entry.details["proposals"] == [first.pk, third.pk]
    every = as_table(verifier.post(EXPORT, {"ending": "csv", "rows": str(second.pk)}))
    assert len(every) == 3


def test_ticked_rows_are_still_those_of_the_filter_and_the_scope(verifier, english, batch):
    inside, outside = (
        factory.proposal(batch, first=n, verdict=verdict)
        for n, verdict in ((1, "inside"), (2, "elsewhere"))
    )
    wanted = {"ending": "csv", "which": "ticked", "rows": f"{inside.pk},{outside.pk}"}
    rows = as_table(verifier.post(f"{EXPORT}?verdict=inside", wanted))
    assert [int(row["USULAN"]) for row in rows] == [inside.pk]
    assert as_table(english("verifier", "97.02").post(EXPORT, wanted)) == []


@pytest.mark.parametrize("rows", ["", "x", "1;2"])
def test_ticked_rows_that_cannot_be_read_are_never_all(verifier, batch, rows):
    factory.proposals(batch, 2)
    wanted = {"ending": "csv", "which": "ticked", "rows": rows}
    assert as_table(verifier.post(EXPORT, wanted)) == []


def test_the_chosen_columns_reach_the_file(verifier, batch):
    factory.proposal(batch, distance_m=10.0)
    asked = f"{EXPORT}?columns=kk,civil,since"
    (row,) = as_table(verifier.post(asked, {"ending": "csv", "columns": "shown"}))
    assert list(row) == [
        *(
            "USULAN",
            "BERKAS",
            "BARIS",
            TEMPLATE["name"],
            TEMPLATE["kk"],
            "LOKASI",
            "METER KE BATAS",
        ),
        *("DESA PADA TITIK", "DUKCAPIL", "LANGKAH TERAKHIR", "LINTANG", "BUJUR"),
    ]
    (whole,) = as_table(verifier.post(asked, {"ending": "csv"}))
    assert {"NIK", TEMPLATE["kk"], "DESA", "DIBANDING REGISTER", "STATUS"} <= set(whole)
    answer = verifier.post(asked, {"ending": "geojson", "columns": "shown"})
    (feature,) = json.loads(content(answer))["features"]
    assert "NIK" not in feature["properties"]
    assert feature["properties"]["LANGKAH TERAKHIR"]
    assert feature["geometry"]["type"] == "Point"


def test_who_takes_no_step_may_tick_too(english, batch):
    row = factory.proposal(batch)
    page = english("district_monitor").get(LIST).content.decode()
    assert f'name="rows"\n               value="{row.pk}"' in page
    assert 'id="tick-all"' in page
    assert 'id="tick-export"' in page
    assert 'name="step"' not in page


# --- the form of the filter ---

FACETS = f"{LIST}facets/"
FIND = f"{LIST}file/"
AS_FRAGMENT = {"HX-Request": "true"}


def counted(browser, query=""):
    """Field and value of the form → rows, as the opened form says them."""
    return browser.get(f"{FACETS}?{query}").context["counts"].by_field


def test_each_value_has_as_many_rows_as_its_filter_selects(verifier, batch):
    flags = (["coarse", "shared_point"], ["coarse"], [], [], [], [])
    rows = [factory.proposal(batch, first=n, flags=own) for n, own in enumerate(flags, 1)]
    with as_role("worker"):
        named = ((rows[0], "name_titled"), (rows[0], "name_titled"), (rows[2], "name_titled"))
        for row, code in (*named, (rows[3], "photo_far"), (rows[3], "nik_sex")):
            Finding.objects.create(
                batch=batch,
                row_number=row.row_number,
                code=code,
                severity=rules.RULES[code].severity,
            )
            Proposal.objects.filter(pk=row.pk).update(severity=1)
        village = {"village_id": rows[4].village_id, "checked_at": NOW}
        RegisteredMatch.objects.create(
            proposal=rows[4], person_id=1, likely="other", differs=["name", "birth_date"], **village
        )
        CivilMatch.objects.create(proposal=rows[5], status="matched", source="x", **village)
    found = counted(verifier)
    assert found["flag"]["coarse"] == 2
    assert found["register"]["other"] == 1
    assert found["differs"]["name"] == 1
    assert found["civil"] == {"not_checked": 5, "matched": 1, "not_matched": 0, "failed": 0}
    assert found["finding"]["name_titled"] == 2
    assert "nik_sex" not in found["finding"]  # no ready row can have it
    found.pop("officer")  # of whom there is one
    for field, values in found.items():
        none = next(value for value, count in values.items() if not count)
        for value in [none, *(value for value, count in values.items() if count)]:
            page = verifier.get(f"{LIST}?{field}={value}").context["total"]
            assert (field, value, values[value]) == (field, value, page)


def test_counts_obey_the_other_filters_but_not_their_own(verifier, batch):
    coarse, shared, verified = (
        factory.proposal(batch, first=n, flags=[flag], status=status)
        for n, (flag, status) in enumerate(
            [("coarse", "submitted"), ("shared_point", "submitted"), ("coarse", "verified")], 1
        )
    )
    found = counted(verifier, "status=submitted&flag=shared_point")
    assert (found["flag"]["coarse"], found["flag"]["shared_point"]) == (1, 1)
    assert found["civil"]["not_checked"] == 1


def test_each_field_is_counted_under_the_others_without_its_own(verifier, batch):
    """Every count is the number of rows of the list with that value instead of the chosen ones."""
    rows = factory.proposals(batch, 6)
    codes = ("name_titled", "photo_far")
    with as_role("owner"):
        for n, row in enumerate(rows):
            Proposal.objects.filter(pk=row.pk).update(
                flags=["coarse"] if n % 2 else ["office_point"], severity=1
            )
            village = {"village_id": row.village_id, "checked_at": NOW}
            Finding.objects.create(
                batch=batch, row_number=row.row_number, code=codes[n % 2], severity=1
            )
            if n < 4:
                differs = ["name"] if n < 2 else ["address"]
                RegisteredMatch.objects.create(
                    proposal=row, person_id=n + 1, likely="other" if n % 3 else "same",
                    differs=differs, **village,
                )  # fmt: skip
            if n > 2:
                CivilMatch.objects.create(
                    proposal=row,
                    status="matched" if n % 2 else "not_matched",
                    source="x",
                    **village,
                )
    chosen = {
        "flag": "coarse", "register": "differs", "differs": "name", "civil": "not_checked",
        "finding": codes[1], "verdict": "inside",
    }  # fmt: skip
    for names in (("flag", "register"), ("differs", "civil"), ("finding", "flag"), tuple(chosen)):
        selection = Selection.from_params({name: chosen[name] for name in names})
        found = counted(verifier, selection.query)
        for name, counts in found.items():
            for value, number in counts.items():
                asked = replace(selection, **{name: (value,)})
                with as_role("owner"):
                    listed = asked.apply(Proposal.objects.all()).count()
                assert number == listed, (names, name, value)


def test_the_opened_form_reads_the_rows_once_and_their_findings_once(verifier, batch):
    factory.proposals(batch, 3)
    verifier.get(LIST)  # which counts its own fields
    with CaptureQueriesContext(connection) as asked:
        verifier.get(FACETS)
    texts = [one["sql"] for one in asked.captured_queries]
    # for what each row is, and for questions, which are of few
    assert len([one for one in texts if 'COUNT("proposals_proposal"' in one]) == 3
    assert len([one for one in texts if "proposals_finding" in one]) == 1


@pytest.mark.parametrize("table", ["civilmatch", "registeredmatch", "question"])
def test_the_gate_of_answers_calls_no_function_for_each_row(person, table):
    look("no")
    open_gate(person("verifier"))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN SELECT * FROM proposals_{table}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "left" in plan
    assert "portal_within" not in plan


def test_counts_go_each_to_its_place_in_the_form(verifier, batch):
    factory.proposal(batch, flags=["coarse"])
    form = verifier.get(LIST).content.decode()
    answer = verifier.get(FACETS, headers=AS_FRAGMENT).content.decode()
    assert re.search(r'id="n-flag-coarse"\s*></span>', form)
    assert re.search(r'id="n-flag-coarse"\s+hx-swap-oob="true">1</span>', answer)
    places = set(re.findall(r'id="(n-[^"]+)"', answer))
    assert places == set(re.findall(r'id="(n-[^"]+)"', form))


def test_a_very_long_list_is_counted_by_its_flags_alone(verifier, batch, monkeypatch):
    monkeypatch.setattr(facet_counts, "MOST_COUNTED", 1)
    factory.proposals(batch, 2)
    answer = verifier.get(FACETS)
    assert list(answer.context["counts"].by_field) == ["flag"]
    assert "More than 1 rows" in answer.content.decode()


def test_needs_questions_papers_and_senders_are_counted_as_their_filters_select(
    person, verifier, batch
):
    other = factory.batch(person("village_officer"), file_name="lain.csv", sha256="b")
    rows = [
        factory.proposal(batch, ppks=[8]),
        factory.proposal(batch, first=2, ppks=[8, 9], kind="removal"),
        factory.proposal(other, first=3, kind="correction"),
        factory.proposal(other, first=4, kind="correction", ppks=[9]),
    ]
    with as_role("owner"):
        for row, answered_at in ((rows[0], None), (rows[0], NOW), (rows[1], NOW)):
            Question.objects.create(
                proposal=row, village_id=row.village_id, text="Di mana?", by=person("verifier"),
                by_name="Vera", at=NOW, answered_at=answered_at,
                answer="Di sini." if answered_at else "",
            )  # fmt: skip
        RowPaper.objects.create(
            batch=other, row_number=3, at=NOW,
            document=factory.document("97.01", person("village_officer"), kind="evidence"),
        )  # fmt: skip
    chosen = {
        "ppks": "8", "question": "answered", "paper": "missing", "officer": str(batch.user_id),
    }  # fmt: skip
    for names in ((), ("ppks",), ("question", "ppks"), ("paper", "officer")):
        selection = Selection.from_params({name: chosen[name] for name in names})
        found = counted(verifier, selection.query)
        for name in chosen:
            for value, number in found[name].items():
                asked = Selection.from_params(selection.params() | {name: value})
                with as_role("owner"):
                    listed = asked.apply(Proposal.objects.all()).count()
                assert number == listed, (names, name, value)
    found = counted(verifier)
    assert (found["ppks"]["8"], found["ppks"]["9"]) == (2, 2)
    assert found["question"] == {"open": 1, "answered": 2}
    assert found["paper"] == {"missing": 2}
    assert sorted(found["officer"].values()) == [2, 2]
    answer = verifier.get(FACETS, headers=AS_FRAGMENT).content.decode()
    assert "PPKS 8: 2" in answer
    assert "not here (2)" in answer
    assert "waits for an answer (1)" in answer
    assert ">Sent by" not in answer or "(2)</option>" in answer


def test_the_form_says_what_it_does_not_count(verifier, batch):
    assert "their rows are not counted" in verifier.get(LIST).content.decode()


def test_rows_of_another_region_are_in_no_count(english, batch):
    factory.proposal(batch, flags=["coarse"])
    assert counted(english("verifier", "97.02"))["flag"]["coarse"] == 0


def test_a_file_is_found_by_a_part_of_its_name_or_its_number(verifier, officer, batch):
    factory.proposal(batch)
    other = factory.batch(officer, file_name="Usulan Februari.xlsx", sha256="b")
    for asked, keys in (("FEBRU", [other.pk]), (str(batch.pk), [batch.pk]), ("us", [])):
        answer = verifier.post(FIND, {"file_name": asked}, headers=AS_FRAGMENT)
        assert [one.pk for one in answer.context["files"]] == keys
    text = answer.content.decode()
    assert "No file of yours" in text
    newest = verifier.post(FIND, {"file_name": "usulan"}, headers=AS_FRAGMENT).context["files"]
    assert [one.pk for one in newest] == [other.pk, batch.pk]


def test_without_a_script_the_only_file_that_fits_is_listed(verifier, batch):
    row = factory.proposal(batch)
    answer = verifier.post(f"{FIND}?status=draft", {"file_name": "usulan"}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{LIST}?batch={batch.pk}&status=draft"
    assert answer.context["page"].rows == [row]
    assert "usulan.csv" in answer.content.decode()
    none = verifier.post(FIND, {"file_name": "lain"}, follow=True)
    assert "0 files have this" in none.content.decode()


def test_files_of_another_region_are_not_found(english, batch):
    factory.proposal(batch)
    browser = english("verifier", "97.02")
    for asked in ("usulan", str(batch.pk)):
        answer = browser.post(FIND, {"file_name": asked}, headers=AS_FRAGMENT)
        assert answer.context["files"] == []


def test_a_file_of_a_wider_region_is_found_by_its_number_and_its_name_is_not_told(english, officer):
    wider = factory.batch(officer, region="97", file_name="provinsi.csv")
    factory.proposal(wider)
    browser = english("verifier")
    by_number = browser.post(FIND, {"file_name": str(wider.pk)}, headers=AS_FRAGMENT)
    assert [one.pk for one in by_number.context["files"]] == [wider.pk]
    by_name = browser.post(FIND, {"file_name": "provinsi"}, headers=AS_FRAGMENT)
    assert by_name.context["files"] == []
    page = browser.get(f"{LIST}?batch={wider.pk}").content.decode()
    assert "provinsi" not in page
    assert f"file no. {wider.pk}" in page


def test_a_sender_is_found_by_name_where_they_are_many(english, person, batch, monkeypatch):
    monkeypatch.setattr(file_choice, "MOST_SENDERS", 0)
    row = factory.proposal(batch)
    foreign = factory.batch(person("regency_officer", "97.02"), sha256="c")
    verifier, sender, find = english("verifier"), batch.user, f"{LIST}officer/"
    asked = sender.full_name[2:12]

    def found(words):
        answer = verifier.post(find, {"officer_name": words}, headers=AS_FRAGMENT)
        return [one.pk for one in answer.context["senders"]]

    assert [found(asked), found("us")] == [[sender.pk], []]
    assert foreign.user_id not in found(foreign.user.full_name)
    answer = verifier.post(find, {"officer_name": asked}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{LIST}?officer={sender.pk}"
    assert answer.context["page"].rows == [row]
    assert f"officer: {sender.full_name}" in [one.text for one in answer.context["active"]]
    assert sender.full_name in answer.content.decode()
    hidden = verifier.get(f"{LIST}?officer={foreign.user_id}").content.decode()
    assert foreign.user.full_name not in hidden
    assert "a sender of another region" in hidden


# --- saved filters ---


def test_a_filter_that_is_too_long_is_refused_and_not_cut(verifier, person, gate):
    turns = [2 * pi * n / 60 for n in range(60)]
    corners = ",".join(f"{110 + cos(one):.5f},{-7 + sin(one):.5f}" for one in turns)
    given = {"area": corners, "finding": facet_counts.FINDINGS, "flag": Flag.values}
    query = urlencode(given, doseq=True)
    given = {"query": query, "is_shared": False, "by": person("verifier"), "now": NOW}
    with pytest.raises(DomainError, match="^filter_too_long$"):
        saved_filters.save(name="Panjang", **given)
    answer = verifier.post(f"{LIST}filters/?{query}", {"name": "Panjang"}, follow=True)
    assert "too long to be saved" in answer.content.decode()
    assert not SavedFilter.objects.exists()


def test_a_filter_is_saved_with_its_sorting_and_without_a_search(verifier, batch):
    factory.proposal(batch, name="SITI")
    verifier.post(f"{LIST}search/", {"words": "siti"})
    verifier.post(f"{LIST}filters/?verdict=inside&sort=name&search=1&rows=4", {"name": "Dalam"})
    saved = SavedFilter.objects.get()
    assert saved.query == "verdict=inside&sort=name"
    text = verifier.get(LIST).content.decode()
    assert 'href="?verdict=inside&amp;sort=name"' in text


def test_a_filter_saved_under_a_name_that_was_there_says_that_it_replaces(verifier, english):
    def said(query, **given):
        answer = verifier.post(f"{LIST}filters/?{query}", {"name": "Dalam"} | given, follow=True)
        return [str(message) for message in answer.context["messages"]]

    assert said("verdict=inside") == ["The filter “Dalam” is saved."]
    assert said("verdict=elsewhere") == ["The filter “Dalam” that you had is replaced by this one."]
    assert SavedFilter.objects.get().query == "verdict=elsewhere"
    # a colleague's of the same name is another one
    english("verifier", name="second-verifier").post(f"{LIST}filters/?", {"name": "Dalam"})
    assert SavedFilter.objects.count() == 2
    assert said("search=1", name="Cari") == [
        "The filter “Cari” is saved. Its search is not: words of a search are kept nowhere."
    ]


def test_a_shared_filter_is_seen_in_the_office_and_nowhere_else(verifier, english):
    verifier.post(f"{LIST}filters/?verdict=inside", {"name": "Kantor", "is_shared": "on"})
    verifier.post(f"{LIST}filters/?verdict=inside", {"name": "Sendiri"})
    colleague = english("verifier", name="second-verifier").get(LIST).content.decode()
    assert "Kantor" in colleague
    assert "Sendiri" not in colleague
    assert "Kantor" not in english("verifier", "97.02").get(LIST).content.decode()


def test_a_filter_shared_by_who_works_in_two_offices_is_seen_in_both(english, person):
    by = person("verifier")
    with as_role("owner"):
        grant(by, "verifier", "97.02")
    english("verifier").post(f"{LIST}filters/", {"name": "Bersama", "is_shared": "on"})
    for region in ("97.01", "97.02"):
        colleague = english("verifier", region, name=f"colleague-{region}")
        assert "Bersama" in colleague.get(LIST).content.decode()
    assert "Bersama" not in english("verifier", "98.01").get(LIST).content.decode()


def test_only_ones_own_saved_filter_can_be_removed(verifier, english):
    verifier.post(f"{LIST}filters/?verdict=inside", {"name": "Kantor", "is_shared": "on"})
    address = reverse("proposals:review_remove", args=[SavedFilter.objects.get().pk])
    assert english("verifier", name="second-verifier").post(address).status_code == 404
    assert verifier.post(address).status_code == 302
    assert not SavedFilter.objects.exists()


def test_a_filter_without_a_name_is_refused_in_words(verifier):
    answer = verifier.post(f"{LIST}filters/?verdict=inside", {"name": "  "}, follow=True)
    assert "has no name" in answer.content.decode()
    assert not SavedFilter.objects.exists()


# --- a question without a return ---


def ask(browser, row, text="Benarkah titiknya di sawah?"):
    return browser.post(reverse("proposals:review_ask", args=[row.pk]), {"text": text})


def test_a_question_is_answered_beside_the_row_and_the_row_keeps_its_status(
    verifier, english, batch, officer
):
    row = factory.proposal(batch, status="submitted")
    ask(verifier, row)
    with as_role("owner"):
        notice = Notice.objects.get(kind="row_asked")
    assert notice.user_id == officer.pk
    address = reverse("proposals:review_row", args=[row.pk])
    assert notice.url == address
    sender = english("regency_officer")
    assert "Benarkah titiknya" in sender.get(address).content.decode()
    sender.post(reverse("proposals:review_answer", args=[row.pk]), {"text": "Ya, rumah panggung."})
    text = verifier.get(address).content.decode()
    assert "rumah panggung" in text
    assert factory.status_of(row) == "submitted"
    with as_role("owner"):
        assert Notice.objects.filter(kind="row_answered").exists()


def test_a_question_about_a_row_of_an_agency_reaches_the_officers_of_its_village(
    verifier, english, person
):
    offices = {person("regency_officer").pk, person("village_officer").pk}
    person("regency_officer", FOREIGN)
    row = factory.proposal(factory.batch(agency_client()[0].agency), status="submitted")
    ask(verifier, row)
    with as_role("owner"):
        told = set(Notice.objects.filter(kind="row_asked").values_list("user_id", flat=True))
    assert told == offices
    officer = english("regency_officer")
    (line,) = officer.get("/").context["waiting"]
    assert (str(line.label), line.count) == ("Questions about your proposals", 1)
    assert officer.get(line.url).context["page"].rows == [row]


def test_rows_with_open_questions_are_a_filter(verifier, batch):
    asked, _other = factory.proposals(batch, 2, status="submitted")
    ask(verifier, asked)
    rows = verifier.get(LIST, {"question": "open"}).context["page"].rows
    assert rows == [asked]
    assert verifier.get(LIST, {"question": "answered"}).context["page"].rows == []


def test_one_question_waits_at_a_time_and_an_empty_one_is_refused(verifier, batch):
    row = factory.proposal(batch, status="submitted")
    ask(verifier, row)
    assert "waits for its answer already" in ask(verifier, row, "Lagi?").content.decode()
    assert "no text yet" in ask(verifier, row, "  ").content.decode()
    assert Question.objects.count() == 1


def test_a_text_of_many_lines_is_kept_whole_and_one_too_long_is_refused_in_words(
    verifier, english, batch
):
    """A browser counts a line break once and sends it as two characters."""
    row = factory.proposal(batch, status="submitted")
    lines = "\r\n".join(["baris"] * 83 + ["ujung"])
    assert (len(lines), len(lines.replace("\r\n", "\n"))) == (586, 503)
    refused = ask(verifier, row, lines).content.decode()
    assert "has 503 characters; at most 500" in refused
    assert "ujung" in refused
    assert not Question.objects.exists()
    ask(verifier, row, lines[3:])
    question = Question.objects.get()
    assert (len(question.text), question.text[-5:]) == (500, "ujung")
    answer = reverse("proposals:review_answer", args=[row.pk])
    sender = english("regency_officer")
    long = "\r\n".join(["a"] * 500)
    shown = sender.post(answer, {"text": long + "\r\nzz"}).content.decode()
    assert "has 1,002 characters; at most 1,000" in shown
    assert 'maxlength="1000"' in shown
    sender.post(answer, {"text": long + "z"})
    question.refresh_from_db()
    assert (len(question.answer), question.answer[-2:]) == (1000, "az")


def test_who_has_no_step_asks_nothing_and_only_the_sender_answers(verifier, english, batch):
    row = factory.proposal(batch, status="submitted")
    assert ask(english("district_monitor"), row).status_code == 403
    ask(verifier, row)
    address = reverse("proposals:review_answer", args=[row.pk])
    assert verifier.post(address, {"text": "Saya sendiri"}).status_code == 403
    assert english("regency_officer", "97.02").post(address, {"text": "X"}).status_code == 404
    assert factory.status_of(row) == "submitted"


# --- keys ---


def test_keys_are_switched_off_in_ones_account(verifier, batch):
    factory.proposal(batch)
    assert 'data-keys="on"' in verifier.get(LIST).content.decode()
    verifier.post(reverse("profile"), {"shortcuts": "off"})
    assert 'data-keys="off"' in verifier.get(LIST).content.decode()
    verifier.post(reverse("profile"), {"shortcuts": "on"})
    assert 'data-keys="on"' in verifier.get(LIST).content.decode()


# --- what a step on everything leaves out ---


def test_rows_that_a_bulk_step_leaves_out_are_listed_with_their_cause(verifier, person, batch):
    me = person("verifier")
    factory.proposal(batch, first=1, status="submitted", name="BISA")
    factory.proposal(batch, first=2, status="submitted", name="SENDIRI", step_by=me)
    factory.proposal(batch, first=3, status="submitted", name="JAUH", verdict="elsewhere")
    page = verifier.get(f"{LIST}bulk/?step=verify&status=submitted")
    preview = page.context["preview"]
    answer = verifier.post(
        f"{LIST}bulk/?status=submitted",
        {"step": "verify", "expected": preview.total, "seen": preview.seen},
    )
    assert answer["Location"] == f"{LIST}bulk/left/"
    shown = verifier.get(answer["Location"])
    listed = {str(words): [row.name for row in rows] for words, _n, rows in shown.context["causes"]}
    assert sorted(listed.values()) == [["JAUH"], ["SENDIRI"]]
    assert "You took their last step" in shown.content.decode()


def test_what_a_bulk_step_leaves_out_is_counted_whole_though_listed_in_part(
    verifier, person, batch, monkeypatch
):
    monkeypatch.setattr(decisions, "MOST_LEFT", 2)
    monkeypatch.setattr(bulk_step, "MOST_LISTED", 1)
    for n in range(1, 4):
        factory.proposal(batch, first=n, status="submitted", step_by=person("verifier"))
    preview = verifier.get(f"{LIST}bulk/?step=verify&status=submitted").context["preview"]
    answer = verifier.post(
        f"{LIST}bulk/?status=submitted",
        {"step": "verify", "expected": preview.total, "seen": preview.seen},
    )
    shown = verifier.get(answer["Location"])
    [(_words, count, rows)] = shown.context["causes"]
    assert (count, len(rows)) == (3, 1)
    assert "The first 1 of them are listed." in shown.content.decode()


@pytest.fixture
def left_out(batch, person):
    """A row that can be verified, and for each cause two that are left out, of which one is older
    work of the verifier; another row of each cause is verified already.
    """
    rows = {"able": [factory.proposal(batch, first=1, status="submitted")]}
    for first, cause, fields in (
        (10, "others", {}),
        (20, "barred", {"verdict": "elsewhere"}),
        (30, "unproved", {"kind": "removal"}),
    ):
        made = [
            factory.proposal(batch, first=first + n, status=status, **fields)
            for n, status in enumerate(("submitted", "submitted", "verified"))
        ]
        rows[cause] = made[:2]
        if cause == "others":
            with as_role("worker"):
                for row in made:
                    RegisteredMatch.objects.create(
                        proposal=row, person_id=1, likely="other", differs=["name"],
                        village_id=row.village_id, checked_at=NOW,
                    )  # fmt: skip
    with as_role("worker"):
        moving = factory.proposal(batch, first=40, status="submitted")
        RegisteredMatch.objects.create(
            proposal=moving, person_id=1, likely="same", differs=["name"],
            village_id=moving.village_id, checked_at=NOW,
        )  # fmt: skip
    rows["differs"] = [moving]
    return rows


@pytest.mark.parametrize("most", [400, 1])
@pytest.mark.parametrize("query", ["", "register=differs", "verdict=elsewhere,inside"])
def test_the_links_to_what_is_left_out_list_as_many_as_are_counted(
    verifier, left_out, query, most, monkeypatch
):
    monkeypatch.setattr(bulk_step, "MOST_TICKED", most)
    shown = verifier.get(f"{LIST}bulk/?step=verify&{query}")
    preview, links = shown.context["preview"], shown.context["left_out"]
    assert links
    for cause, address in links.items():
        listed = verifier.get(f"{LIST}?{address}").context["page"].rows
        assert sorted(row.pk for row in listed) == sorted(row.pk for row in left_out[cause])
        assert len(listed) == getattr(preview, cause)
        assert f'href="{LIST}?{address}"'.replace("&", "&amp;") in shown.content.decode()


def test_the_buttons_have_the_rows_at_statuses_of_their_step(verifier, batch):
    for number, status in enumerate(("submitted", "submitted", "verified", "accepted"), 1):
        factory.proposal(batch, first=number, status=status)

    def buttons(query=""):
        return {
            one["code"]: one["rows"]
            for one in verifier.get(f"{LIST}?{query}").context["open_steps"]
        }

    assert buttons() == {"verify": 2, "return": 2, "reject": 2}
    assert buttons("status=verified") == {}
    text = verifier.get(f"{LIST}?status=verified").content.decode()
    assert "The next page counts" not in text
    assert "Verify 2…" in verifier.get(LIST).content.decode()


def test_the_queue_changes_the_status_alone(verifier, batch):
    factory.proposal(batch, status="submitted")
    page = verifier.get(f"{LIST}?verdict=inside&region=97.01&status=verified&sort=name")
    waiting, every = page.context["queues"]
    kept = {"verdict": "inside", "region": "97.01", "sort": "name"}
    assert dict(parse_qsl(waiting["query"])) == kept | {"status": "submitted"}
    assert dict(parse_qsl(every["query"])) == kept


def test_five_examples_are_shown_of_many_rows_too(verifier, batch, monkeypatch):
    monkeypatch.setattr(bulk_step, "MOST_SHUFFLED", 10)
    rows = factory.proposals(batch, 60, status="submitted")
    shown = verifier.get(f"{LIST}bulk/?step=verify&status=submitted").context["examples"]
    assert 1 < len(shown) <= 5
    assert {row.pk for row in shown} <= {row.pk for row in rows}
    again = verifier.get(f"{LIST}bulk/?step=verify&status=submitted").context["examples"]
    assert [row.pk for row in again] != [row.pk for row in shown]


def test_the_list_asks_for_no_senders_before_its_form_is_opened(verifier, batch):
    factory.proposal(batch)
    with CaptureQueriesContext(connection) as asked:
        page = verifier.get(LIST).content.decode()
    assert not any("full_name" in one["sql"] and "DISTINCT" in one["sql"] for one in asked)
    assert 'name="officer_name"' in page
    opened = verifier.get(FACETS, headers=AS_FRAGMENT).content.decode()
    assert batch.user.full_name in opened
    assert re.search(r'id="ws-sender"\s+hx-swap-oob="true"', opened)


def test_of_a_family_whose_points_lie_elsewhere_each_is_decided_alone(verifier, batch):
    kk = factory.nik_of(500)
    rows = [
        factory.proposal(batch, first=n, kk=kk, status="submitted", verdict=verdict)
        for n, verdict in enumerate(("inside", "inside", "elsewhere", "unmapped"), 1)
    ]
    address = reverse("proposals:review_decide", args=[rows[0].pk])
    given = {"step": "verify", "seen": "submitted", "whole_family": "on"}
    said = verifier.post(address, given, headers=AS_FRAGMENT).content.decode()
    assert [factory.status_of(row) for row in rows] == [
        "verified", "verified", "submitted", "submitted",
    ]  # fmt: skip
    assert "2 of the family are not decided: their points lie elsewhere or in no village." in said
    # by itself it is decided, with nobody beside it
    address = reverse("proposals:review_decide", args=[rows[2].pk])
    verifier.post(address, given)
    assert [factory.status_of(row) for row in rows[2:]] == ["verified", "submitted"]


# --- a step that is a job ---


def test_ones_last_job_is_shown_above_the_list_and_undone_there(
    verifier, english, person, batch, monkeypatch
):
    for module in (decisions, bulk_undo):
        monkeypatch.setattr(module, "BULK_IN_REQUEST", 2)
    factory.proposals(batch, 3, status="submitted")
    factory.proposal(batch, first=9, status="submitted", verdict="elsewhere")
    decided(verifier)
    job = Job.objects.get(kind=decisions.DECIDE_MANY)
    address = f"{LIST}bulk/{job.pk}/"
    running = verifier.get(LIST).content.decode()
    assert "Your decision on 4 proposals is under way." in running
    assert address in running
    assert "under way" not in english("verifier", name="second-verifier").get(LIST).content.decode()
    with as_role("worker"):
        do(job)
    notice = Notice.objects.get(kind=Notice.Kind.BULK_ENDED)
    assert (notice.user, notice.url) == (person("verifier"), address)
    assert "taken on 3 of 4 proposals" in notice_words(notice)
    verifier.session.flush()  # another browser: nothing of it is in the session
    browser = english("verifier")
    page = browser.get(LIST)
    assert "3 proposals decided; 1 left out" in page.content.decode()
    at = page.context["last_bulk"]["at"]
    browser.post(f"{LIST}bulk/undo/", {"at": at})
    assert "is under way" in browser.get(LIST).content.decode()
    with as_role("worker"):
        do(Job.objects.get(kind=bulk_undo.UNDO_MANY))
    page = browser.get(LIST)
    assert page.context["last_bulk"] is None
    assert "3 proposals undone." in page.content.decode()


def test_a_job_that_failed_is_told_to_who_left_its_page(verifier, english, batch, monkeypatch):
    monkeypatch.setattr(decisions, "BULK_IN_REQUEST", 2)
    rows = factory.proposals(batch, 3, status="submitted")
    decided(verifier)
    other = english("verifier", name="second-verifier")
    address = reverse("proposals:review_decide", args=[rows[0].pk])
    other.post(address, {"step": "verify", "seen": "submitted"})
    with as_role("worker"):
        do(Job.objects.get(kind=decisions.DECIDE_MANY))
    assert "nothing was decided" in verifier.get(LIST).content.decode()
    notice = Notice.objects.get(kind=Notice.Kind.BULK_ENDED)
    assert "stopped: nothing was decided" in notice_words(notice)
    assert verifier.get(notice.url).status_code == 200


def test_a_button_that_was_pressed_twice_is_one_job(verifier, english, batch, monkeypatch):
    for module in (decisions, bulk_undo):
        monkeypatch.setattr(module, "BULK_IN_REQUEST", 2)
    factory.proposals(batch, 3, status="submitted")
    query = "status=submitted"
    preview = verifier.get(f"{LIST}bulk/?step=verify&{query}").context["preview"]
    sent = {"step": "verify", "expected": 3, "seen": preview.seen, "typed": 3}
    places = {verifier.post(f"{LIST}bulk/?{query}", sent)["Location"] for _nth in range(2)}
    assert len(places) == 1
    # another person's, and another step's, are jobs of their own
    english("verifier", name="second-verifier").post(f"{LIST}bulk/?{query}", sent)
    verifier.post(
        f"{LIST}bulk/?{query}",
        sent | {"step": "reject", "reason": "deceased"},
    )
    with as_role("worker"):
        jobs = Job.objects.filter(kind=decisions.DECIDE_MANY).order_by("pk")
        steps = [(job.parameters["step"], job.status) for job in jobs]
    assert steps == [("verify", "waiting"), ("verify", "waiting"), ("reject", "waiting")]


def test_a_job_that_decided_nothing_does_not_hide_the_undo_of_the_one_before(
    verifier, batch, monkeypatch
):
    for module in (decisions, bulk_undo):
        monkeypatch.setattr(module, "BULK_IN_REQUEST", 2)
    rows = factory.proposals(batch, 3, status="submitted")
    decided(verifier)
    with as_role("worker"):
        job = Job.objects.get(kind=decisions.DECIDE_MANY)
        again = {"kind": job.kind, "subject": job.subject, "actor": job.actor}
        second = a_job(**again, parameters=job.parameters, total=3)
        do(job)
        do(second)
        second.refresh_from_db()
        assert (second.status, second.message_code) == ("failed", "selection_changed")
    page = verifier.get(LIST)
    assert "Undo my decision on 3 proposals" in page.content.decode()
    verifier.post(f"{LIST}bulk/undo/", {"at": page.context["last_bulk"]["at"]})
    with as_role("worker"):
        do(Job.objects.get(kind=bulk_undo.UNDO_MANY))
    assert {factory.status_of(row) for row in rows} == {"submitted"}
    assert verifier.get(LIST).context["last_bulk"] is None


def test_the_preview_of_one_proposal_speaks_of_one(verifier, batch):
    factory.proposal(batch, first=1, status="submitted")
    factory.proposal(batch, first=2, status="submitted", verdict="elsewhere")
    address = f"{LIST}bulk/?step=verify&status=submitted"
    text = verifier.get(address).content.decode()
    assert "1 proposal would be decided" in text
    assert "1 is left out: its point lies elsewhere or in no village" in text
    factory.proposals(batch, 2, first=11, status="submitted")
    assert "3 proposals would be decided" in verifier.get(address).content.decode()


# --- undoing a bulk step as one act ---


def test_a_determiner_takes_a_bulk_return_back(english, person, batch):
    rows = factory.proposals(batch, 3, status="accepted", step_by=person("pusdatin_verifier"))
    determiner = english("determiner")
    preview = determiner.get(f"{LIST}bulk/?step=return&status=accepted").context["preview"]
    given = {"step": "return", "expected": 3, "seen": preview.seen, "typed": 3}
    why = {"reason": "wrong_point", "note": "Ambil ulang titik."}
    determiner.post(f"{LIST}bulk/?status=accepted", given | why)
    assert {factory.status_of(row) for row in rows} == {"returned"}
    at = determiner.get(LIST).context["last_bulk"]["at"]
    assert determiner.post(f"{LIST}bulk/undo/", {"at": at}).status_code == 302
    assert {factory.status_of(row) for row in rows} == {"accepted"}


def decided(browser, query="status=submitted", step="verify"):
    """Take a step on everything under a filter; the page that follows."""
    preview = browser.get(f"{LIST}bulk/?step={step}&{query}").context["preview"]
    sent = {"step": step, "expected": preview.total, "seen": preview.seen, "typed": preview.total}
    return browser.post(f"{LIST}bulk/?{query}", sent, follow=True)


def history(row) -> list[tuple[str, str, bool]]:
    with as_role("owner"):
        steps = Decision.objects.filter(proposal=row).order_by("pk")
        return list(steps.values_list("from_status", "to_status", "is_undo"))


def test_a_bulk_step_is_undone_as_one_act_but_for_rows_with_a_later_step(
    verifier, english, person, batch
):
    rows = factory.proposals(batch, 6, status="submitted")
    page = decided(verifier).content.decode()
    assert "Undo my decision on 6 proposals" in page
    assert {factory.status_of(row) for row in rows} == {"verified"}
    head = english("head_of_office")
    address = reverse("proposals:review_decide", args=[rows[2].pk])
    head.post(address, {"step": "endorse", "seen": "verified"})
    at = verifier.get(LIST).context["last_bulk"]["at"]
    # nobody else can, and a moment that is none undoes nothing
    other = english("verifier", name="second-verifier")
    for browser, given in ((other, at), (verifier, "2026"), (verifier, "x" * 99), (verifier, "")):
        browser.post(f"{LIST}bulk/undo/", {"at": given})
    assert factory.status_of(rows[0]) == "verified"
    shown = verifier.post(f"{LIST}bulk/undo/", {"at": at}, follow=True)
    assert "5 proposals undone; left, as a later step followed: 1." in shown.content.decode()
    [(_words, count, left)] = shown.context["causes"]
    assert (count, left) == (1, [rows[2]])
    assert factory.status_of(rows[2]) == "endorsed"
    assert history(rows[0]) == [
        ("submitted", "verified", False), ("verified", "submitted", True),
    ]  # fmt: skip
    with as_role("owner"):
        one = Proposal.objects.get(pk=rows[0].pk)
        assert (one.status, one.step_by_id) == ("submitted", None)
        entry = Entry.objects.filter(action=Action.DECIDE, details__step="undo").get()
        assert (entry.details["rows"], entry.details["later"]) == (5, 1)
    # a second time there is nothing left, and the rows can be decided anew
    again = verifier.post(f"{LIST}bulk/undo/", {"at": at}, follow=True)
    assert "0 proposals undone; left" in again.content.decode()
    assert len(history(rows[0])) == 2
    decided(verifier)
    assert factory.status_of(rows[0]) == "verified"


def test_an_undone_step_gives_the_row_back_to_who_decided_before(english, person, batch):
    row = factory.proposal(batch, status="submitted")
    decided(english("verifier"))
    head = english("head_of_office")
    decided(head, "status=verified", "endorse")
    at = head.get(LIST).context["last_bulk"]["at"]
    head.post(f"{LIST}bulk/undo/", {"at": at})
    with as_role("owner"):
        one = Proposal.objects.get(pk=row.pk)
        assert (one.status, one.step_by_id) == ("verified", person("verifier").pk)
        first = Decision.objects.filter(proposal=row).order_by("pk").first()
        assert one.step_at == first.at


def test_after_ten_minutes_a_bulk_step_stays(verifier, person, batch):
    row = factory.proposal(batch, status="submitted")
    decided(verifier)
    by = person("verifier")
    with as_role("owner"):
        at = Decision.objects.get(proposal=row).at
        late = at + decisions.UNDO_WITHIN + timedelta(seconds=1)
        assert bulk_undo.count_decided(by=by, at=at, now=late) == 0
        with pytest.raises(DomainError, match="undo_too_late"):
            bulk_undo.undo_many(by=by, at=at, now=late)
    assert factory.status_of(row) == "verified"


def test_undoing_what_was_a_job_is_a_job(verifier, batch, monkeypatch):
    for module in (decisions, bulk_undo):
        monkeypatch.setattr(module, "BULK_IN_REQUEST", 2)
    rows = factory.proposals(batch, 5, status="submitted")
    page = decided(verifier)
    with as_role("worker"):
        do(Job.objects.get(kind=decisions.DECIDE_MANY))
    place = page.redirect_chain[-1][0]
    shown = verifier.get(place)
    assert "Undo my decision on 5 proposals" in shown.content.decode()
    at = shown.context["last_bulk"]["at"]
    undoing = verifier.post(f"{LIST}bulk/undo/", {"at": at}, follow=True)
    assert "Undoing the decision on 5 proposals" in undoing.content.decode()
    with as_role("worker"):
        do(Job.objects.get(kind=bulk_undo.UNDO_MANY))
    done = verifier.get(undoing.redirect_chain[-1][0]).content.decode()
    assert "5 proposals undone." in done
    assert {factory.status_of(row) for row in rows} == {"submitted"}
    assert all(len(history(row)) == 2 for row in rows)


def test_a_bulk_step_that_waited_as_a_job_can_be_undone_from_its_end_on(
    verifier, batch, monkeypatch
):
    for module in (decisions, bulk_undo):
        monkeypatch.setattr(module, "BULK_IN_REQUEST", 2)
    rows = factory.proposals(batch, 3, status="submitted")
    place = decided(verifier).redirect_chain[-1][0]
    with as_role("worker"):
        job = Job.objects.get(kind=decisions.DECIDE_MANY)
        asked = timezone.now() - 2 * decisions.UNDO_WITHIN
        job.parameters["asked_at"] = asked.isoformat()
        job.save(update_fields=["parameters"])
        do(job)
    at = verifier.get(place).context["last_bulk"]["at"]
    verifier.post(f"{LIST}bulk/undo/", {"at": at})
    with as_role("worker"):
        do(Job.objects.get(kind=bulk_undo.UNDO_MANY))
    assert {factory.status_of(row) for row in rows} == {"submitted"}


def test_a_number_that_is_made_up_brings_no_large_step_into_the_request(
    verifier, batch, monkeypatch
):
    monkeypatch.setattr(decisions, "BULK_IN_REQUEST", 2)
    row, *_more = factory.proposals(batch, 5, status="submitted")
    monkeypatch.setattr(decisions, "decide_many", None)
    answer = verifier.post(
        f"{LIST}bulk/?status=submitted", {"step": "verify", "expected": "1"}, follow=True
    )
    assert "was shown as 1 and is 5 now" in answer.content.decode()
    assert factory.status_of(row) == "submitted"


@pytest.mark.parametrize(("status", "step", "is_offered"), [
    ("submitted", "withdraw", False),
    ("returned", "resubmit", True),
])  # fmt: skip
def test_undo_is_offered_where_it_is_possible(status, step, is_offered, english, batch):
    row = factory.proposal(batch, status=status)
    officer = english("regency_officer")
    address = reverse("proposals:review_decide", args=[row.pk])
    officer.post(address, {"step": step, "seen": status})
    page = officer.get(f"{LIST}{row.pk}/").content.decode()
    assert factory.status_of(row) != status
    assert ("Undo my last step" in page) is is_offered
