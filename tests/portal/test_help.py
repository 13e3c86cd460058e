"""The help pages: the guide's chapters, for everybody, in the language in use."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders

from portal import help as guide

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
    assert list(chapters) == list(range(1, 14))
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


def test_help_stands_in_the_bar_before_and_after_signing_in(client, signed_in):
    for browser, path in ((client, "/accounts/login/"), (signed_in("verifier"), "/")):
        assert 'href="/help/"' in browser.get(path).content.decode()
