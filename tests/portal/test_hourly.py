"""The hour's round: what it finds due is done once, whoever else runs it, too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from apps.casework.models import Cycle, Notice
from apps.proposals.models import Batch
from portal.celery import app
from portal.tasks import hourly
from tests.base import forget_cycles
from tests.flows.test_races import contest
from tests.proposals import factory

pytestmark = pytest.mark.django_db


def test_every_scheduled_entry_names_a_task_that_exists():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


@pytest.fixture
def due(person, role, monkeypatch):
    """(officer, late batch, the cycle that it moves to): something for each part of the hour."""
    monkeypatch.setattr("apps.casework.digest.FROM_HOUR", 0)
    today = timezone.localdate()
    officer = person("regency_officer")
    with role("owner"):
        officer.email = "petugas@example.test"
        officer.save(update_fields=["email"])
        forget_cycles()
        past, present = (
            Cycle.objects.create(
                name=name,
                opens_date=today - timedelta(days=from_days),
                cutoff_date=today + timedelta(days=to_days),
                draw_date=today + timedelta(days=to_days + 1),
            )
            for name, from_days, to_days in (("lalu", 40, -20), ("kini", 5, 2))
        )
    return officer, factory.batch(officer, cycle=past), present


def is_done_once(due, role):
    officer, late, present = due
    with role("worker"):
        assert Batch.objects.get(pk=late.pk).cycle_id == present.pk
    assert [row.kind for row in Notice.objects.of(officer)] == ["cycle_closing"]
    assert len(mail.outbox) == 1


def test_an_hour_moves_late_batches_warns_of_a_cut_off_and_repeats_nothing(due, role):
    with role("worker"):
        hourly()
        hourly()
    is_done_once(due, role)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_hour_of_two_clocks_is_done_once(due, role):
    for left, right in contest([(hourly, hourly)] * 4, "worker"):
        assert (left, right) == (None, None)
    is_done_once(due, role)
