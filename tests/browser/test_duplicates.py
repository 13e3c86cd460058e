"""The steward's way through a duplicate: list, side by side, merge, undo."""

import re
import threading

import pytest
from django.db import connection
from playwright.sync_api import expect

from apps.jobs.models import Job
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.reconciliation.sample_duplicates import a_merge, joined
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/reconciliation/duplicates/"


@pytest.fixture
def pair():
    with as_role("owner"):
        keep = a_person(name="SITI AMINAH BINTI ABDULLAH", programme="PKH")
        drop = a_person("97.02.01.2001", name="SITI AMINAH", programme="SEMBAKO")
        joined(keep, drop)
        joined(a_person(name="BUDI SANTOSO"), a_person(name="BUDI SANTOSA"), "same")
        a_merge(a_person(name="TONO"), a_person(name="TONO"))
    return keep, drop


def work():
    """What a worker does with the job that waits, on a connection of its own."""

    def work_off():
        with as_role("worker"):
            do(Job.objects.unfinished().get())
        connection.close()

    worker = threading.Thread(target=work_off)
    worker.start()
    worker.join()


@pytest.mark.long
def test_two_rows_are_seen_side_by_side_merged_and_taken_apart_again(pair, as_person, shot):
    page = as_person("steward")
    page.goto(LIST)
    shot(page, "duplicates-list")
    page.get_by_role("link", name=re.compile("Side by side.*SITI AMINAH")).click()
    expect(page.get_by_role("heading", name="2 rows of one person?")).to_be_visible()
    shot(page, "duplicate")
    page.get_by_role("button", name="Merge 1 row into the first").click()
    expect(page.get_by_text("Waiting for a free worker")).to_be_visible()
    work()
    expect(page.get_by_text("1 row was merged")).to_be_visible()
    shot(page, "merged")
    page.get_by_role("link", name="What was merged").click()
    page.get_by_role("checkbox", name="Undo this one").check()
    page.get_by_label("Reason").fill("Dua orang, ibunya lain")
    shot(page, "undo")
    page.get_by_role("button", name="Undo the chosen merges").click()
    expect(page.get_by_text("Waiting for a free worker")).to_be_visible()
    work()
    expect(page.get_by_text("1 person is as before the merge")).to_be_visible()
