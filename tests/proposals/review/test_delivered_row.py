"""What a row said when it was delivered, beside how it was read."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.demo.country import CODES
from apps.proposals.access import row_files
from apps.proposals.models import Proposal
from apps.proposals.review import delivered_row
from tests.conftest import as_role
from tests.personas import FOREIGN, SIBLING
from tests.proposals import factory
from tests.proposals.sending import findings, point, row, send

pytestmark = pytest.mark.django_db

TYPED = {
    "name": "  siti   aminah ",
    "birth_date": "10-5-1988",
    "sex": "perempuan",
    "latitude": row(9002)["latitude"].replace(".", ","),
    "address": "Jl. Melati, NIK 3404 0105 0588 9002",
    "rt": "1",
}


@pytest.fixture
def batch(person):
    rows = [row(9001), row(9002, **TYPED), row(9003)]
    sent = send(rows, person("regency_officer"))
    assert sent.counts["held"] == 0, findings(sent)
    return sent


def proposal_of(batch, number) -> Proposal:
    with as_role("owner"):
        return Proposal.objects.get(batch=batch, row_number=number)


def opened(browser, proposal, **more):
    return browser.get(reverse("proposals:review_delivered", args=[proposal.pk]), **more)


def test_each_cell_stands_beside_the_value_that_was_read(batch, signed_in):
    proposal = proposal_of(batch, 2)
    browser = signed_in("verifier")
    page = browser.get(reverse("proposals:review_row", args=[proposal.pk])).content.decode()
    assert reverse("proposals:review_delivered", args=[proposal.pk]) in page
    answer = opened(browser, proposal)
    cells = {cell.heading: cell for cell in answer.context["cells"]}
    assert cells["NAMA"].delivered.strip() == TYPED["name"].strip()
    assert cells["NAMA"].read == "SITI AMINAH"
    assert cells["NAMA"].is_changed
    assert cells["TANGGAL LAHIR"].delivered == "10-5-1988"
    assert cells["TANGGAL LAHIR"].read == "10 Mei 1988"
    assert cells["LINTANG"].delivered == TYPED["latitude"]
    assert cells["LINTANG"].read == f"{proposal.location.y:.6f}"
    assert (cells["RT"].delivered, cells["RT"].read) == ("1", "001")
    assert not cells["RW"].is_changed
    # the numbers of persons are masked, wherever they stand
    text = answer.content.decode()
    assert row(9002)["nik"] not in text
    assert "3404 0105 0588 9002" not in text
    assert cells["NIK"].delivered == cells["NIK"].read == proposal.masked_nik
    with as_role("owner"):
        subject = f"proposals.Proposal:{proposal.pk}"
        assert Entry.objects.filter(action=Action.READ, subject=subject).count() == 2


def test_beside_the_list_it_is_a_part_of_the_page(batch, signed_in):
    answer = opened(signed_in("verifier"), proposal_of(batch, 1), headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "10/05/1988" in answer.content.decode()
    admin = signed_in("pusdatin_verifier").get(
        reverse("admin:proposals_proposal_delivered", args=[proposal_of(batch, 1).pk])
    )
    assert "10/05/1988" in admin.content.decode()


def test_other_regions_and_lost_files_show_nothing(batch, signed_in):
    proposal = proposal_of(batch, 1)
    assert opened(signed_in("verifier", FOREIGN), proposal).status_code == 404
    Path(batch.file.path).unlink()
    answer = opened(signed_in("verifier"), proposal)
    assert answer.status_code == 200
    assert answer.context["cells"] == []
    assert answer.context["refused"]


def test_a_row_whose_file_has_no_name_is_told_in_words(person, signed_in):
    proposal = factory.proposal(factory.batch(person("regency_officer")))
    answer = opened(signed_in("verifier"), proposal)
    assert answer.status_code == 200
    assert answer.context["cells"] == []
    assert answer.context["refused"]


def test_a_row_of_a_wider_regions_file_is_shown_to_who_reviews_it_alone(person, signed_in):
    """A file of the province, with a row in each of two regencies."""
    rows = [row(9001), row(9002, village_code=CODES["E"], **point("E")), row(9003)]
    batch = send(rows, person("pusdatin_verifier"), region="97")
    assert batch.counts["held"] == 0, findings(batch)
    own, others = proposal_of(batch, 1), proposal_of(batch, 2)
    browser = signed_in("verifier")
    answer = opened(browser, own)
    cells = {cell.heading: cell for cell in answer.context["cells"]}
    assert cells["NAMA"].delivered == "SITI AMINAH"
    assert cells["LINTANG"].delivered == row(9001)["latitude"]
    assert row(9003)["longitude"] not in answer.content.decode()
    with as_role("owner"):
        subject = f"proposals.Proposal:{own.pk}"
        assert Entry.objects.filter(action=Action.READ, subject=subject).count() == 1
    assert opened(browser, others).status_code == 404
    there = signed_in("verifier", SIBLING)
    assert opened(there, others).context["cells"]
    assert opened(there, own).status_code == 404


def test_of_typed_rows_the_database_gives_the_asked_one_alone(person, gate):
    typed = [{"name": "ANI"}, {"name": "BUDI"}]
    batch = factory.batch(person("pusdatin_verifier"), region="97", origin="form", row_values=typed)
    factory.proposal(batch)
    second = factory.proposal(batch, first=2)
    gate(person("verifier"))
    assert row_files.file_of(second).row_values == [{}, {"name": "BUDI"}]
    gate(person("verifier", FOREIGN))
    assert row_files.file_of(second) is None


def test_the_row_of_a_form_is_as_it_was_typed(person, signed_in):
    typed = {"name": "ani\tsiti \\ x", "rt": "1"}
    batch = factory.batch(person("regency_officer"), origin="form", row_values=[typed])
    proposal = factory.proposal(batch)
    cells = {one.heading: one for one in opened(signed_in("verifier"), proposal).context["cells"]}
    assert "siti \\ x" in cells["NAMA"].delivered
    assert (cells["RT"].delivered, cells["RT"].read) == ("1", "001")


def test_the_point_of_a_protected_need_is_nowhere_on_the_pages_of_its_row(person, signed_in):
    sent = row(9001, ppks="16")
    batch = send([sent, row(9002)], person("regency_officer"))
    protected, plain = proposal_of(batch, 1), proposal_of(batch, 2)
    for browser, names in (
        (signed_in("verifier"), ("proposals:review_row", "proposals:review_delivered")),
        (
            signed_in("pusdatin_verifier"),
            ("admin:proposals_proposal_change", "admin:proposals_proposal_delivered"),
        ),
    ):
        for name in names:
            for more in ({}, {"headers": {"HX-Request": "true"}}):
                text = browser.get(reverse(name, args=[protected.pk]), **more).content.decode()
                assert sent["latitude"] not in text
                assert sent["longitude"] not in text
                assert f"{protected.location.y:.5f}" not in text
                assert str(protected.location.y)[:7] not in text.replace(",", ".")
        text = browser.get(reverse(names[0], args=[plain.pk])).content.decode()
        assert f"{plain.location.y:.5f}" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3404010505889002", "340401••••••9002"),
        ("3404 0105.0588-9002", "340401••••••9002"),
        ("telp 081234567890", "telp 081234••••••"),
        ("RT 1 RW 2, 55281", "RT 1 RW 2, 55281"),
    ],
)
def test_long_numbers_are_masked_however_they_are_written(text, shown):
    assert delivered_row.masked_cell(text) == shown
