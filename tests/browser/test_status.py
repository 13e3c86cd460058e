"""The alarm about work that nobody takes, on the dashboard and the status page."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.jobs.models import Job
from apps.proposals.upload import intake
from portal.backup import backup_status
from portal.operations import leftovers
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.test_pages import serious
from tests.conftest import as_role
from tests.jobs.doing import a_job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.long
def test_the_alarm_leads_to_the_job_that_waits(as_person, shot, size):
    with as_role("owner"):
        job = a_job(
            kind=intake.CHECK_BATCH,
            subject="proposals.Batch:1",
            subject_name="usulan.csv",
            actor="user:1",
        )
        since = timezone.now() - timedelta(minutes=12)
        Job.objects.filter(pk=job.pk).update(heartbeat_at=since, created_at=since)
    page = as_person("administrator", size)
    page.goto("/")
    expect(page.locator("#alarm")).to_be_visible()
    shot(page, f"alarm-home-{size['width']}")
    page.locator("#alarm a").click()
    expect(page.locator("h1")).to_be_visible()
    assert page.url.endswith("/status/")
    shot(page, f"alarm-status-{size['width']}")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert serious(page) == []
    page.locator("main table a").first.click()
    assert f"/admin/jobs/job/{job.pk}/change/" in page.url


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.long
def test_files_that_are_not_cleared_away_and_a_backup_out_of_order_are_told(
    as_person, shot, size, settings, tmp_path
):
    settings.MEDIA_ROOT, settings.BACKUP_STATE = tmp_path / "media", tmp_path / "backup"
    settings.BACKUP_REPOSITORY = str(tmp_path)
    yesterday = (timezone.now() - timedelta(hours=30)).isoformat()
    backup_status.note(backup_at=yesterday, mark_at=yesterday, drill_at=yesterday, drill_s=41.2)
    settings.MEDIA_ROOT.mkdir()
    stopped = {"code": "too_many", "params": {"going": 17, "whole": 18}}
    (settings.MEDIA_ROOT / leftovers.STOPPED).write_text(json.dumps(stopped))
    page = as_person("administrator", size)
    page.goto("/status/")
    expect(page.locator("#files-alarm")).to_contain_text("17 of 18 files")
    expect(page.locator("#backup-alarm p")).to_have_count(2)
    shot(page, f"alarm-backup-{size['width']}")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert serious(page) == []
