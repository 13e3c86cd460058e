"""Finding a region: by letters or code, with its path, inside one's own scope only."""

from __future__ import annotations

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(signed_in):
    def search(persona: str, text: str, purpose: str = "upload") -> str:
        browser = signed_in(persona)
        answer = browser.get(reverse("place-search"), {"for": purpose, "region_text": text})
        assert answer.status_code == 200
        return answer.content.decode()

    return search


def test_a_village_is_found_by_a_piece_of_its_name_with_its_path(found):
    page = found("regency_officer", "cema")
    assert "Cemara — Barat Lor Dua, Kabupaten Barat Lor, Nusa Barat" in page
    assert 'value="97.01.02.2001"' in page


def test_a_region_is_found_by_its_code(found):
    assert 'value="97.01.02"' in found("regency_officer", "97.01.02")


def test_regions_of_others_are_not_found(found):
    assert "value=" not in found("regency_officer", "Ilalang")
    assert "value=" not in found("regency_officer", "98")


def test_two_letters_are_too_few(found):
    assert "value=" not in found("regency_officer", "Be")


def test_signs_of_a_pattern_find_nothing(found):
    assert "value=" not in found("regency_officer", "%%%")
    assert "value=" not in found("regency_officer", "___")


def test_a_role_that_does_not_determine_finds_no_region_to_determine(found):
    assert "value=" not in found("verifier", "Cemara", "determine")


def test_an_unknown_purpose_finds_nothing(found):
    assert "value=" not in found("pusdatin_verifier", "Cemara", "everything")


def test_no_more_than_twenty_are_shown(found):
    assert found("pusdatin_verifier", "97").count('type="radio"') <= 20
