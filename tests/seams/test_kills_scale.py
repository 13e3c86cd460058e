"""Workers that are killed or asked to stop while 100,000 rows are checked, and a broker that loses
everything (bars 1, 2, 4, 5 and 13). A killed worker is started again as its unit would be.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

import pytest

from tests.figures import Figure
from tests.house import House, house
from tests.seams.test_outages_scale import begun_since, now, status_of, until, upload
from tests.stack import children_of, frozen

pytestmark = [pytest.mark.scale]
ROWS: Final = 100_000
SEED: Final = 1
KILLS: Final = 20
STOPS: Final = 10
# So much later than undisturbed a batch may be checked (bar 1).
LATER_S: Final = 120.0
# What the supervisor waits before it starts a worker again (deploy/systemd).
RESTART_S: Final = 1.0
STOP_WITHIN_S: Final = 30.0
STAGES: Final = ("reading", "fields", "duplicates", "points", "storing")
KILLS_IN_A_STAGE: Final = 10
# The job is put aside at its third attempt.
KILLS_IN_A_RUN: Final = 2
OPEN: Final = {f"open-{number}.csv": 100 if number % 2 else 2_000 for number in range(50)}
OPEN_WITHIN_S: Final = 300.0
BATCHES: Final = "worker-batches"


@pytest.fixture(scope="module")
def running() -> Iterator[House]:
    files = {"large.csv": ROWS, "small.csv": 40} | OPEN
    with house({"regency_officer": 1}, files) as it:
        yield it


@dataclass(frozen=True)
class Undisturbed:
    digest: str
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(running: House) -> Undisturbed:
    """The result of the large file when nothing stops its worker; of two runs the slower."""
    took = []
    for _turn in range(2):
        forget_batches(running)
        began = time.monotonic()
        number = upload(running, "large.csv")
        until(lambda: status_of(running, number) == "ready", 240)  # noqa: B023 (asked at once)
        took.append(time.monotonic() - began)
    return Undisturbed(digest_of(running, number), max(took))


def forget_batches(it: House) -> None:
    """No batch and no upload is left, so that the same file is a new one."""
    it.rows("TRUNCATE proposals_batch, proposals_upload, jobs_job CASCADE")


def digest_of(it: House, batch: str) -> str:
    """One number for every row's place, NIK, status and findings."""
    ((count, digest),) = it.rows(
        "SELECT count(*), md5(string_agg(md5(line), '' ORDER BY line)) FROM ("
        "  SELECT concat_ws('|', 'proposal', row_number, nik, kk, name, status, verdict) AS line"
        f"   FROM proposals_proposal WHERE batch_id = {batch} UNION ALL"
        "  SELECT concat_ws('|', 'held', row_number, values, verdict)"
        f"   FROM proposals_heldrow WHERE batch_id = {batch} UNION ALL"
        "  SELECT concat_ws('|', 'finding', row_number, code, field)"
        f"   FROM proposals_finding WHERE batch_id = {batch}) AS found"
    )
    ((rows, different),) = it.rows(
        "SELECT count(*), count(DISTINCT row_number) FROM ("
        f" SELECT row_number FROM proposals_proposal WHERE batch_id = {batch} UNION ALL"
        f" SELECT row_number FROM proposals_heldrow WHERE batch_id = {batch}) AS found"
    )
    assert int(rows) == int(different) == ROWS
    return f"{count} {digest}"


def state_of(it: House, batch: str) -> tuple[str, str]:
    """(status, stage) of the batch's job."""
    found = it.rows(f"SELECT status, stage FROM jobs_job WHERE subject = 'proposals.Batch:{batch}'")
    return (found[0][0], found[0][1]) if found else ("", "")


def is_running(it: House, batch: str) -> bool:
    return state_of(it, batch)[0] == "running"


def is_begun(it: House, batch: str) -> bool:
    return state_of(it, batch)[0] in ("running", "done")


def is_over(it: House, batch: str) -> bool:
    return status_of(it, batch) in ("ready", "failed")


