"""Templates and static files lie in folders of the packages that render them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
# Folders that belong to no app of ours: overrides of Django's admin and of django-leaflet.
OVERRIDES = {"admin", "leaflet"}
NAMED = re.compile(r"[\"']((?:[a-z_]+/)+)(\w+\.(?:html|txt))[\"']")


def package_root(app: str) -> Path:
    return ROOT / "portal" if app == "portal" else ROOT / "apps" / app


def folders(kind: str) -> list[Path]:
    """Folders below an app's own, relative to `templates` or `static`."""
    top = ROOT / kind
    found = {path.parent.relative_to(top) for path in top.rglob("*.*") if path.is_file()}
    assert len(found) > 10, found
    return sorted(folder for folder in found if folder.parts and folder.parts[0] not in OVERRIDES)


@pytest.mark.parametrize("kind", ["templates", "static"])
def test_each_folder_is_a_package_of_its_app(kind: str) -> None:
    strange = [
        str(folder)
        for folder in folders(kind)
        if not package_root(folder.parts[0]).joinpath(*folder.parts[1:], "__init__.py").exists()
    ]
    assert strange == []


def rendered() -> Iterator[tuple[Path, Path]]:
    """Module, and the folder of a whole page that it names."""
    for top in ("apps", "portal"):
        for path in (ROOT / top).rglob("*.py"):
            for folder, name in NAMED.findall(path.read_text(encoding="utf-8")):
                if (ROOT / "templates" / folder / name).exists() and not name.startswith("_"):
                    yield path, Path(folder)


def test_a_page_lies_in_the_folder_of_the_package_that_renders_it() -> None:
    pages = list(rendered())
    assert len(pages) > 80
    strange = []
    for module, folder in pages:
        app, *package = folder.parts
        if package and not module.is_relative_to(package_root(app).joinpath(*package)):
            strange.append(f"{module.relative_to(ROOT)}: {folder}")
    assert strange == []


def test_every_template_compiles_and_includes_what_exists() -> None:
    top = ROOT / "templates"
    pages = [path for path in top.rglob("*") if path.is_file()]
    assert len(pages) > 170
    for path in pages:
        get_template(str(path.relative_to(top)))
    named = re.compile(r"{%\s*(?:include|extends)\s+\"([^\"]+)\"")
    static = re.compile(r"{%\s*static\s+['\"]([^'\"]+)['\"]")
    for path in pages:
        text = path.read_text(encoding="utf-8")
        for name in named.findall(text):
            get_template(name)
        for name in static.findall(text):
            own = (ROOT / "static" / name).exists()
            assert own or not package_root(name.split("/")[0]).exists(), f"{path}: {name}"
