"""An issued report: numbered, with its digest, never changed; a correction is the next number."""

from __future__ import annotations

import hashlib
from json import loads

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.commandcentre.models import ReportFile, SituationReport
from apps.commandcentre.readers import reader_of
from apps.commandcentre.reports import issuing, sheet
from apps.common.errors import DomainError
from tests.accounts.races import race
from tests.base import NOW
from tests.commandcentre.planning.needs import assessed, solved
from tests.commandcentre.resources.places import facility, stocked
from tests.conftest import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(person):
    return person("operator")


@pytest.fixture
def hazard():
    return assessed({"A": 40, "B": 20}, severe="B").hazard


@pytest.fixture
def issue(hazard, operator):
    def run(corrects=None, reason="") -> SituationReport:
        return issuing.issue_report(
            hazard=hazard,
            corrects=corrects,
            reason=reason,
            reader=reader_of(operator),
            by=operator,
            now=NOW,
        )

    return run


def test_reports_of_a_hazard_are_numbered_and_say_who_when_and_their_digest(issue, operator):
    first, second = issue(), issue()
    assert (first.number, second.number) == (1, 2)
    facts = " ".join(first.content["facts"])
    assert "Nomor 1" in facts
    assert str(operator) in facts
    assert sheet.read_sheet(first.content).sha256 == first.sha256
    assert Entry.objects.filter(action=Action.CREATE, details__sha256=first.sha256).exists()


def test_files_are_kept_with_their_digests(issue):
    report = issue()
    files = {file.format: file for file in report.files.all()}
    assert set(files) == {"pdf", "csv", "geojson", "svg"}
    for file in files.values():
        content = bytes(file.content)
        assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert bytes(files["pdf"].content).startswith(b"%PDF-")
    assert bytes(files["csv"].content).decode("utf-8-sig").startswith("kode_desa,desa")
    kinds = [
        one["properties"]["what"] for one in loads(bytes(files["geojson"].content))["features"]
    ]
    assert kinds.count("village") == 2


def test_neither_role_of_the_database_can_change_an_issued_report(issue):
    report = issue()
    for role in ("web", "worker"):
        for rows in (
            SituationReport.objects.filter(pk=report.pk),
            ReportFile.objects.filter(report=report),
        ):
            with as_role(role), pytest.raises(DatabaseError), transaction.atomic():
                rows.update(sha256="0" * 64)
            with as_role(role), pytest.raises(DatabaseError), transaction.atomic():
                rows._raw_delete(rows.db)


def test_a_later_change_of_the_figures_leaves_the_report_as_it_went_out(issue, hazard, signed_in):
    report = issue()
    with as_role("owner"):
        hazard.assessments.update(families=777, persons=999)
    page = signed_in("operator").get(reverse("commandcentre:issued-report", args=[report.pk]))
    assert "999" not in page.content.decode()
    draft = signed_in("operator").get(reverse("commandcentre:report", args=[hazard.pk]))
    assert "999" in draft.content.decode()


def test_a_correction_is_a_new_number_that_names_the_old_one(issue, signed_in):
    first = issue()
    later = issue(first, "Jumlah jiwa salah")
    assert (later.number, later.corrects) == (2, first)
    assert "Jumlah jiwa salah" in " ".join(later.content["facts"])
    page = signed_in("operator").get(reverse("commandcentre:issued-report", args=[first.pk]))
    assert "Diralat oleh nomor 2" in page.content.decode()


def test_a_correction_without_a_reason_or_of_another_hazard_is_refused(issue, operator):
    first = issue()
    with pytest.raises(DomainError, match="^report_reason$"):
        issue(first, " ")
    other = assessed({"A": 4}).hazard
    with pytest.raises(DomainError, match="^report_other_hazard$"):
        issuing.issue_report(
            hazard=other,
            corrects=first,
            reason="x",
            reader=reader_of(operator),
            by=operator,
            now=NOW,
        )
    assert SituationReport.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_have_two_numbers(issue):
    def act() -> str:
        return str(issue().number)

    assert sorted(race([act, act])) == ["1", "2"]


def test_every_section_with_figures_names_its_source(hazard, operator):
    with as_role("owner"):
        place = facility("Gudang Uji", "A", kind="warehouse")
    stocked(place, 50, "rice")
    solved(hazard.assessments.get(), operator)
    draft = issuing.draft_report(hazard, reader=reader_of(operator), at=NOW)
    tables = [one for one in draft.sheet.sections if one.rows]
    assert len(tables) >= 4
    assert all(one.source for one in tables)
    headings = [one.heading for one in draft.sheet.sections]
    assert headings == [
        *("Sorotan", "Angka kunci", "Dampak", "Kebutuhan", "Tanggapan", "Kesenjangan"),
        "Kontak piket",
    ]
    assert 2 <= len(draft.sheet.sections[0].lines) <= 5


def test_the_operator_issues_it_on_the_page_and_finds_it_in_the_list(hazard, signed_in):
    browser = signed_in("operator")
    path = reverse("commandcentre:report-issue", args=[hazard.pk])
    page = browser.post(path, {"corrects": "", "reason": ""}, follow=True).content.decode()
    report = SituationReport.objects.get()
    assert "Laporan nomor 1 diterbitkan." in page
    assert report.sha256 in page
    listed = browser.get(reverse("commandcentre:report", args=[hazard.pk])).content.decode()
    assert reverse("commandcentre:issued-report", args=[report.pk]) in listed
    file = browser.get(reverse("commandcentre:issued-file", args=[report.pk, "pdf"]))
    assert file.content.startswith(b"%PDF-")
    assert Entry.objects.filter(action=Action.EXPORT, details__format="pdf").exists()
    assert browser.get(f"/command-centre/reports/{report.pk}/files/exe/").status_code == 404


def test_what_is_sent_twice_is_issued_once(hazard, signed_in):
    browser = signed_in("operator")
    path = reverse("commandcentre:report-issue", args=[hazard.pk])
    page = browser.get(reverse("commandcentre:report", args=[hazard.pk])).content.decode()
    assert 'name="seen" value="0"' in " ".join(page.split())
    first = browser.post(path, {"seen": "0"})
    assert browser.post(path, {"seen": "0"})["Location"] == first["Location"]
    assert SituationReport.objects.count() == 1
    browser.post(path, {"seen": "1"})
    assert SituationReport.objects.count() == 2


def test_who_saw_an_older_list_is_told_of_the_report_of_another(hazard, issue, signed_in, person):
    other = issuing.issue_report(
        hazard=hazard,
        corrects=None,
        reason="",
        reader=reader_of(person("operator")),
        by=person("operator", name="operator-dua"),
        now=NOW,
    )
    path = reverse("commandcentre:report-issue", args=[hazard.pk])
    page = signed_in("operator").post(path, {"seen": "0"}, follow=True).content.decode()
    assert "Tidak ada laporan lain yang diterbitkan" in page
    assert SituationReport.objects.get() == other


def test_a_planner_neither_reads_nor_issues_one(hazard, issue, signed_in):
    report = issue()
    planner = signed_in("planner")
    path = reverse("commandcentre:issued-report", args=[report.pk])
    assert planner.get(path).status_code == 403
    answer = planner.post(reverse("commandcentre:report-issue", args=[hazard.pk]))
    assert answer.status_code == 403
