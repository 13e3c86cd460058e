"""The links and forms of the pages of pockets keep what was chosen: each changes one thing."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl

import pytest

from apps.demo.country import CODES
from tests.indicators.pockets import world

pytestmark = pytest.mark.django_db
PAGE = "/indicators/pockets/"
LINK = re.compile(r'<a[^>]*\bhref="\?([^"]*)"')
FIELD = re.compile(r'<(?:input|select)[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"')
# Where a page of a list begins is of no other one.
PLACE = {"after", "before", "p"}


@pytest.fixture
def compared(tmp_path):
    registered = {"A": (12, 0), "B": (20, 8), "D": (9, 0), "I": (30, 9)}
    for letter, (enrolled, others) in registered.items():
        world.families(letter, enrolled, programme="PKH")
        world.families(letter, others)
    world.in_force(world.listed(tmp_path, "ABDI"), world.computed())


def differing(query: str, chosen: dict[str, str]) -> set[str]:
    given = {name: value for name, value in parse_qsl(unescape(query)) if name not in PLACE}
    return {name for name in given.keys() | chosen.keys() if given.get(name) != chosen.get(name)}


@pytest.mark.parametrize(
    ("page", "chosen"),
    [
        ("", {"kind": "agree", "region": "97", "sort": "share"}),
        ("coverage/", {"by": "published", "where": "in", "region": "97", "sort": "enrolled"}),
    ],
)
def test_each_link_and_form_changes_one_thing_and_keeps_the_others(
    compared, signed_in, page, chosen
):
    query = "&".join(f"{name}={value}" for name, value in chosen.items())
    text = signed_in("planner").get(f"{PAGE}{page}?{query}").content.decode()
    assert CODES["A"] in text
    main = text[text.index("<main") :]
    links = LINK.findall(main)
    changed = [differing(link, chosen) for link in links]
    assert all(len(one) <= 1 for one in changed), list(zip(links, changed, strict=True))
    # each of what was chosen can be changed
    assert set(chosen) <= set().union(*changed)
    form = main[main.index('<form method="get"') :]
    sent = dict(FIELD.findall(form[: form.index("</form>")].replace("\n", " ")))
    assert sent == chosen
