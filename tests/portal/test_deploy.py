"""Behind TLS: no warning of Django's own check for deployments, and cookies of this host alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow
BEHIND_TLS = {
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "PORTAL_DATABASE_ROLE": "web",
    "HTTPS_ONLY": "true",
    "SECOND_FACTOR_REQUIRED": "true",
    "BEHIND_PROXY": "true",
    "TRUSTED_PROXIES": "1",
    "ALLOWED_HOSTS": "portal.example",
    "STORAGE_ENCRYPTION": "the disks of the provider",
}
COOKIES = """
import json, django
django.setup()
from django.test import Client
browser = Client(headers={"host": "portal.example"})
page = browser.get("/accounts/login/", secure=True)
assert page.status_code == 200, page
switched = browser.post("/language/", {"language": "en"}, secure=True)
said = [morsel for answer in (page, switched) for morsel in answer.cookies.values()]
plain = browser.get("/accounts/login/")
print(json.dumps({
    "cookies": [[one.key, one["secure"], one["path"], one["domain"]] for one in said],
    "plain": [plain.status_code, plain["Location"]],
}))
"""


UNSAFE = "DJANGO_ALLOW_ASYNC_UNSAFE"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        # set by the browser tests' library in their own process
        env={name: value for name, value in os.environ.items() if name != UNSAFE} | BEHIND_TLS,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.long
def test_the_deployment_check_reports_nothing() -> None:
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", "--database", "default")
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


@pytest.mark.long
def test_cookies_belong_to_this_host_alone() -> None:
    done = run("-c", COOKIES)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["cookies"]
    for name, is_secure, path, domain in said["cookies"]:
        assert name.startswith("__Host-"), name
        assert (bool(is_secure), path, domain) == (True, "/", "")
    assert said["plain"] == [301, "https://portal.example/accounts/login/"]
