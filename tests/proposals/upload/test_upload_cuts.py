"""An upload whose line is cut at fifty random bytes, through a real proxy to the real server."""

from __future__ import annotations

import hashlib
import http.client
import json
import random
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings

from apps.proposals.models import Batch, Upload
from apps.proposals.upload import upload_parts
from tests.conftest import as_role
from tests.cutting import CuttingProxy
from tests.personas import OWN
from tests.proposals.sending import as_csv, row
from tests.served import served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CUTS, PART, ROWS = 50, 100_000, 9_000


class Officer:
    """Speaks the protocol as the page's script does: after each cut it asks for the offset."""

    def __init__(self, url: str, cookies: str) -> None:
        self.host, self.cookies, self.token = urlsplit(url).netloc, cookies, ""

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> dict:
        line = http.client.HTTPConnection(self.host, timeout=20)
        known = {"Cookie": self.cookies, "X-CSRFToken": self.token, "Connection": "close"}
        try:
            line.request(method, path, body, known | headers)
            answer = line.getresponse()
            told = json.loads(answer.read())
        finally:
            line.close()
        assert answer.status < 500
        return told

    def send(self, content: bytes, begun: dict) -> dict:
        told, path = begun, begun["address"]
        while (at := told["offset"]) < len(content):
            part = content[at : at + PART]
            try:
                told = self.ask("POST", path, part, **{"Upload-Offset": str(at)})
            except (OSError, http.client.HTTPException):
                told = self.ask("GET", path)
        return told


@pytest.mark.long
def test_fifty_cuts_lose_and_double_nothing(signed_in):
    content = as_csv(row(9001 + n % 900) for n in range(ROWS))
    chance = random.Random(7)  # noqa: S311
    cuts = sorted(chance.sample(range(1, len(content)), CUTS))
    browser = signed_in("regency_officer")
    browser.get("/proposals/batches/upload/")
    cookies = "; ".join(f"{name}={one.value}" for name, one in browser.cookies.items())
    with served() as url, CuttingProxy(url, cuts) as proxy:
        officer = Officer(proxy.url, cookies)
        officer.token = browser.cookies[settings.CSRF_COOKIE_NAME].value
        form = {"file_name": "usulan.csv", "size": len(content), "modified_ms": 1, "region": OWN}
        form["sha256"] = hashlib.sha256(content).hexdigest()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        begun = officer.ask("POST", "/proposals/uploads/", urlencode(form).encode(), **kind)
        told = officer.send(content, begun)
        next_page = officer.ask("POST", told["finish"])["next"]
        assert proxy.cut_count == CUTS
        # nothing that had arrived crossed the line again, not one byte
        assert proxy.passed_bytes == len(content)
        ends = [offset + length for offset, length in proxy.passed]
        assert [offset for offset, _length in proxy.passed] == [0, *ends[:-1]]
    with as_role("owner"):
        batch = Batch.objects.get()
        assert Upload.objects.get().batch == batch
        assert not upload_parts.path_of(Upload.objects.get()).exists()
    assert next_page == f"/proposals/batches/{batch.pk}/"
    assert batch.sha256 == form["sha256"]
    assert batch.file.read() == content