def kill_worker(it: House) -> None:
    """`kill -9` for the worker and its child at once; then its supervisor starts it again."""
    os.killpg(it.pid(BATCHES), signal.SIGKILL)
    time.sleep(RESTART_S)
    it.launch(BATCHES)


def kill_child(it: House) -> bool:
    """`kill -9` for the process that does the work; whether there was one."""
    found = children_of(it.pid(BATCHES), deep=False)
    for child in found:
        os.kill(child, signal.SIGKILL)
    return bool(found)


def test_a_worker_killed_twenty_times_leaves_the_same_result(
    running: House, undisturbed: Undisturbed, figure: Figure
) -> None:
    dice = random.Random(SEED)  # noqa: S311 (no secret)
    later, hits, at = [], 0, []
    while hits < KILLS:
        forget_batches(running)
        began = time.monotonic()
        number = upload(running, "large.csv")
        until(partial(is_running, running, number), 60)
        time.sleep(dice.uniform(0, undisturbed.seconds * 0.9))
        before = state_of(running, number)
        if before[0] != "running":  # done already
            continue
        kill_worker(running)
        hits += 1
        at.append(before[1])
        until(partial(is_over, running, number), undisturbed.seconds + LATER_S + 60)
        later.append(time.monotonic() - began - undisturbed.seconds)
        assert status_of(running, number) == "ready"
        assert digest_of(running, number) == undisturbed.digest
    figure("100,000 rows checked, undisturbed", undisturbed.seconds, "s")
    figure("worker killed, the batch ended alone with an equal digest", hits, f"of {KILLS}", "= 20")
    figure("worker killed: stages that were hit", " ".join(sorted(set(at))))
    figure("worker killed: latest end after undisturbed", max(later), "s", f"≤ {LATER_S:.0f}")
    assert max(later) <= LATER_S


def test_a_worker_asked_to_stop_ten_times_leaves_the_same_result(
    running: House, undisturbed: Undisturbed, figure: Figure
) -> None:
    dice = random.Random(SEED)  # noqa: S311 (no secret)
    stopped, cut = [], 0
    for _turn in range(STOPS):
        forget_batches(running)
        number = upload(running, "large.csv")
        until(partial(is_running, running, number), 60)
        time.sleep(dice.uniform(0, undisturbed.seconds * 0.7))
        began = time.monotonic()
        running.end(BATCHES, within_s=STOP_WITHIN_S)
        stopped.append(time.monotonic() - began)
        cut += not is_over(running, number)
        running.launch(BATCHES)
        until(partial(is_over, running, number), undisturbed.seconds + LATER_S + 60)
        assert status_of(running, number) == "ready"
        assert digest_of(running, number) == undisturbed.digest
    figure("SIGTERM while 100,000 rows are checked: equal digests", STOPS, f"of {STOPS}", "= 10")
    figure("SIGTERM: of them ended by force and resumed", cut)
    figure("SIGTERM: slowest end", max(stopped), "s", f"≤ {STOP_WITHIN_S:.0f}")
    assert max(stopped) <= STOP_WITHIN_S + 1


def test_only_the_child_killed_ten_times_in_each_stage(
    running: House, undisturbed: Undisturbed, figure: Figure
) -> None:
    wanted = dict.fromkeys(STAGES, KILLS_IN_A_STAGE)
    dice = random.Random(SEED)  # noqa: S311 (no secret)
    later, tries = [], 0
    while any(wanted.values()) and tries < 2 * len(STAGES) * KILLS_IN_A_STAGE:
        tries += 1
        forget_batches(running)
        began, kills = time.monotonic(), 0
        number = upload(running, "large.csv")
        while not is_over(running, number):
            status, stage = state_of(running, number)
            if kills < KILLS_IN_A_RUN and status == "running" and wanted.get(stage):
                time.sleep(dice.uniform(0, 0.2))
                if state_of(running, number) == (status, stage) and kill_child(running):
                    wanted[stage] -= 1
                    kills += 1
                    # the row still says `running`: the next kill is for the next attempt
                    until(lambda: begun_again(running, number, kills), 90)  # noqa: B023
            time.sleep(0.02)
            assert time.monotonic() - began < 300
        later.append(time.monotonic() - began - undisturbed.seconds)
        assert status_of(running, number) == "ready"
        assert digest_of(running, number) == undisturbed.digest
    done = len(STAGES) * KILLS_IN_A_STAGE - sum(wanted.values())
    whole = len(STAGES) * KILLS_IN_A_STAGE
    figure("child killed, equal digests", done, f"of {whole}", f"= {whole}")
    figure("child killed, twice in a batch: latest end after undisturbed", max(later), "s")
    assert not any(wanted.values()), wanted


