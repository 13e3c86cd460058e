"""Whether the protection of the trail is intact: triggers, functions, owners, rights."""

from __future__ import annotations

from collections.abc import Iterator

from apps.common import sql

# (table, trigger): function, kind as pg_trigger.tgtype has it (1 row, 2 before, 8 delete,
# 16 update, 32 truncate)
TRIGGERS = {
    ("audit_entry", "audit_entry_append_only"): ("audit_refuse", 27),
    ("audit_entry", "audit_entry_no_truncate"): ("audit_refuse", 34),
    ("audit_seal", "audit_seal_append_only"): ("audit_refuse", 27),
    ("audit_seal", "audit_seal_no_truncate"): ("audit_refuse", 34),
}
OWNER, SEALER = "portal_owner", "portal_sealer"
TABLES = {"audit_entry": OWNER, "audit_seal": SEALER}
# function: owner, runs as its owner, settings, sha256 of its body in the migrations
FUNCTIONS = {
    "audit_canonical": (
        OWNER,
        False,
        "",
        "8ffd4269463c86c833eb887383e1b9e79b5bed4fc9d8f5281b45a4d7efc7aafc",
    ),
    "audit_refuse": (
        OWNER,
        False,
        "",
        "9c7538f29fad649e19f94f8b38af826429f69b0fd1e0e044f5cf4dbc8ee7cd67",
    ),
    "audit_seal_entries": (
        SEALER,
        True,
        "search_path=pg_catalog, public, pg_temp",
        "a09a4c2471c5056bb487320883d23e649c6983a8fb4bf2994c8f4c87edcacd08",
    ),
}
FIRES = {"O", "A"}

Problem = tuple[str, str]


def problems() -> Iterator[Problem]:
    """(code, what) for everything that differs from the state that the migrations made."""
    yield from _tables()
    yield from _triggers()
    yield from _functions()
    for role, right in sql.run("audit/list_rights"):
        yield "right_too_many", f"{role}: {right}"


def replaced() -> list[str]:
    """Names under which there is no ordinary table, but something else or nothing: reading there
    does not read the trail.
    """
    found = _found_tables()
    return [name for name in TABLES if name not in found or found[name][0] != "r"]


def _tables() -> Iterator[Problem]:
    found = _found_tables()
    for name, owner in TABLES.items():
        if found.get(name) != ("r", owner, 0):
            yield "table_changed", name


def _found_tables() -> dict[str, tuple[str, str, int]]:
    """By name: kind, owner, number of rewrite rules."""
    return {name: (kind, owner, rules) for name, kind, owner, rules in sql.run("audit/list_tables")}


def _triggers() -> Iterator[Problem]:
    found = {
        (table, name): (enabled, function, kind)
        for table, name, enabled, function, kind in sql.run("audit/list_triggers")
    }
    for key, (function, kind) in TRIGGERS.items():
        enabled, actual, actual_kind = found.pop(key, ("", "", 0))
        if not actual:
            yield "trigger_missing", key[1]
        elif enabled not in FIRES:
            yield "trigger_off", key[1]
        elif (actual.removeprefix("public."), actual_kind) != (function, kind):
            yield "trigger_changed", key[1]
    for _table, name in found:
        yield "trigger_added", name


def _functions() -> Iterator[Problem]:
    found = {name: tuple(rest) for name, *rest in sql.run("audit/list_functions")}
    for name, expected in FUNCTIONS.items():
        actual = found.pop(name, None)
        if actual is None:
            yield "function_missing", name
        elif (actual[0], actual[1], actual[2] or "", actual[3]) != expected:
            yield "function_changed", name
    for name in found:
        yield "function_added", name
