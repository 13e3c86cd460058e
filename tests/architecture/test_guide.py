"""The guide keeps up with the screen: its pictures exist, its labels are the catalogue's words."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE, PICTURES = ROOT / "docs/guide", ROOT / "docs/images"
MOST_BYTES, MOST_ALTOGETHER = 80_000, 1_200_000
PAGES = ["id.md", "en.md"]
OF_THE_README = {"proposals-map.png"}
# A question that begins a paragraph, no label.
HEADINGS = r"[.?]$"


def text(name: str) -> str:
    return (GUIDE / name).read_text("utf-8")


def pictures(name: str) -> set[str]:
    return set(re.findall(r"!\[[^\]]+\]\(\.\./images/([^)]+)\)", text(name)))


def labels(name: str) -> set[str]:
    bold = {label.strip() for label in re.findall(r"\*\*([^*\n]+)\*\*", text(name))}
    return {label for label in bold if not re.search(HEADINGS, label)} - {"tebal", "bold"}


def catalogue() -> tuple[str, str]:
    """All msgids and all msgstrs, each text on a line of its own, lower case."""
    found: dict[str, list[str]] = {"msgid": [], "msgstr": []}
    current: list[str] = []
    for line in (ROOT / "locale/id/LC_MESSAGES/django.po").read_text("utf-8").splitlines():
        start = re.match(r'(msgid|msgstr)\S* "(.*)"$', line)
        if start:
            current = found[start[1]]
            current.append(start[2])
        elif line.startswith('"'):
            current[-1] += line[1:-1]
    return "\n".join(found["msgid"]).lower(), "\n".join(found["msgstr"]).lower()


@pytest.mark.parametrize("name", PAGES)
def test_every_picture_of_the_guide_exists(name):
    assert pictures(name)
    assert [one for one in pictures(name) if not (PICTURES / one).is_file()] == []


def test_both_languages_show_the_same_pictures_and_every_picture_is_shown():
    assert pictures("id.md") == pictures("en.md")
    kept = {path.name for path in PICTURES.glob("*.png")} - OF_THE_README
    assert kept == pictures("id.md")


def test_the_pictures_are_small():
    sizes = {name: (PICTURES / name).stat().st_size for name in pictures("id.md")}
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) <= MOST_ALTOGETHER


@pytest.mark.parametrize(("name", "side"), [("id.md", 1), ("en.md", 0)])
def test_every_label_of_the_guide_is_on_the_screen(name, side):
    """A label may lack the number that its text holds; it stands at the beginning of a text."""
    said = catalogue()[side]
    assert len(labels(name)) > 50
    lacking = [one for one in sorted(labels(name)) if not re.search(
        rf"^{re.escape(one.lower())}(?!\w)", said, re.MULTILINE
    )]  # fmt: skip
    assert lacking == []
