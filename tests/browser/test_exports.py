"""A large file: its officer asks, a second person agrees, the file comes; and the stop in words."""

from __future__ import annotations

import pytest

from tests.browser.conftest import LAPTOP, PHONE
from tests.conftest import as_role
from tests.personas import persona
from tests.proposals.sending import row, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.long
def test_a_large_file_is_asked_for_agreed_to_and_fetched(as_person, shot, settings):
    settings.SECOND_PERSON_ROWS = 1
    settings.READ_STOP = settings.READ_STOP | {"export": 3}
    with as_role("owner"):
        officer = persona("regency_officer")
    batch = send([row(9001), row(9002, nik="12")], officer)
    at = f"/proposals/batches/{batch.pk}/download/"
    asking = as_person("regency_officer", LAPTOP)
    asking.goto(at)
    shot(asking, "needed")
    phone = as_person("regency_officer", PHONE, "id")
    phone.goto(at)
    shot(phone, "needed-phone")
    asking.get_by_label("What the file is needed for").fill("Compared with the family cards")
    asking.get_by_role("button", name="Ask for agreement").click()
    asking.wait_for_url("**/proposals/exports/")
    second = as_person("verifier", LAPTOP)
    second.goto("/")
    second.get_by_role("link", name="Large files to agree to").click()
    shot(second, "agree")
    on_phone = as_person("verifier", PHONE, "id")
    on_phone.goto("/proposals/exports/")
    shot(on_phone, "agree-phone")
    second.get_by_role("button", name="Agree", exact=True).click()
    second.get_by_text("You agreed").wait_for()
    asking.goto(f"/proposals/batches/{batch.pk}/")
    with asking.expect_download() as fetched:
        asking.get_by_role("link", name="Download file with findings").click()
    assert fetched.value.suggested_filename.endswith("-temuan.xlsx")
    again = asking.request.get(at, headers={"Accept-Language": "en"})
    assert again.status == 429
    assert "Enough read for today" in again.text()
