"""Nothing at rest that need not be: encrypted disks, a quiet log, uploads in one place."""

import os
from pathlib import Path
from typing import ClassVar

import pytest
from django.conf import settings
from django.core.checks.registry import registry
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from portal.operations import at_rest, leftovers
from tests.conftest import as_role

MOUNT = "{number} 1 {device} / {point} rw,relatime - {kind} {source} rw\n"


@pytest.fixture
def machine(tmp_path):
    """A machine as its kernel describes it: `machine(disk="253:0", ...)`."""
    blocks = tmp_path / "block"
    blocks.mkdir()

    def mounted(device, kind="ext4", point="/"):
        path = tmp_path / "mountinfo"
        with path.open("a") as out:
            out.write(MOUNT.format(number=1, device=device, point=point, kind=kind, source="x"))
        return {"sys": blocks, "mounts": path}

    def device(number, uuid="", slaves=(), partition_of=""):
        below = blocks / (partition_of or "")
        real = (below if partition_of else blocks) / number
        real.mkdir(parents=True)
        if partition_of:
            (real / "partition").write_text("1")
            (blocks / number).symlink_to(real)
        if uuid:
            (real / "dm").mkdir()
            (real / "dm" / "uuid").write_text(uuid)
        if slaves:
            (real / "slaves").mkdir()
        for slave in slaves:
            (real / "slaves" / slave.replace(":", "-")).symlink_to(blocks / slave)

    return mounted, device


def test_a_folder_on_luks_is_encrypted(machine, tmp_path):
    mounted, device = machine
    device("8:1")
    device("253:0", uuid="CRYPT-LUKS2-0123-data", slaves=["8:1"])
    assert at_rest.is_encrypted(tmp_path, **mounted("253:0"))


def test_a_volume_on_encrypted_disks_is_encrypted_when_each_of_them_is(machine, tmp_path):
    mounted, device = machine
    device("8:1")
    device("253:0", uuid="CRYPT-LUKS2-0123-one", slaves=["8:1"])
    device("253:1", uuid="LVM-abc", slaves=["253:0"])
    device("253:2", uuid="LVM-def", slaves=["253:0", "8:1"])
    assert at_rest.is_encrypted(tmp_path, **mounted("253:1"))
    assert not at_rest.is_encrypted(tmp_path, **mounted("253:2"))


def test_a_plain_disk_is_not_encrypted(machine, tmp_path):
    mounted, device = machine
    device("8:0")
    device("8:1", partition_of="8:0")
    assert not at_rest.is_encrypted(tmp_path, **mounted("8:1"))
    assert not at_rest.is_encrypted(tmp_path, **mounted("9:9"))  # nobody knows it


def test_the_mount_that_holds_the_folder_counts(machine, tmp_path):
    mounted, device = machine
    device("8:1")
    device("253:0", uuid="CRYPT-LUKS2-0123-data", slaves=["8:1"])
    mounted("8:1")
    inside = tmp_path / "media" / "not there yet"
    known = mounted("253:0", point=str(tmp_path).replace(" ", "\\040"))
    assert at_rest.is_encrypted(inside, **known)
    assert not at_rest.is_encrypted(Path("/"), **known)


def test_memory_is_not_counted_as_a_disk(machine, tmp_path):
    mounted, _device = machine
    assert at_rest.is_encrypted(tmp_path, **mounted("0:41", kind="tmpfs"))


def test_the_start_is_refused_on_a_plain_disk_and_says_how_to_go_on(settings):
    settings.HTTPS_ONLY = True
    told = at_rest.disk_is_encrypted(look=lambda folder: False)
    assert {one.id for one in told} == {"portal.E011"}
    assert str(settings.MEDIA_ROOT) in told[0].msg
    assert "STORAGE_ENCRYPTION" in told[0].hint
    assert not at_rest.disk_is_encrypted(look=lambda folder: True)
    settings.STORAGE_ENCRYPTION = "volumes of the provider, AES-256"
    assert not at_rest.disk_is_encrypted(look=lambda folder: False)


