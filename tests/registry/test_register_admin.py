"""The register's pages in the admin."""

import pytest
from django.urls import reverse

from apps.audit.models import Action, Entry
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
SEARCH = "admin:registry_person_changelist"


@pytest.fixture
def own(role):
    with role("worker"):
        return a_person(name="CONTOH SATU", programme="PKH")


@pytest.fixture
def foreign(role):
    with role("worker"):
        return a_person("98.01.01.2001", name="CONTOH DUA")


def test_the_search_page_lists_nobody_by_itself(own, signed_in):
    page = signed_in("verifier").get(reverse(SEARCH)).content.decode()
    assert own.name not in page


def test_a_search_by_nik_shows_the_person_with_the_number_masked(own, signed_in):
    page = signed_in("verifier").post(reverse(SEARCH), {"nik": own.nik}).content.decode()
    assert own.name in page
    assert own.masked_nik in page


def test_a_pasted_nik_with_spaces_is_understood(own, signed_in):
    spaced = f"{own.nik[:6]} {own.nik[6:12]} {own.nik[12:]}"
    page = signed_in("verifier").post(reverse(SEARCH), {"nik": spaced}).content.decode()
    assert own.name in page


def test_a_short_nik_is_answered_with_what_is_missing(signed_in):
    page = signed_in("verifier").post(reverse(SEARCH), {"nik": "12345"}).content.decode()
    assert "5" in page
    assert "16" in page


def test_a_persons_page_shows_origin_history_and_a_masked_number(own, signed_in):
    page = signed_in("verifier").get(reverse("admin:registry_person_change", args=[own.pk]))
    text = page.content.decode()
    assert own.nik not in text
    assert own.change.get_kind_display() in text
    assert "Program Keluarga Harapan" in text
    assert Entry.objects.filter(action=Action.READ, subject=f"registry.Person:{own.pk}").exists()


def test_revealing_shows_the_number_once_and_records_the_reason(own, signed_in):
    browser = signed_in("verifier")
    url = reverse("admin:registry_person_reveal", args=[own.pk])
    assert own.nik not in browser.post(url, {"reason": ""}).content.decode()
    assert own.nik in browser.post(url, {"reason": "complaint"}).content.decode()
    assert Entry.objects.filter(action=Action.REVEAL, reason="complaint").count() == 1


def test_a_foreign_person_and_a_missing_one_give_the_same_page(own, foreign, signed_in):
    browser = signed_in("verifier")
    foreign_page = browser.get(reverse("admin:registry_person_change", args=[foreign.pk]))
    missing_page = browser.get(reverse("admin:registry_person_change", args=[10**12]))
    assert foreign_page.status_code == missing_page.status_code == 404
    assert foreign_page.content == missing_page.content


def test_only_the_data_protection_officer_sees_who_looked(own, signed_in):
    url = reverse("admin:registry_person_change", args=[own.pk])
    assert "trail-heading" not in signed_in("verifier").get(url).content.decode()
    assert "trail-heading" in signed_in("data_protection_officer").get(url).content.decode()
