"""A password or key in a file of the checkout is found before it is committed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.setup.conftest import CHECKOUT

# put together here, so that this file holds none
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n"
TOKEN = "AKIA" + "IOSFODNN7QXAMPLF"
ADDRESS = "postgresql://portal_web:" + "Kuda-Lari-Malam-77@db/portal"
WORD = "password" + " = 'Kuda-Lari-Malam-77'"


def search(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, CHECKOUT / "bin/secrets", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("content", [KEY, f"key = '{TOKEN}'\n", f"URL={ADDRESS}\n", f"{WORD}\n"])
@pytest.mark.long
def test_a_secret_is_found_and_not_shown(tmp_path: Path, content: str) -> None:
    path = tmp_path / "new.py"
    path.write_text(f"name = 'kata sandi'\n{content}")
    said = search(path)
    assert said.returncode == 1
    assert f"{path}:2: " in said.stderr
    assert "Malam" not in said.stderr
    path.write_text("name = 'kata sandi'\n")
    assert search(path).returncode == 0


def test_an_accepted_finding_has_a_reason() -> None:
    known = json.loads((CHECKOUT / ".secrets.json").read_text())
    for name, reasons in known.items():
        assert (CHECKOUT / name).is_file(), name
        assert all(len(checksum) == 40 and reason for checksum, reason in reasons.items())
