"""Files sent to the pages of uploads, and their jobs done as a worker does them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.test import TestCase

from apps.commandcentre.models import OfficeUpload
from apps.commandcentre.uploads.reception import IMPORT_UPLOAD
from apps.jobs.models import Job
from tests.conftest import as_role
from tests.jobs.doing import do

NEW = "/command-centre/uploads/new/{}/"
FACILITIES = (
    "Nama;Jenis;Kode Desa;Lintang;Bujur\n"
    "Lumbung Ampel;Lumbung Sosial;97.01.01.2001;-7.765;110.005\n"
    "Gudang Beji;Gudang;97.01.01.2002;-7.765;110.015\n"
    "Rumah Makan;Warung;97.01.01.2001;-7.765;110.006\n"
)


def send(
    browser: Browser, what: str, content: bytes | str, file_name: str = "data.csv", **given: Any
) -> OfficeUpload:
    """Send a file; returns its upload."""
    data = content.encode() if isinstance(content, str) else content
    form = {"file": SimpleUploadedFile(file_name, data), "code_system": "kemendagri", **given}
    answer = browser.post(NEW.format(what), form)
    assert answer.status_code == 302, answer.content.decode()
    return latest()


def latest() -> OfficeUpload:
    with as_role("owner"):
        return OfficeUpload.objects.latest("pk")


def work(upload: OfficeUpload) -> OfficeUpload:
    """Do the import of an upload; returns it as it is afterwards."""
    with as_role("worker"), TestCase.captureOnCommitCallbacks(execute=True):
        do(Job.objects.filter(kind=IMPORT_UPLOAD, subject=upload.subject).latest("pk"))
    with as_role("owner"):
        upload.refresh_from_db()
    return upload


def page_of(browser: Browser, upload: OfficeUpload, end: str = "") -> str:
    answer = browser.get(f"/command-centre/uploads/{upload.pk}/{end}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def stored(upload: OfficeUpload) -> Path:
    return Path(upload.file.path)
