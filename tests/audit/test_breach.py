"""The report about a breach: whose data one account saw, took out or changed in a period."""

from __future__ import annotations

import csv
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from apps.audit import breach, record
from apps.audit.models import Action, Entry
from apps.audit.subjects import Subject
from apps.proposals.models import Proposal
from portal.management.commands.breach_report import LABELS
from tests.conftest import as_role
from tests.personas import OWN
from tests.proposals import factory

pytestmark = pytest.mark.django_db
ENTRIES = 1_000_000
REPORTED_WITHIN_S = 600


@pytest.fixture
def period() -> dict[str, str]:
    now = timezone.now()
    since, until = now - timedelta(hours=1), now + timedelta(hours=1)
    return {"since": since.isoformat(), "until": until.isoformat()}


def reported(capsys: Any, path: Path, **given: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    arguments = [f"--{name}={value}" for name, value in given.items()]
    with as_role("worker"):
        call_command("breach_report", f"--to={path}", "--reason=uji", "--json", *arguments)
    with path.open() as file:
        return json.loads(capsys.readouterr().out.splitlines()[-1]), list(csv.DictReader(file))


def test_it_lists_whom_pages_lists_files_and_reveals_showed(
    person: Any, signed_in: Any, capsys: Any, tmp_path: Path, period: dict[str, str]
) -> None:
    batch = factory.batch(person("regency_officer"), status="submitted")
    seen, listed = factory.proposals(batch, 2, status="submitted")
    reader = signed_in("verifier")
    reader.get(f"/admin/proposals/proposal/{seen.pk}/change/")
    reader.post(f"/admin/proposals/proposal/{seen.pk}/reveal/", {"reason": "verification"})
    reader.get("/proposals/review/?view=table")
    told, lines = reported(
        capsys, tmp_path / "report.csv", user=person("verifier").username, **period
    )
    found = {line["subject"]: line for line in lines}
    assert {f"proposals.Proposal:{one.pk}" for one in (seen, listed)} <= set(found)
    assert "reveal" in found[f"proposals.Proposal:{seen.pk}"]["actions"]
    assert "reveal" not in found[f"proposals.Proposal:{listed.pk}"]["actions"]
    assert told["counts"]["proposals.Proposal"] == 2
    with as_role("owner"):
        assert Proposal.objects.get(pk=seen.pk).name not in (tmp_path / "report.csv").read_text()
        note = Entry.objects.get(action=Action.RUN, details__report="breach")
    assert (note.reason, note.actor) == ("uji", "command:breach_report")


def test_rows_of_files_and_whole_files_count_and_others_do_not(
    person: Any, capsys: Any, tmp_path: Path, period: dict[str, str]
) -> None:
    user = person("verifier")
    now = timezone.now()
    with record.acting(actor=f"user:{user.pk}", address="192.0.2.7"):
        record.entry(Action.READ, about=Subject("proposals.Batch:7", region=OWN), rows=[3, 4])
        record.entry(Action.EXPORT, about=Subject("proposals.Batch:7", region=OWN), rows=900)
        record.entry(Action.SEARCH, about=Subject(region=OWN, persons=(81, 82)))
    with record.acting(actor="user:999999"):
        record.entry(Action.READ, about=Subject("registry.Person:83"))
    told, lines = reported(capsys, tmp_path / "report.csv", user=user.username, **period)
    assert {line["subject"] for line in lines} == {
        *("proposals.Batch:7", "proposals.Batch:7#3", "proposals.Batch:7#4"),
        *("registry.Person:81", "registry.Person:82"),
    }
    assert told["counts"] == {"proposals.Batch": 1, "proposals.Batch#row": 2, "registry.Person": 2}
    actor = {"actor": f"user:{user.pk}", "since": now, "until": now + timedelta(hours=1)}
    with as_role("worker"):
        found = breach.report_breach(**actor, labels=LABELS)
        before = breach.report_breach(
            actor=f"user:{user.pk}", since=now - timedelta(hours=1), until=now, labels=LABELS
        )
    assert {(one.action, one.address, one.exported_rows) for one in found.acts} == {
        ("read", "192.0.2.7", 0),
        ("export", "192.0.2.7", 900),
        ("search", "192.0.2.7", 0),
    }
    assert before == breach.BreachReport((), ())


def test_an_account_that_does_not_exist_is_refused(tmp_path: Path, period: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="There is no siapa"):
        reported(None, tmp_path / "report.csv", user="siapa", **period)


@pytest.mark.scale
def test_a_million_entries_are_reported_in_time(figure: Any) -> None:
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (at, action, actor, actor_name, subject, subject_name,"
            " region_code, reason, request_id, details)"
            " SELECT now() - make_interval(secs => n / 100.0), 'read', 'user:7', '',"
            " CASE WHEN n %% 2 = 0 THEN 'registry.Person:' || n ELSE 'proposals.Selection' END,"
            " '', '97.01', '', '', CASE WHEN n %% 2 = 0 THEN '{}'"
            " ELSE jsonb_build_object('proposals', (SELECT jsonb_agg(n * 10 + i)"
            " FROM generate_series(1, 20) AS i)) END"
            " FROM generate_series(1, %s) AS n",
            [ENTRIES],
        )
    now, began = timezone.now(), time.monotonic()
    with as_role("worker"):
        found = breach.report_breach(
            actor="user:7", since=now - timedelta(days=7), until=now, labels=LABELS
        )
    seconds = time.monotonic() - began
    figure("breach report over 1,000,000 entries of one account", seconds, "s", "≤ 600")
    assert found.counts()["registry.Person"] == ENTRIES / 2
    assert sum(acts.entries for acts in found.acts) == ENTRIES
    assert seconds <= REPORTED_WITHIN_S
