"""What docs/operations.md installs: complete, in agreement with the code, taken by its readers."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import pytest
from django.urls import NoReverseMatch, reverse

from apps.registry.loading import HEADER
from portal.web import request_bodies
from tests.setup.conftest import CHECKOUT

DEPLOY = CHECKOUT / "deploy"
CHAPTER = (CHECKOUT / "docs/operations.md").read_text()
UNITS = sorted((DEPLOY / "systemd").glob("dtks-portal*.service"))
# Read by the settings, and nothing for a production machine to set.
NOT_FOR_PRODUCTION = {
    "DEBUG",  # the portal does not start with it
    "PORTAL_STATE",  # where a developer's servers and files lie
    "STATICFILES_BACKEND",  # the tests' own
    "TEST_DATABASE",
    "DATABASE_WITHOUT_TLS",  # plain text to another machine
    "PORTAL_LOG",  # the journal keeps the logs there
    "LOG_BYTES",
    "PORTAL_DATABASE_ROLE",  # stands in each unit
}
# What a unit says otherwise than bin/run, because of where it stands.
PLACES = {"--host", "--port", "--uds", "--schedule", "--hostname", "--queues"}


def program(name: str) -> ModuleType:
    """A program of bin/ that is written in Python."""
    path = str(CHECKOUT / "bin" / name)
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), path)
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def settings_read() -> set[str]:
    text = (CHECKOUT / "portal/settings.py").read_text()
    named = re.findall(r"env(?:iron)?(?:\.\w+)*\(\s*\"([A-Z][A-Z0-9_]+)\"", text)
    return {*named, "DATABASE_URL", "DATABASE_WORKER_URL", "DATABASE_OWNER_URL"}


def settings_offered() -> set[str]:
    files = (DEPLOY / "env").glob("*.env")
    return {
        name
        for file in files
        for name in re.findall(r"^#?([A-Z][A-Z0-9_]+)=", file.read_text(), re.MULTILINE)
    }


def unit(path: Path) -> list[tuple[str, str]]:
    lines = [line.split("=", 1) for line in path.read_text().splitlines() if "=" in line]
    return [(name, value) for name, value in lines if not name.startswith("#")]


def command(path: Path) -> str:
    return dict(unit(path))["ExecStart"]


def of_queue(path: Path, queue: str) -> str:
    """The command of a worker's unit with the environment that its files give this queue."""
    dropped = (DEPLOY / f"systemd/{path.stem}{queue}.service.d").glob("*.conf")
    lines = unit(path) + [line for file in dropped for line in unit(file)]
    given = dict(
        pair.split("=", 1)
        for name, value in lines
        if name == "Environment"
        for pair in value.split()
    )
    return re.sub(r"\$\{(\w+)\}", lambda found: given[found[1]], command(path))


def options(line: str) -> set[str]:
    """A command's options without those of a place: `--name value` as one."""
    words = shlex.split(line)[1:]
    found, at = set(), 0
    while at < len(words):
        takes = words[at].startswith("--") and at + 1 < len(words)
        takes = takes and not words[at + 1].startswith("--")
        if words[at] not in PLACES:
            found.add(f"{words[at]} {words[at + 1]}" if takes else words[at])
        at += 2 if takes else 1
    return found


# --- settings -----------------------------------------------------------------------------------


def test_every_setting_is_in_the_example_files() -> None:
    assert settings_read() - settings_offered() == NOT_FOR_PRODUCTION & settings_read()
    assert settings_offered() - settings_read() == set()


def test_every_setting_of_the_examples_is_explained() -> None:
    told = CHAPTER.split("## Settings (environment)")[1].split("\n## ")[0]
    assert {name for name in settings_offered() if f"`{name}`" not in told} == set()


def test_no_process_gets_the_password_of_another() -> None:
    given = {
        path.stem: {Path(value).name for name, value in unit(path) if name == "EnvironmentFile"}
        for path in UNITS
    }
    worker = {"portal.env", "worker.env"}
    assert given == {
        "dtks-portal-web": {"portal.env", "web.env"},
        "dtks-portal-worker@": worker,
        "dtks-portal-beat": worker,
    }
    assert "DATABASE" not in (DEPLOY / "env/portal.env").read_text()


def test_examples_ask_for_tls_and_hold_no_key() -> None:
    for name in ("web", "worker", "owner"):
        assert "sslmode=verify-full" in (DEPLOY / f"env/{name}.env").read_text()
    common = (DEPLOY / "env/portal.env").read_text().splitlines()
    kept = {"SECRET_KEY=", "HTTPS_ONLY=true", "BEHIND_PROXY=true", "TRUSTED_PROXIES=1"}
    assert kept <= set(common)