def test_it_is_one_of_the_checks_of_a_start():
    assert at_rest.disk_is_encrypted in registry.get_checks()
    assert at_rest.log_is_quiet in registry.get_checks()


# --- the database's log ---


def quiet():
    return {name: sorted(allowed)[0] for name, allowed in at_rest.QUIET.items()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log_statement", "mod"),
        ("log_statement", "all"),
        ("log_min_duration_statement", "0"),
        ("log_min_duration_statement", "5000"),
        ("log_min_duration_sample", "100"),
        ("log_transaction_sample_rate", "0.1"),
        ("log_min_messages", "warning"),
        ("log_min_messages", "error"),
        ("log_min_error_statement", "error"),
        ("log_error_verbosity", "default"),
        ("log_parameter_max_length", "-1"),
        ("log_parameter_max_length_on_error", "64"),
        ("debug_print_plan", "on"),
        ("auto_explain.log_min_duration", "3000"),
    ],
)
def test_a_setting_that_lets_rows_into_the_log_is_named(name, value):
    assert not at_rest.loud_settings(quiet())
    assert at_rest.loud_settings(quiet() | {name: value}) == [
        f"{name} = {value} (may be {' or '.join(sorted(at_rest.QUIET[name]))})"
    ]


@pytest.mark.django_db
def test_the_tests_own_server_is_quiet_and_knows_each_setting(settings):
    settings.HTTPS_ONLY = True
    assert not at_rest.log_is_quiet(databases=["default"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name = ANY (%s)", [list(at_rest.QUIET)])
        assert {name for (name,) in cursor.fetchall()} >= set(at_rest.QUIET) - {
            "auto_explain.log_min_duration"  # where it is loaded
        }


@pytest.mark.django_db
def test_a_loud_server_is_refused(settings):
    settings.HTTPS_ONLY = True
    with connection.cursor() as cursor:
        cursor.execute("SET debug_print_parse = on")
        try:
            [told] = at_rest.log_is_quiet(databases=["default"])
        finally:
            cursor.execute("RESET debug_print_parse")
    assert told.id == "portal.E010"
    assert "debug_print_parse = on" in told.msg


# --- uploads on their way ---


def test_a_large_upload_is_written_below_the_protected_storage():
    at_rest.make_scratch()
    with TemporaryUploadedFile("besar.csv", "text/csv", 5_000_000, None) as file:
        place = Path(file.temporary_file_path())
    assert place.parent == Path(settings.MEDIA_ROOT) / "scratch"


class Watching(TemporaryFileUploadHandler):
    """Django's own, which tells where it wrote."""

    seen: ClassVar[list[Path]] = []

    def file_complete(self, file_size):
        self.seen.append(Path(self.file.temporary_file_path()).parent)
        return super().file_complete(file_size)


@pytest.mark.django_db
def test_an_upload_of_anybody_lies_nowhere_else_while_it_comes(tmp_path, settings):
    at_rest.make_scratch()
    settings.FILE_UPLOAD_HANDLERS = [f"{__name__}.Watching"]
    path = tmp_path / "besar.csv"
    path.write_bytes(b"x" * 3_000_000)
    with path.open("rb") as file:
        Browser().post("/accounts/login/", {"username": "x", "password": "y", "file": file})
    assert Watching.seen == [Path(settings.FILE_UPLOAD_TEMP_DIR)]


@pytest.mark.django_db
def test_remains_of_an_upload_of_a_killed_process_are_deleted(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "scratch"
    at_rest.make_scratch()
    left = settings.FILE_UPLOAD_TEMP_DIR / "tmpabc.upload.csv"
    left.write_text("NIK")
    old = timezone.now().timestamp() - 25 * 3600
    os.utime(left, (old, old))
    with as_role("worker"):
        assert leftovers.files(now=timezone.now()) == 1
    assert not left.exists()
