"""Two registers of other ministries: from their files to the stored pairs, with known truth.

    make bench ONLY=linkage        ROWS=1000000 (persons of each) RUNS=1

Says what the whole way takes (two deliveries loaded, one run), what a second delivery with one per
cent changed records takes, the greatest memory of the process that links, and how right it is.
Beside it in the same run: bare Splink on prepared files of the same records (what the way around
the linkage costs), and recordlinkage on 10,000 persons of each, where its pairs still fit.
The database must be one of its own (make bench starts one); nothing else should run.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("PORTAL_DATABASE_ROLE", "worker")
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django  # noqa: E402

django.setup()

import pandas  # noqa: E402
import recordlinkage  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402
from shapely.geometry import box  # noqa: E402

from apps.common.text.person_names import name_key  # noqa: E402
from apps.demo.population import ministries  # noqa: E402
from apps.demo.population.people import people  # noqa: E402
from apps.jobs import work  # noqa: E402
from apps.jobs.models import Job  # noqa: E402
from apps.reconciliation.deliveries import datasets, sources  # noqa: E402
from apps.reconciliation.linkage import linkage_session, runs  # noqa: E402
from apps.reconciliation.models import Dataset, Run  # noqa: E402

ROWS = int(os.environ.get("ROWS", "1000000"))
PEER_ROWS = min(ROWS, 10_000)
CHANGED = 0.01
SEED = 7
Pairs = set[tuple[str, str]]


def main() -> None:
    folder = Path(os.environ.get("SCRATCH", tempfile.mkdtemp())) / f"linkage_{ROWS}"
    files = made(folder, ROWS)
    mark = f"{time.time_ns()}"
    villages_into_tree()
    started = time.perf_counter()
    # as two workers would: one each
    other = subprocess.Popen([sys.executable, __file__, "load", str(files[1]), f"R{mark}"])
    left = loaded(files[0], f"L{mark}")
    if other.wait():
        raise RuntimeError("the right register was not loaded")
    right = Dataset.objects.get(source=f"R{mark}")
    load_s = time.perf_counter() - started
    run = reconciled(left, right)
    whole_s = time.perf_counter() - started
    quality = judged(run, truth_of(files[2]))
    again = second(files[0], folder, f"L{mark}", right)
    line = {
        "name": "linkage",
        "rows": ROWS,
        "seconds": round(whole_s, 1),
        "rows_per_s": round(2 * ROWS / whole_s),
        "load_s": round(load_s, 1),
        "run_s": round(sum(run.seconds.values()), 1),
        "stages_s": run.seconds,
        "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        **quality,
        "second_run_s": round(sum(again.seconds.values()), 1),
        "second_share": round(sum(again.seconds.values()) / sum(run.seconds.values()), 3),
        "second_stages_s": again.seconds,
        **bare(folder, files),
        **peer(folder),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "date": date.today().isoformat(),
    }
    print(json.dumps(line))


def made(folder: Path, rows: int) -> tuple[Path, Path, Path]:
    """The files, made once for a size."""
    if not (folder / "truth.csv").exists():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"- writing two registers of {rows} persons", file=sys.stderr)
        ministries.write_pair(folder, people(VILLAGES, 10**9, SEED), rows, seed=SEED,
                              villages=sorted(VILLAGES))  # fmt: skip
    return folder / "left.csv", folder / "right.csv", folder / "truth.csv"


def _grid() -> dict[str, object]:
    """Nearly two thousand made-up villages, so that serials of numbers suffice."""
    return {
        f"9{p}.{k:02d}.{c:02d}.{2000 + v}": box(
            110 + k * 0.1 + c * 0.01 + v * 0.0005, -7, 110.0004 + k * 0.1 + c * 0.01 + v * 0.0005,
            -6.99,
        )
        for p in (5, 6)
        for k in range(1, 9)
        for c in range(1, 11)
        for v in range(1, 13)
    }  # fmt: skip


VILLAGES = _grid()


def villages_into_tree() -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as file:
        file.write("code,name\n")
        codes = {code[:length] for code in VILLAGES for length in (2, 5, 8, 13)}
        file.writelines(f"{code},Contoh {code}\n" for code in sorted(codes, key=len))
    call_command("import_regions", file.name)


def loaded(path: Path, code: str) -> Dataset:
    source = sources.known_or_draft(code=code, by_name="bench")
    with path.open("rb") as file:
        received = datasets.receive_dataset(
            file=file, file_name=path.name, source=source, by=None, by_name="bench",
            now=timezone.now(),
        )  # fmt: skip
    work.run(received.job.pk, received.job.kind)
    ended(received.job)
    return Dataset.objects.get(pk=received.dataset.pk)


def reconciled(left: Dataset, right: Dataset) -> Run:
    run, job = runs.enqueue_run(
        left=left, right=right, by=None, by_name="bench", now=timezone.now()
    )
    work.run(job.pk, job.kind)
    ended(job)
    return Run.objects.get(pk=run.pk)


def ended(job: Job) -> None:
    job.refresh_from_db()
    if job.status != Job.Status.DONE or job.result.get("stopped"):
        raise RuntimeError(f"{job.kind}: {job.status} {job.message_code} {job.result}")


def second(path: Path, folder: Path, code: str, right: Dataset) -> Run:
    """The left register again, one per cent of it different."""
    rng = random.Random(SEED)
    changed = folder / "left_again.csv"
    with path.open(newline="") as old, changed.open("w", newline="") as new:
        reader, writer = csv.reader(old), csv.writer(new)
        writer.writerow(next(reader))
        for row in reader:
            if rng.random() < CHANGED:
                row[3] = f"{row[3]} BARU"
            writer.writerow(row)
    return reconciled(loaded(changed, code), right)


def truth_of(path: Path) -> Pairs:
    with path.open(newline="") as file:
        reader = csv.reader(file)
        next(reader)
        return {(left, right) for left, right in reader}


def judged(run: Run, truth: Pairs) -> dict[str, float]:
    """Precision and recall of what is linked without people, and the band that waits for them."""
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "links.csv"
        call_command("export_links", str(run.pk), out=out, stdout=sys.stderr)
        with out.open(newline="") as file:
            rows = list(csv.DictReader(file))
    linked = {(row["left"], row["right"]) for row in rows if row["decision"] == "linked"}
    review = sum(row["decision"] == "review" for row in rows)
    right = len(linked & truth)
    return {
        "precision": round(right / len(linked), 5),
        "recall": round(right / len(truth), 5),
        "review_share": round(review / len(rows), 5),
    }


def bare(folder: Path, files: tuple[Path, Path, Path]) -> dict[str, float]:
    """Splink alone on prepared files: no portal around it."""
    with (
        tempfile.TemporaryDirectory(dir=folder) as place,
        linkage_session.open_session(Path(place), seed=1) as session,
    ):
        prepared = [_prepared(path, Path(place) / f"{side}.tsv") for path, side in
                    zip(files[:2], "ab", strict=True)]  # fmt: skip
        started = time.perf_counter()
        for side, path in zip("ab", prepared, strict=True):
            session.load_side(side, path)
        session.compare(session.train(is_within=False), floor=runs.LOWER - 6, is_within=False)
        return {"bare_splink_s": round(time.perf_counter() - started, 1)}


def _prepared(path: Path, out: Path) -> Path:
    with path.open(newline="") as file, out.open("w") as made_of:
        for row in csv.DictReader(file):
            made_of.write("\t".join(_cells(row)) + "\n")
    return out


def _cells(row: dict[str, str]) -> list[str]:
    born = row["TANGGAL LAHIR"]
    return [
        row["ID"], row["NIK"] if len(row["NIK"]) == 16 else "", row["NO KK"],
        name_key(row["NAMA LENGKAP"]), name_key(row["NAMA IBU KANDUNG"]),
        f"{born[6:]}-{born[3:5]}-{born[:2]}" if born else "", row["JENIS KELAMIN"],
        row["KODE DESA"], row["TEMPAT LAHIR"],
    ]  # fmt: skip


def peer(folder: Path) -> dict[str, float]:
    """recordlinkage on the same kind of data: block on day of birth or NIK, compare, best pair."""
    files = made(folder.parent / f"linkage_{PEER_ROWS}", PEER_ROWS)
    started = time.perf_counter()
    frames = [
        pandas.DataFrame(
            [
                dict(zip(linkage_session.COLUMNS, _cells(row), strict=True))
                for row in csv.DictReader(file)
            ]
        ).set_index("id")
        for file in (path.open(newline="") for path in files[:2])
    ]
    indexer = recordlinkage.Index()
    for key in ("nik", "born"):
        indexer.block(key)
    pairs = indexer.index(*(frame.replace("", None) for frame in frames))
    compare = recordlinkage.Compare()
    compare.exact("nik", "nik", label="nik")
    compare.string("name_key", "name_key", method="jarowinkler", label="name")
    compare.string("mother_key", "mother_key", method="jarowinkler", label="mother")
    compare.exact("born", "born", label="born")
    compare.exact("village", "village", label="village")
    features = compare.compute(pairs, *frames)
    sums = features.sum(axis=1).sort_values(ascending=False)
    found: Pairs = set()
    taken: tuple[set[str], set[str]] = (set(), set())
    for (left, right), total in sums.items():
        if total >= 2.8 and left not in taken[0] and right not in taken[1]:
            found.add((left, right))
            taken[0].add(left)
            taken[1].add(right)
    truth = truth_of(files[2])
    right = len(found & truth)
    seconds = time.perf_counter() - started
    return {
        "peer_rows": PEER_ROWS,
        "peer_seconds": round(seconds, 2),
        "peer_rows_per_s": round(2 * PEER_ROWS / seconds),
        "peer_precision": round(right / len(found), 5),
        "peer_recall": round(right / len(truth), 5),
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        loaded(Path(sys.argv[2]), sys.argv[3])
    else:
        main()
