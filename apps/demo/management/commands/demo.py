"""`manage.py demo [--boundaries FILE]`: plays one regency's month and prints what happened."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.roles import Role
from apps.common import commands
from apps.demo import (
    disaster,
    measuring,
    pockets,
    publishing,
    reconciling,
    story,
    visit,
    working,
)
from apps.demo.stage import Stage, prepare
from apps.reconciliation.models import Run


class Command(BaseCommand):
    help = "Plays the main job on a made-up regency, or on a real layer, and prints the way in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--boundaries", type=Path, help="a real layer of villages")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        try:
            stage = prepare(layer=options["boundaries"], say=self._say, show=self.stderr)
            outcome = story.play(stage, say=self._say, show=self.stderr)
            linked = reconciling.reconcile(stage, say=self._say, show=self.stderr)
            shaken = disaster.happen(stage, say=self._say, show=self.stderr)
            released = publishing.publish(stage, say=self._say)
            served = publishing.serve(stage, say=self._say)
            compared = pockets.compare(stage, say=self._say, show=self.stderr)
            measuring.count(say=self._say, show=self.stderr)
        except working.NotDone as why:
            raise CommandError(str(why), returncode=commands.REFUSED) from None
        self._tell(outcome)
        self._tell_links(linked)
        self._tell_disaster(shaken)
        for release in released:
            self.stdout.write(
                f"Published figures {release}: {release.values_count} regions, /indicators/"
            )
        if served:
            self.stdout.write(f"Feature layer of the demo: {served}, /indicators/services/")
        self._tell_pockets(compared)
        self._show_the_way_in(stage)
        self._sign_in(stage, outcome)
        self.stdout.write(f"\nReady after {time.perf_counter() - started:.0f} s.")

    def _say(self, text: str) -> None:
        self.stdout.write(f"- {text}")

    def _tell(self, outcome: story.StoryOutcome) -> None:
        counts = outcome.batch.counts
        self.stdout.write(
            f"\n{counts['rows']} rows read: {counts['ready']} ready, {counts['held']} to be mended"
        )
        for title, table in (("Where the points lie", "verdicts"), ("Findings", "findings")):
            self.stdout.write(f"\n{title}")
            for code, count in sorted(counts[table].items(), key=lambda pair: -pair[1]):
                self.stdout.write(f"  {count:>6}  {code}")
        self.stdout.write(f"\nSubmitted {outcome.submitted}, of these now:")
        for status, count in outcome.statuses.items():
            self.stdout.write(f"  {count:>6}  {status}")
        if outcome.rejudged:
            self.stdout.write(
                "Rows to be mended, judged again by the worker under the new edition:"
                " {rows}, of which {verdicts_changed} lie otherwise now and {became_ready} became"
                " ready".format(**outcome.rejudged)
            )
        said = ", ".join(f"{count} {status}" for status, count in outcome.civil.items())
        self.stdout.write(f"Civil register, asked by the worker: {said or 'nobody'}")
        decree = outcome.decree
        self.stdout.write(f"Decree {decree.number}: {decree.counts}")
        if not settings.DUKCAPIL_URL:
            self.stdout.write("No civil register was asked: `make demo` starts a stand-in for it.")

    def _tell_links(self, linked: list[Run]) -> None:
        self.stdout.write("\nOther ministries' registers against ours")
        for run in linked:
            boxes = run.counts["boxes"]
            self.stdout.write(
                f"  {run.pairing.left_id:<10} {run.counts['records']:>6} records: {boxes['nik']} by"
                f" NIK, {boxes['linked']} by weight, {boxes['review']} to review,"
                f" {boxes['unmatched']} without a match"
            )

    def _tell_disaster(self, found: disaster.DisasterOutcome) -> None:
        assessment, plan = found.assessment, found.plan
        unmet = sum(good["unmet"] for good in plan.solved.get("goods", {}).values())
        self.stdout.write(
            f"\nCommand centre: {found.hazard.title}: {assessment.villages} villages,"
            f" {assessment.persons} registered persons in {assessment.families} families;"
            f" plan {plan.pk}: {plan.shipments.count()} shipments, {unmet} units unmet"
        )

    def _tell_pockets(self, found: pockets.PocketsOutcome) -> None:
        kinds = found.kinds
        self.stdout.write(
            f"Pockets of poverty: {kinds['agree']} villages by both, {kinds['published']} only by"
            f" BIG, {kinds['computed']} only by the register; {found.asked} asked of the regencies"
        )

    def _show_the_way_in(self, stage: Stage) -> None:
        address = _address()
        self.stdout.write(
            f"\nThe portal: {address}/\nPassword of every account: {stage.secrets['password']}"
        )
        for role, user in stage.people.items():
            self.stdout.write(f"  {user.username:<30} {role.label}")
        self.stdout.write(_curl(address, stage))

    def _sign_in(self, stage: Stage, outcome: story.StoryOutcome) -> None:
        """Open each of the officer's pages as the officer, and print its name."""
        address = _address()
        officer = stage.people[Role.REGENCY_OFFICER].username
        pages = ["/", f"/proposals/batches/{outcome.second.pk}/", "/proposals/returned/"]
        try:
            seen = visit.titles(address, officer, stage.secrets["password"], pages)
        except visit.NoWayIn as held:
            self.stdout.write(f"\nSign in as {officer} yourself at {address}/ ({held}).")
            return
        if not seen:
            self.stdout.write(f"\nNo portal runs at {address}: `make run` starts it.")
            return
        self.stdout.write(f"\nSigned in as {officer}; the officer's pages:")
        for page, title in seen.items():
            self.stdout.write(f"  {address + page:<50} {title}")


def _address() -> str:
    return f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"


def _curl(address: str, stage: Stage) -> str:
    """Two lines for a shell: get a token, and read a proposal."""
    village = min(stage.own)
    spot = stage.own[village].representative_point()
    prefix = village.replace(".", "")[:6]
    row = {
        "nik": f"{prefix}1201889990",
        "programme": "PKH",
        "kk": f"{prefix}0101209991",
        "name": "CONTOH API",
        "birth_date": "12-01-1988",
        "sex": "L",
        "village_code": village,
        "latitude": f"{spot.y:.6f}",
        "longitude": f"{spot.x:.6f}",
    }
    pair = f"{stage.client_id}:{stage.secrets['client_secret']}"
    return (
        f"\nAPI client {stage.client_id}, secret {stage.secrets['client_secret']}\n"
        f"  TOKEN=$(curl -s {address}/api/oauth/token/ -u '{pair}' -d grant_type=client_credentials"
        " -d 'scope=proposals:write proposals:read'"
        ' | sed -E \'s/.*"access_token": *"([^"]+)".*/\\1/\')\n'
        f'  curl -s {address}/api/v1/proposals/ -H "Authorization: Bearer $TOKEN"'
        f" -H 'Content-Type: application/json' -d '{json.dumps(row)}'\n"
        f"  API documentation: {address}/api/docs/"
    )
