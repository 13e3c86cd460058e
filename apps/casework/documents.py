"""Documents of villages: minutes or statement, once per village and cycle, used by every batch.

The content decides the type of a file. A picture is encoded again, so that only the pixels are
kept. A PDF is kept unchanged and served only as a download.
"""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.casework.calendar import calendar_on
from apps.casework.models import Cycle, Document
from apps.common import locks
from apps.common.errors import DomainError
from apps.common.files import inspection, pictures, stored_files
from apps.common.locks import Lock
from apps.regions.models import Level, Region

FOLDER: Final = "documents"
MOST_BYTES: Final = 12_000_000
MOST_PIXELS: Final = 50_000_000
# Enough to read a page of A4; photographs of a telephone are larger.
LONGEST_SIDE_PX: Final = 2_200
OLDEST_DAYS: Final = 366
PDF: Final = "application/pdf"
JPEG: Final = "image/jpeg"


@dataclass(frozen=True)
class Prepared:
    """A valid document in the form to store, and the sha256 of the file that was sent."""

    content: bytes
    media_type: str
    ending: str
    file_name: str
    sent_sha256: str


def prepare(file: Any, file_name: str, *, who: str = "") -> Prepared:
    """Validate a file, and encode a picture again. Runs outside of transactions; `who` waits for a
    slot.

    A Prepared is returned unchanged. Raises: DomainError, Busy.
    """
    if isinstance(file, Prepared):
        return file
    sent = _content(file, file_name)
    sha256 = hashlib.sha256(sent).hexdigest()
    if sent.startswith(b"%PDF-") and b"%%EOF" in sent[-2048:]:
        return Prepared(sent, PDF, "pdf", file_name, sha256)
    if sent.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        with inspection.picture_slot(who) if who else nullcontext():
            drawn = _drawn_anew(sent, file_name)
        return Prepared(drawn, JPEG, "jpg", file_name, sha256)
    raise DomainError("document_unknown", filename=file_name)


def cycle_at(day: date) -> Cycle | None:
    """The cycle for which evidence of this day counts: the open one, else the next one.

    If two cycles are open, it is the one that closes first, as for batches. A submission of today
    belongs to that cycle, so its evidence must, too. Queries: one.
    """
    today = calendar_on(day)
    return today.open or today.next


def receive(
    *,
    region_code: str,
    kind: str,
    number: str,
    date: date,
    cycle: Cycle | None,
    file: Any,
    file_name: str,
    by: User,
    now: datetime,
) -> Document:
    """Store the evidence of a village for a cycle: that of rows to be submitted (`cycle_at`), or
    that of rows that were sent.

    The newest entry counts. The same file with another kind, number or date is a new entry, and so
    is an older one that is sent again; what counts already is not stored a second time.
    Raises: DomainError, NoRoom.
    """
    village = _village(region_code, by)
    number = _number(number)
    day = timezone.localdate(now)
    if not 0 <= (day - date).days <= OLDEST_DAYS:
        raise DomainError("document_date", date=date.isoformat())
    return _keep(village, Document.Kind(kind), number, date, cycle, file, file_name, by, now)


def receive_evidence(
    *, region: Region, number: str, file: Any, file_name: str, by: User, now: datetime
) -> Document:
    """Store an officer's evidence about one person of a village. The same file with the same number
    is stored once.

    The caller checks whether the officer may answer for that person.
    Raises: DomainError, NoRoom.
    """
    day = timezone.localdate(now)
    return _keep(region, Document.Kind.EVIDENCE, number, day, None, file, file_name, by, now)


def receive_emergency(
    *, region: Region, number: str, date: date, file: Any, file_name: str, by: User, now: datetime
) -> Document:
    """Store a regent's statement of emergency. The same file with the same number and date is
    stored once.

    Raises: DomainError, NoRoom.
    """
    number = _number(number)
    if not 0 <= (timezone.localdate(now) - date).days <= OLDEST_DAYS:
        raise DomainError("document_date", date=date.isoformat())
    kind = Document.Kind.EMERGENCY
    return _keep(region, kind, number, date, None, file, file_name, by, now)


