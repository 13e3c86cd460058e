"""The private PostgreSQL and Redis: started twice, killed, deep in the tree; who may do what."""

import os
import signal
from pathlib import Path

import psycopg
import pytest
import redis

from tests.setup.conftest import Script, read_env

pytestmark = pytest.mark.slow

EXTENSIONS = {"postgis", "btree_gist", "pg_trgm", "fuzzystrmatch", "unaccent", "pgcrypto"}
NIK = "3404014508909001"


@pytest.fixture(scope="module")
def env(script: Script, state: Path) -> dict[str, str]:
    started = script("services", "start")
    assert started.returncode == 0, started.stderr
    return read_env(state)


def connect(env: dict[str, str], role: str = "OWNER_") -> psycopg.Connection:
    return psycopg.connect(env[f"DATABASE_{role}URL"], autocommit=True)


def postmaster(state: Path) -> int:
    return int((state / "postgres/data/postmaster.pid").read_text().split()[0])


@pytest.mark.long
def test_the_secret_key_is_private_and_survives_a_second_start(
    script: Script, state: Path, env: dict[str, str]
) -> None:
    before = postmaster(state)
    assert script("services", "start").stdout == ""
    assert postmaster(state) == before
    assert read_env(state) == env
    assert (state / "env").stat().st_mode & 0o777 == 0o600


@pytest.mark.long
def test_the_servers_listen_on_no_network_address(env: dict[str, str]) -> None:
    with connect(env) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
    with redis.Redis.from_url(env["REDIS_URL"]) as server:
        assert server.config_get("port") == {"port": "0"}


def test_only_their_own_user_can_reach_the_sockets(state: Path, env: dict[str, str]) -> None:
    for server in ("postgres", "redis"):
        assert (state / "sockets" / server).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("role", ["", "WORKER_", "OWNER_"])
def test_no_role_of_the_portal_bypasses_row_level_security(env: dict[str, str], role: str) -> None:
    with connect(env, role) as connection:
        powers = connection.execute(
            "select rolsuper, rolbypassrls, rolcreaterole from pg_roles"
            " where rolname = current_user"
        ).fetchone()
    assert powers == (False, False, False)


@pytest.mark.parametrize("role", ["", "WORKER_"])
def test_web_and_worker_cannot_make_tables_or_become_another_role(
    env: dict[str, str], role: str
) -> None:
    with connect(env, role) as connection:
        for statement in ("create table public.mine ()", "set role portal_sealer"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_owner_makes_databases_with_extensions_and_acts_as_web(env: dict[str, str]) -> None:
    with connect(env) as connection:
        connection.execute("create database from_template")
    try:
        with psycopg.connect(env["DATABASE_OWNER_URL"], dbname="from_template") as new:
            found = {name for (name,) in new.execute("select extname from pg_extension")}
            assert found >= EXTENSIONS
            new.execute("create table place (at geometry(point, 4326))")
            new.execute("grant insert on place to portal_web")
            new.execute("set role portal_web")
            new.execute("insert into place values (st_setsrid(st_point(110.4, -7.8), 4326))")
    finally:
        with connect(env) as connection:
            connection.execute("drop database from_template")


def test_errors_leave_no_personal_data_in_the_log(state: Path, env: dict[str, str]) -> None:
    with connect(env) as connection:
        connection.execute("create temporary table person (nik text primary key)")
        connection.execute("insert into person values (%s)", [NIK])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into person values (%s)", [NIK])
        with pytest.raises(psycopg.errors.UndefinedFunction):
            connection.execute(f"select unknown_function('{NIK}')")
        with pytest.raises(psycopg.errors.InvalidDatetimeFormat):
            connection.execute(f"select '{NIK}x'::date")
    log = (state / "logs/postgresql.log").read_text()
    assert "ready to accept connections" in log
    assert NIK not in log


def test_data_survives_kill_and_a_pid_file_that_names_somebody_else(
    script: Script, state: Path, env: dict[str, str]
) -> None:
    with connect(env) as connection:
        connection.execute("create table kept as select 41 + 1 as answer")
    with redis.Redis.from_url(env["REDIS_URL"]) as server:
        server.set("kept", "42")
        redis_pid = server.info()["process_id"]
    os.kill(postmaster(state), signal.SIGKILL)
    os.kill(redis_pid, signal.SIGKILL)
    # After a reboot, the number in a pid file belongs to whatever came first: here to this test.
    pid_file = state / "postgres/data/postmaster.pid"
    _, *rest = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *rest]))
    (state / "redis/redis.pid").write_text(f"{os.getpid()}\n")

    assert script("services", "status").returncode == 1
    started = script("services", "start")
    assert started.returncode == 0, started.stderr
    with connect(env) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)
    with redis.Redis.from_url(env["REDIS_URL"]) as server:
        assert server.get("kept") == b"42"


@pytest.mark.long
def test_an_unreadable_queue_is_put_aside(script: Script, state: Path, env: dict[str, str]) -> None:
    script("services", "stop")
    for part in (state / "redis/appendonlydir").glob("*.aof"):
        part.write_bytes(b"*garbage\r\n" * 50)
    started = script("services", "start")
    assert started.returncode == 0
    assert "unreadable" in started.stderr
    with redis.Redis.from_url(env["REDIS_URL"]) as server:
        assert server.ping()


def test_a_server_named_in_the_environment_is_used_instead(script: Script, folder: Path) -> None:
    elsewhere = {
        "PORTAL_STATE": str(folder / "elsewhere"),
        "DATABASE_URL": "postgresql://somewhere/portal",
        "REDIS_URL": "redis://somewhere",
    }
    started = script("services", "start", **elsewhere)
    assert started.returncode == 0
    assert not (folder / "elsewhere/postgres/data").exists()
    assert not (folder / "elsewhere/redis/redis.conf").exists()


@pytest.mark.long
def test_a_deep_folder_gets_a_short_socket(script: Script, folder: Path) -> None:
    deep = folder.joinpath(*["a-rather-long-name with a space"] * 4)
    started = script("services", "start", PORTAL_STATE=str(deep))
    try:
        assert started.returncode == 0, started.stderr
        with connect(read_env(deep)) as connection:
            assert connection.execute("select postgis_lib_version()").fetchone()
        with redis.Redis.from_url(read_env(deep)["REDIS_URL"]) as server:
            assert server.ping()
    finally:
        assert script("services", "reset", PORTAL_STATE=str(deep)).returncode == 0
    assert not deep.exists()


@pytest.mark.long
def test_reset_deletes_only_what_the_scripts_made(script: Script, folder: Path) -> None:
    shared = folder / "shared"
    shared.mkdir()
    (shared / "thesis.txt").write_text("not ours")
    assert script("services", "env", PORTAL_STATE=str(shared)).returncode == 0
    assert script("services", "reset", PORTAL_STATE=str(shared)).returncode == 0
    assert [path.name for path in shared.iterdir()] == ["thesis.txt"]
