"""What is installed is pinned, by hash, and from whichever registry the machine uses."""

import json
import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
NAMES = ["requirements", "requirements-dev", "requirements-node"]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def pins(text: str) -> dict[str, str]:
    return {name.lower().replace("_", "-"): version for name, version in PIN.findall(text)}


@pytest.mark.parametrize("name", NAMES)
def test_the_lock_holds_what_was_asked_for(name: str) -> None:
    asked = pins((CHECKOUT / f"{name}.in").read_text())
    locked = pins((CHECKOUT / f"{name}.txt").read_text())
    assert asked.items() <= locked.items()


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_says_exactly_one_version_and_why(name: str) -> None:
    for line in (CHECKOUT / f"{name}.in").read_text().splitlines():
        if line and not line.startswith(("#", "-c")):
            assert PIN.match(line), line
            assert name == "requirements-node" or " # " in line, line


@pytest.mark.parametrize("name", NAMES)
def test_every_locked_package_has_a_hash_and_no_address(name: str) -> None:
    text = (CHECKOUT / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "--index-url" not in text


def test_tests_and_portal_agree_on_shared_packages() -> None:
    runtime = pins((CHECKOUT / "requirements.txt").read_text())
    tests = pins((CHECKOUT / "requirements-dev.txt").read_text())
    shared = {name for name in tests.keys() & runtime.keys() if name != "numpy"}
    assert {name: tests[name] for name in shared} == {name: runtime[name] for name in shared}


def test_browser_packages_are_locked_by_hash_without_an_address() -> None:
    asked = json.loads((CHECKOUT / "package.json").read_text())
    packages = json.loads((CHECKOUT / "package-lock.json").read_text())["packages"]
    for name, version in (asked["dependencies"] | asked["devDependencies"]).items():
        assert packages[f"node_modules/{name}"]["version"] == version
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert name == "" or package["integrity"].startswith("sha512-"), name