def _keep(
    village: Region,
    kind: Document.Kind,
    number: str,
    date: date,
    cycle: Cycle | None,
    file: Any,
    file_name: str,
    by: User,
    now: datetime,
) -> Document:
    kept = prepare(file, file_name)
    path: Path | None = None
    try:
        with transaction.atomic():
            locks.hold_text(Lock.DOCUMENT, village.code)
            known = _known(village, kind, number, date, cycle, kept)
            if known is not None:
                return known
            path = _write(kept)
            document = Document.objects.create(
                kind=kind,
                number=number,
                date=date,
                region=village,
                cycle=cycle,
                file=f"{FOLDER}/{path.name}",
                file_name=Path(file_name).name[:200],
                media_type=kept.media_type,
                size=len(kept.content),
                sha256=hashlib.sha256(kept.content).hexdigest(),
                sent_sha256=kept.sent_sha256,
                user=by,
                by_name=str(by),
                at=now,
            )
            record.entry(Action.CREATE, about=document, by=by, sha256=document.sha256)
    except BaseException:
        if path is not None:
            path.unlink(missing_ok=True)
        raise
    return document


def _known(
    village: Region,
    kind: Document.Kind,
    number: str,
    date: date,
    cycle: Cycle | None,
    kept: Prepared,
) -> Document | None:
    """The entry of the same file that says the same, if it counts. Queries: one.

    Of a village's documents only the newest counts. Evidence about a person has the date of the day
    on which it is sent, which is not compared.
    """
    rows = Document.objects.filter(region=village, cycle=cycle).order_by("-pk")
    same = {"kind": kind, "number": number, "sent_sha256": kept.sent_sha256}
    if kind not in Document.VILLAGE_KINDS:
        dated = {} if kind == Document.Kind.EVIDENCE else {"date": date}
        return rows.filter(**same, **dated).first()
    newest = rows.of_villages().first()
    is_same = newest is not None and all(
        getattr(newest, name) == value for name, value in (same | {"date": date}).items()
    )
    return newest if is_same else None


def open_document(document: Document, by: User) -> Path:
    """The path of the stored file. Opening it is audited."""
    record.entry(Action.READ, about=document, by=by, sha256=document.sha256)
    return Path(document.file.path)


def latest_of(region_codes: list[str], cycle: Cycle | None) -> dict[str, Document]:
    """The document that counts for each of these villages. Queries: one."""
    rows = Document.objects.of_villages().filter(region_id__in=region_codes, cycle=cycle)
    return {document.region_id: document for document in rows.order_by("pk")}


def _village(code: str, by: User) -> Region:
    region = Region.objects.filter(code=code, level=Level.VILLAGE).first()
    if region is None or not scope_of(by, Permission.UPLOAD_BATCH).contains(code):
        raise DomainError("document_village", region=code)
    return region


def _number(number: str) -> str:
    number = " ".join(number.split())[:80]
    if not number:
        raise DomainError("document_number")
    return number


def _content(file: Any, file_name: str) -> bytes:
    """The whole content, which is small; at most one byte over the limit is read."""
    size = getattr(file, "size", 0) or 0
    content: bytes = file.read(MOST_BYTES + 1) if size <= MOST_BYTES else b""
    if size > MOST_BYTES or len(content) > MOST_BYTES:
        raise DomainError(
            "document_too_large",
            filename=file_name,
            size_mb=f"{max(size, len(content)) / 1e6:.1f}",
            limit_mb=MOST_BYTES // 1_000_000,
        )
    if not content:
        raise DomainError("document_empty", filename=file_name)
    return content


def _drawn_anew(content: bytes, file_name: str) -> bytes:
    """The pixels alone: upright, at most LONGEST_SIDE_PX, without the camera's metadata."""
    try:
        return pictures.drawn_anew(
            content, most_pixels=MOST_PIXELS, longest_side_px=LONGEST_SIDE_PX
        )
    except pictures.PictureRefused as refused:
        raise DomainError("document_picture", filename=file_name) from refused


def _write(kept: Prepared) -> Path:
    """Write the file to disk, whole or not at all. Raises: NoRoom."""
    folder = stored_files.folder(FOLDER)
    stored_files.need_room(folder, len(kept.content), kept.file_name)
    path = folder / f"{uuid4().hex}.{kept.ending}"
    with stored_files.writing(path, kept.file_name) as out:
        out.write(kept.content)
    return path
