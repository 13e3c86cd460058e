"""The help pages: the guide's chapters, for everybody, in the language in use."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders

from portal.pages import help as guide

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(client):
    def asked(path="/help/", language="id"):
        return client.get(path, headers={"accept-language": language})

    return asked


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_chapter_of_the_guide_is_a_page(ask, language):
    contents = ask(language=language).content.decode()
    chapters = guide.read(language).chapters
    assert list(chapters) == list(range(1, 28))
    for number, chapter in chapters.items():
        assert f'href="/help/{number}/"' in contents
        page = ask(f"/help/{number}/", language).content.decode()
        assert f"<h1>{number}. {chapter.title}</h1>" in page
        assert "**" not in chapter.html
        assert ".md" not in chapter.html


def test_its_pictures_are_static_files_that_come_when_they_are_reached(ask):
    html = "".join(chapter.html for chapter in guide.read("id").chapters.values())
    tags = re.findall(r"<img [^>]+>", html)
    assert len(tags) > 20
    assert all('loading="lazy"' in tag and 'width="' in tag for tag in tags)
    names = re.findall(r'src="/static/(guide/[\w.-]+)"', html)
    assert len(names) == len(tags)
    plain = [re.sub(r"\.[0-9a-f]{12}\.", ".", name) for name in names]
    assert [name for name in plain if finders.find(name) is None] == []


def test_a_chapter_that_is_not_there_is_not_found(ask):
    assert ask("/help/99/").status_code == 404


def test_help_is_in_the_bar_before_and_after_signing_in(client, signed_in):
    for browser, path, chapter in (
        (client, "/accounts/login/", 1),
        (signed_in("verifier"), "/", 2),
    ):
        assert f'href="/help/{chapter}/"' in browser.get(path).content.decode()


CHAPTERS = {
    ("village_officer", "/proposals/batches/upload/"): 3,
    ("village_officer", "/proposals/new/"): 7,
    ("verifier", "/proposals/review/"): 9,
    ("regency_officer", "/reconciliation/conflicts/"): 13,
    ("pusdatin_verifier", "/admin/proposals/proposal/"): 14,
    ("determiner", "/admin/proposals/decree/determine/"): 15,
    ("pusdatin_verifier", "/admin/regions/boundaryedition/upload/"): 16,
    ("steward", "/admin/registry/person/"): 17,
    ("steward", "/reconciliation/sources/"): 18,
    ("steward", "/reconciliation/runs/new/"): 19,
    ("steward", "/reconciliation/duplicates/"): 20,
    ("steward", "/reconciliation/conflicts/"): 20,
    ("administrator", "/admin/accounts/user/"): 21,
    ("administrator", "/admin/casework/cycle/"): 22,
    ("data_protection_officer", "/admin/audit/entry/"): 23,
    ("operator", "/command-centre/"): 24,
    ("planner", "/indicators/"): 25,
    ("planner", "/indicators/pockets/"): 26,
}


@pytest.mark.parametrize(("role", "path"), CHAPTERS)
def test_help_leads_to_the_chapter_of_the_page(signed_in, role, path):
    page = signed_in(role).get(path).content.decode()
    bar = page.split('class="bar"')[1].split("</header>")[0]
    assert f'href="/help/{CHAPTERS[role, path]}/"' in bar


def test_every_page_of_the_guide_can_be_reached_from_a_page_of_the_portal():
    reached = {number for _pattern, *numbers in guide.OF_PAGES for number in numbers}
    # submitting, cycles and "when something is in the way" belong to no single page
    assert set(range(1, 28)) - reached == {6, 10, 12}