def test_commands_of_the_owner_are_the_same_in_code_and_docs() -> None:
    from manage import OWNER_COMMANDS  # noqa: PLC0415 (a script, not a package)

    line = re.search(r"in ([a-z |]+)\) role=owner", (DEPLOY / "dtks-manage").read_text())
    assert line is not None
    assert set(line.group(1).split(" | ")) == OWNER_COMMANDS


# --- units --------------------------------------------------------------------------------------


def test_units_start_what_bin_run_starts() -> None:
    by_stem = {path.stem: path for path in UNITS}
    for name, (role, line) in program("run").PROCESSES.items():
        stem, _, queue = name.partition("-")
        if stem not in ("web", "worker", "beat"):
            continue
        path = f"dtks-portal-{stem}@" if queue else f"dtks-portal-{name}"
        assert options(line) == options(of_queue(by_stem[path], queue))
        lines = unit(DEPLOY / f"systemd/{path}.service")
        assert ("Environment", f"PORTAL_DATABASE_ROLE={role}") in list(lines)
        if queue:
            assert CHAPTER.count(f"dtks-portal-worker@{queue}") >= 3, "told, enabled, started"


def test_the_web_believes_no_proxy_by_itself() -> None:
    line = command(DEPLOY / "systemd/dtks-portal-web.service")
    assert "--no-proxy-headers" in line
    assert "--uds /run/dtks-portal/web.sock" in line


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
class TestSystemd:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """The units with the programs of this checkout, which must exist to be looked at."""
        shutil.copytree(DEPLOY / "systemd", tmp_path / "units")
        for path in (tmp_path / "units").rglob("*.*"):
            if path.is_file():
                path.write_text(path.read_text().replace("/srv/dtks-portal", str(CHECKOUT)))
        return tmp_path / "units"

    @staticmethod
    def analyze(folder: Path, *arguments: str) -> str:
        done = subprocess.run(
            ["systemd-analyze", *arguments],
            env=os.environ | {"SYSTEMD_UNIT_PATH": f"{folder}:"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr

    def test_the_systemd_units_verify(self, folder: Path) -> None:
        names = [
            "web",
            "worker@interactive",
            "worker@batches",
            "worker@rounds",
            "worker@hazards",
            "worker@relief",
            "beat",
        ]
        paths = [f"{folder}/dtks-portal-{name}.service" for name in names]
        backup = folder / "dtks-backup.service"
        backup.write_text(backup.read_text().replace("/usr/local/sbin", str(DEPLOY)))
        paths.append(str(backup))
        assert self.analyze(folder, "verify", "--man=no", *paths) == ""
        with (folder / "dtks-portal-beat.service").open("a") as file:
            file.write("[Service]\nProtectsystem=yes\n")
        assert "Protectsystem" in self.analyze(folder, "verify", "--man=no", *paths)

    @pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
    def test_every_unit_is_hardened(self, folder: Path, path: Path) -> None:
        said = self.analyze(
            folder, "security", "--offline=true", "--no-pager", str(folder / path.name)
        )
        level = re.search(r"exposure level for \S+: ([\d.]+)", said)
        assert level is not None and float(level.group(1)) <= 2.0, said

    def test_the_reader_of_files_keeps_its_guards(self) -> None:
        """systemd's own groups of calls lack Landlock's: a name that is missing is a guard less."""
        drop = dict(unit(DEPLOY / "systemd/dtks-portal-.service.d/common.conf"))
        assert {*drop["SystemCallFilter"].split()} >= {
            *("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp")
        }
        text = (DEPLOY / "systemd/dtks-portal-.service.d/common.conf").read_text()
        assert "SystemCallFilter=@system-service\n" in text
        assert "MemoryDenyWriteExecute=" not in text


# --- proxy, database, broker ---------------------------------------------------------------------


def test_the_proxy_trusts_no_forwarded_header() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "$proxy_add_x_forwarded_for" not in text
    assert "$request_uri" not in text.split("log_format")[1].split(";")[0]
    assert "proxy_request_buffering off;" in text and "proxy_max_temp_file_size 0;" in text


def address_of(name: str) -> str:
    """An address of this name: of a thing, a kind of thing, or neither."""
    for args in ([], [1], [1, "removal"]):
        with suppress(NoReverseMatch):
            return reverse(name, args=args)
    raise AssertionError(name)


def test_sizes_of_the_proxy_fit_the_portal() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    sizes = {
        path: int(size) * 1_000_000
        for path, size in re.findall(
            r"location (?:= |~ \^)?(/\S*) \{[^}]*?client_max_body_size (\d+)m;", text
        )
    }
    assert sizes["/proposals/uploads/"] > request_bodies.PART_BYTES
    for name, most in request_bodies.LONGEST.items():
        address = address_of(name)
        place = max((path for path in sizes if re.match(path, address)), key=len)
        assert most + request_bodies.FIELDS_BYTES <= sizes[place], f"{address} in {place}"


def test_static_files_carry_the_portals_hsts() -> None:
    settings = (CHECKOUT / "portal/settings.py").read_text()
    assert "SECURE_HSTS_SECONDS = 31_536_000" in settings
    assert '"max-age=31536000; includeSubDomains; preload"' in (DEPLOY / "nginx.conf").read_text()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("nginx"), reason="needs nginx")
def test_nginx_accepts_the_configuration(tmp_path: Path) -> None:
    pair = ["-keyout", str(tmp_path / "portal.key"), "-out", str(tmp_path / "portal.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", *pair],
        check=True,
        capture_output=True,
    )
    text = (DEPLOY / "nginx.conf").read_text().replace("/etc/ssl/dtks-portal", str(tmp_path))
    (tmp_path / "site.conf").write_text(text.replace("/var/log/nginx", str(tmp_path)))
    whole = f"error_log {tmp_path}/error.log;\npid {tmp_path}/pid;\nevents {{}}\n"
    whole += f"http {{ include {tmp_path}/site.conf; }}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    done = subprocess.run(
        ["nginx", "-t", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def assignments(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z_]+) = (.+)$", text, re.MULTILINE))


def test_the_database_keeps_rows_out_of_its_log_as_the_private_one_does() -> None:
    ours = (
        (CHECKOUT / "bin/services").read_text().split("postgres_settings()")[1].split("SETTINGS")[1]
    )
    private, public = assignments(ours), assignments((DEPLOY / "postgresql.conf").read_text())
    sized = {"listen_addresses", "shared_buffers", "effective_cache_size", "work_mem"}
    sized |= {"maintenance_work_mem", "dynamic_shared_memory_type", "fsync", "max_connections"}
    sized |= {"unix_socket_directories", "unix_socket_permissions"}
    # the journal's way to a backup is the chapter on backups
    told = {name for name in private if name not in sized and not name.startswith("archive_")}
    assert {name: public.get(name) for name in told} == {name: private[name] for name in told}
    assert public["ssl"] == "on" and public["fsync"] == "on"


def test_the_database_is_unreachable_without_tls() -> None:
    lines = (DEPLOY / "pg_hba.conf").read_text().splitlines()
    open_lines = [line.split() for line in lines if line and not line.startswith("#")]
    assert {words[0] for words in open_lines} == {"local", "hostssl"}
    assert all(words[-1] in ("peer", "scram-sha-256") for words in open_lines)


def test_redis_has_a_password_and_a_memory_limit_and_evicts_nothing() -> None:
    text = (DEPLOY / "redis.conf").read_text()
    for line in ("include /etc/redis/dtks-portal-password.conf", "maxmemory-policy noeviction"):
        assert line in text
    assert 'echo "requirepass $REDIS_PASSWORD"' in CHAPTER
    databases = re.findall(r"_URL=redis://\S+/(\d)", (DEPLOY / "env/portal.env").read_text())
    assert sorted(databases) == ["0", "1"]


# --- the chapter ---------------------------------------------------------------------------------


def test_the_code_blocks_of_the_chapter_are_valid_shell() -> None:
    found = program("check-install").blocks(CHAPTER)
    assert len(found) >= 12
    for block in found:
        done = subprocess.run(
            ["bash", "-n"], input=block, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, f"{block}\n{done.stderr}"


def test_every_deployment_file_is_documented() -> None:
    for path in DEPLOY.iterdir():
        assert f"deploy/{path.name}" in CHAPTER or path.name == "pages", path.name


def test_the_columns_of_the_register_file_are_documented() -> None:
    assert [name for name in HEADER if f"`{name}`" not in CHAPTER] == []


def test_every_role_is_documented() -> None:
    from apps.accounts.roles import Role  # noqa: PLC0415

    told = CHAPTER.split("### First data and people")[1].split("\n### ")[0]
    assert [role for role in Role if f"`{role}`" not in told] == [Role.AGENCY]


def test_check_install_names_no_machine_and_leaves_one_that_is_of_use_alone() -> None:
    said = subprocess.run(
        [CHECKOUT / "bin/check-install"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 2
    assert "--disposable" in said.stderr


@pytest.mark.scale
def test_the_chapter_installs_a_bare_machine() -> None:
    if os.environ.get("DISPOSABLE_MACHINE") != "1" or os.geteuid() != 0:
        pytest.skip("changes the machine for good: as root on a bare Debian, DISPOSABLE_MACHINE=1")
    done = subprocess.run([CHECKOUT / "bin/check-install", "--disposable"], check=False)
    assert done.returncode == 0
