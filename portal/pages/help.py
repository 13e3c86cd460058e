"""The guide of docs/guide as help pages: one page for each chapter, in the active language.

Open to everyone: a user who cannot sign in needs the first chapter, and it has no personal data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt
from PIL import Image

DOCS: Final = Path(settings.BASE_DIR) / "docs"
PICTURES: Final = "../images/"
CHAPTER: Final = re.compile(r"^## (\d+)\. (.+)$", re.MULTILINE)
# "*English: [en.md](en.md).*" is left out: the bar has a button for it
OTHER_LANGUAGE: Final = re.compile(r"\s*\*[^*\n]+\[\w+\.md\]\(\w+\.md\)\.\*")


# Prefix of an address → its chapter: for the regional chain, for Pusdatin. The first match counts.
OF_PAGES: Final = tuple(
    (re.compile(pattern), chain, pusdatin)
    for pattern, chain, pusdatin in (
        (r"/$|/progress/|/proposals/families/", 2, 2),
        (r"/accounts/", 1, 1),
        (
            r"/proposals/(?:batches/upload|batches/template|uploads)",
            3,
            3,
        ),
        (r"/(?:admin/)?proposals/batch(?:es)?/\d+/evidence", 5, 5),
        (r"/(?:admin/)?proposals/batch", 4, 4),
        (r"/proposals/(?:new|drafts)/", 7, 7),
        (r"/proposals/returned/", 8, 8),
        (r"/proposals/notices?/", 11, 11),
        (r"/proposals/review/|/admin/proposals/proposal/", 9, 14),
        (r"/admin/proposals/decree/", 15, 15),
        (r"/admin/regions/", 16, 16),
        (r"/register/|/admin/registry/", 17, 17),
        (r"/reconciliation/(?:runs|review|pairs)/", 19, 19),
        (r"/reconciliation/(?:duplicates|merges)", 20, 20),
        (r"/reconciliation/(?:conflicts|worklists|questions|take|survivorship)", 13, 20),
        (r"/reconciliation/|/admin/reconciliation/", 18, 18),
        (r"/admin/accounts/", 21, 21),
        (r"/admin/(?:casework|jobs)/", 22, 22),
        (r"/admin/audit/", 23, 23),
        (r"/command-centre/|/admin/commandcentre/", 24, 24),
        (r"/indicators/pockets/|/admin/indicators/pocket", 26, 26),
        (r"/indicators/|/admin/indicators/", 25, 25),
        (r"/maps/$", 27, 27),
    )
)


def address_for(path: str, *, is_officer: bool) -> str:
    """The address of the chapter about a page, else of the list of chapters."""
    for pattern, chain, pusdatin in OF_PAGES:
        if pattern.match(path):
            return reverse("help_chapter", args=[chain if is_officer else pusdatin])
    return reverse("help")


@dataclass(frozen=True)
class Chapter:
    """One chapter of the guide, as HTML."""

    number: int
    title: str
    html: str


@dataclass(frozen=True)
class Guide:
    title: str
    intro: str
    chapters: dict[int, Chapter]


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    """The list of chapters, with what the guide is about."""
    return render(request, "portal/pages/help.html", {"guide": _guide()})


@require_safe
def chapter(request: HttpRequest, number: int) -> HttpResponse:
    guide = _guide()
    if number not in guide.chapters:
        raise Http404
    known = {
        "guide": guide,
        "chapter": guide.chapters[number],
        "before": guide.chapters.get(number - 1),
        "after": guide.chapters.get(number + 1),
    }
    return render(request, "portal/pages/help_chapter.html", known)


def _guide() -> Guide:
    return read((get_language() or settings.LANGUAGE_CODE)[:2])


@cache
def read(language: str) -> Guide:
    """The guide in this language, read and rendered once for each process."""
    path = DOCS / "guide" / f"{language}.md"
    text = OTHER_LANGUAGE.sub("", path.read_text(encoding="utf-8"))
    head, *parts = CHAPTER.split(text)
    title, _blank, intro = head.strip().partition("\n\n")
    parser = _parser()
    return Guide(
        title.removeprefix("# "),
        _html(parser, intro.partition("\n\n")[0]),
        {
            int(number): Chapter(int(number), name.strip(), _html(parser, body))
            for number, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        },
    )


def _html(parser: MarkdownIt, text: str) -> str:
    return mark_safe(parser.render(text))  # noqa: S308 (our own file; the parser lets no HTML through)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("image", _picture)
    parser.add_render_rule("table_open", lambda *_args: '<div class="scroll"><table class="grid">')
    parser.add_render_rule("table_close", lambda *_args: "</table></div>")
    return parser


def _picture(self: Any, tokens: Any, at: int, options: Any, env: Any) -> str:
    """A picture is loaded when it is scrolled into view; its space is reserved."""
    token = tokens[at]
    name = str(token.attrs["src"]).removeprefix(PICTURES)
    with Image.open(DOCS / "images" / name) as picture:
        width, height = picture.size
    token.attrs |= {
        "src": static(f"guide/{name}"),
        "width": str(width),
        "height": str(height),
        "loading": "lazy",
    }
    return str(self.image(tokens, at, options, env))
