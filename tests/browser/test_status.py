"""The alarm about work that nobody takes, on the dashboard and the status page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals import intake
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.test_pages import serious
from tests.conftest import as_role

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_alarm_leads_to_the_job_that_waits(as_person, shot, size):
    with as_role("owner"):
        job = work.ask(
            task=intake.TASK, subject="proposals.Batch:1", subject_name="usulan.csv", by="user:1"
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