def begun_again(it: House, batch: str, attempts: int) -> bool:
    """Whether the job was claimed once more after so many kills, or is over."""
    ((attempt,),) = it.rows(
        f"SELECT attempt FROM jobs_job WHERE subject = 'proposals.Batch:{batch}'"
    )
    return int(attempt) > attempts or is_over(it, batch)


def test_a_file_that_kills_its_reader_thrice_fails_and_others_wait_ten_seconds(
    running: House, figure: Figure
) -> None:
    forget_batches(running)
    bad = upload(running, "large.csv")
    other, waited, kills = "", 0.0, 0
    began = time.monotonic()
    while not is_over(running, bad):
        assert time.monotonic() - began < 300
        if kills < 3 and is_running(running, bad) and begun_again(running, bad, kills):
            kill_child(running)
            kills += 1
            if kills == 1:
                since = time.monotonic()
                other = upload(running, "open-0.csv")
                until(partial(is_begun, running, other), 60)
                waited = time.monotonic() - since
        time.sleep(0.05)
    job = f"SELECT message_code FROM jobs_job WHERE subject = 'proposals.Batch:{bad}'"
    assert kills == 3
    assert status_of(running, bad) == "failed"
    assert running.rows(job) == [["gave_up"]]
    until(lambda: status_of(running, other) == "ready", 60)
    figure("a file that kills its reader: another batch waited", waited, "s", "≤ 10")
    assert waited <= 10


@pytest.mark.parametrize("how", ["flushed", "killed, its folder deleted"])
def test_a_broker_that_loses_everything_with_fifty_open_batches(
    running: House, figure: Figure, how: str
) -> None:
    forget_batches(running)
    open_ = "SELECT count(*) FROM proposals_batch WHERE status NOT IN ('ready', 'failed')"
    with ExitStack() as still:
        for name in ("worker-interactive", BATCHES):
            still.enter_context(frozen(running.pid(name)))
        numbers = [upload(running, name) for name in OPEN]
        ((waiting,),) = running.rows(open_)
        if how == "flushed":
            running.redis.flush()
        else:
            running.redis.kill()
            shutil.rmtree(running.redis.folder)
    if how != "flushed":
        time.sleep(5)
        running.redis.start()
    began = time.monotonic()
    until(lambda: running.rows(open_) == [["0"]], OPEN_WITHIN_S + 60)
    took = time.monotonic() - began
    figure(f"broker {how}: open batches", int(waiting), "", "= 50")
    figure(f"broker {how}: all are checked after", took, "s", f"≤ {OPEN_WITHIN_S:.0f}")
    assert int(waiting) == len(OPEN)
    assert {status_of(running, number) for number in numbers} == {"ready"}
    assert took <= OPEN_WITHIN_S


def test_a_broker_restarted_five_times_under_an_idle_worker(running: House, figure: Figure) -> None:
    waited = []
    for turn in range(5):
        forget_batches(running)
        running.redis.kill()
        time.sleep(1 + 4 * turn)
        running.redis.start()
        time.sleep(2)
        since = now(running)
        began = time.monotonic()
        upload(running, "open-0.csv")
        until(partial(begun_since, running, since), 120)
        waited.append(time.monotonic() - began)
    figure("Redis restarted under an idle worker: next task after", max(waited), "s", "≤ 30")
    assert max(waited) <= 30
