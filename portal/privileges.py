"""The privileges of each database role: one list, applied after every migration, deny by default.

It is applied in one transaction, and only where it differs from the present privileges: concurrent
readers keep their rights, and an upgrade without new tables changes nothing.

`web` serves people and sees personal rows only through row-level security. `worker` works for all
regions and may create tables only in the schema `staging`. The owner migrates. A table that is not
listed is closed to both, and so is a function that runs with its owner's rights; tests require a
line for each.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from django.db import connection, transaction
from psycopg import sql

READ = "SELECT"
ADD = "SELECT, INSERT"
EDIT = "SELECT, INSERT, UPDATE"
FULL = "SELECT, INSERT, UPDATE, DELETE"
NONE = ""

# Per table the privileges of the web and of the worker.
PRIVILEGES: dict[str, tuple[str, str]] = {
    # no role changes or removes an entry; only the sealing function writes seals
    "audit_entry": (ADD, ADD),
    "audit_seal": (READ, READ),
    "audit_installation": (READ, ADD),
    "jobs_job": (EDIT, EDIT),
    # what happened, without personal data; the tidying removes it after days
    "jobs_event": (ADD, FULL),
    "jobs_heartbeat": (READ, EDIT),
    "regions_region": (READ, EDIT),
    "regions_foreigncode": (READ, FULL),
    "regions_treeversion": (READ, EDIT),
    "regions_boundaryedition": (EDIT, EDIT),
    "regions_boundary": (READ, FULL),
    "regions_qualityissue": (READ, FULL),
    "regions_shapeset": (READ, EDIT),
    "regions_boundaryshape": (READ, FULL),
    "accounts_user": (EDIT, EDIT),
    "accounts_agency": (EDIT, EDIT),
    "accounts_client": (EDIT, EDIT),
    "accounts_grant": (EDIT, EDIT),
    "accounts_readcount": (EDIT, EDIT),
    # a factor is deleted by a reset or a replacement, a session by its end; a command may do both
    "mfa_authenticator": (FULL, "SELECT, DELETE"),
    "usersessions_usersession": (FULL, "SELECT, DELETE"),
    "account_emailaddress": (NONE, NONE),
    "account_emailconfirmation": (NONE, NONE),
    "casework_cycle": (EDIT, EDIT),
    # written through casework_store_notices (and taken back), because they are for other users
    "casework_notice": ("SELECT, UPDATE (read_at)", EDIT),
    "casework_mailpreference": (EDIT, READ),
    "casework_document": (ADD, ADD),
    # a photo is removed only while its family is not submitted
    "casework_photo": ("SELECT, INSERT, DELETE", "SELECT, INSERT, DELETE"),
    "casework_worklist": (EDIT, EDIT),
    "registry_programme": (READ, EDIT),
    "registry_change": (READ, ADD + ", UPDATE"),
    "registry_family": (READ, EDIT),
    "registry_person": (READ, EDIT),
    "registry_enrolment": (READ, EDIT),
    # merged records stay; the worker notes when their merge was undone
    "registry_claim": (READ, ADD + ", UPDATE (undone_id)"),
    # which persons are made up, no officer may know; the status page shows the last touch
    "registry_canary": (NONE, ADD),
    "registry_canarywatch": (READ, EDIT),
    "registry_familyevent": (READ, ADD),
    "registry_personevent": (READ, ADD),
    "registry_enrolmentevent": (READ, ADD),
    "proposals_batch": (EDIT, EDIT),
    "proposals_upload": (FULL, FULL),
    # people decide on a proposal; no role changes its content
    "proposals_proposal": ("SELECT, UPDATE (status, step_by_id, step_at)", FULL),
    # only triggers of proposals write it; the search by name reads it through its function
    "proposals_proposalname": (READ, NONE),
    "proposals_finding": (READ, FULL),
    "proposals_heldrow": (READ, FULL),
    # people request a change of rows, or cancel it; the worker makes it
    "proposals_fix": (ADD + ", UPDATE (status, done_at)", EDIT),
    "proposals_fixedrow": (READ, ADD),
    "proposals_droppedrow": (READ, FULL),
    "proposals_decision": (ADD, ADD),
    # people request other values; the worker checks and writes them
    "proposals_amendment": (ADD, EDIT),
    # only the worker asks the civil register and writes its answers
    "proposals_civilmatch": (READ, FULL),
    # the worker compares with the register; people decide whether a family moved
    "proposals_registeredmatch": (
        "SELECT, UPDATE (move, move_by_id, move_by_name, move_at)",
        FULL,
    ),
    "proposals_decree": (EDIT, EDIT),
    "proposals_savedfilter": (FULL, READ),
    # a question is asked once and answered once
    "proposals_question": (
        ADD + ", UPDATE (answer, answered_by_id, answered_by_name, answered_at)",
        READ,
    ),
    "proposals_exportrequest": (
        ADD + ", UPDATE (answered_by_id, answered_at, is_granted)",
        READ,
    ),
    # only those of the same user; the worker reads them for the checks and empties them after
    # sending
    "proposals_formdraft": (FULL, FULL),
    # a photo of a draft is handed over to its batch
    "proposals_housephoto": (FULL, FULL),
    # a paper that was sent stays
    "proposals_rowpaper": (ADD, READ),
    # people send an archive; the worker reads it and removes its file
    "proposals_photoarchive": (ADD, EDIT),
    "proposals_calendar": (READ, READ),
    # written by the re-check that changes the verdict
    "proposals_verdictchange": (READ, ADD),
    # only triggers write it
    "proposals_regencychange": (READ, READ),
    # written by triggers, read and removed by a function of the worker
    "proposals_placetojudge": (NONE, NONE),
    "reconciliation_source": (EDIT, EDIT),
    "reconciliation_authority": (FULL, FULL),
    "reconciliation_dataset": (EDIT, EDIT),
    "reconciliation_record": (READ, FULL),
    "reconciliation_pairing": (EDIT, EDIT),
    "reconciliation_run": (EDIT, EDIT),
    # people judge a pair; the worker finds and ends it
    "reconciliation_pair": ("SELECT, UPDATE (status)", FULL),
    # a run copies the answers to the pair that it found again
    "reconciliation_judgement": (EDIT, ADD + ", UPDATE (pair_id)"),
    "reconciliation_conflict": (EDIT, EDIT),
    "reconciliation_answer": (EDIT, EDIT),
    "reconciliation_lock": (EDIT, READ),
    # hazards come by feeds, files and operators; the worker counts whom they affect
    "commandcentre_hazard": (EDIT, EDIT),
    "commandcentre_hazardrevision": (ADD, ADD),
    "commandcentre_footprint": (ADD, FULL),
    "commandcentre_feed": (READ, EDIT),
    "commandcentre_feeddocument": (READ, FULL),
    "commandcentre_refusedmessage": (READ, FULL),
    "commandcentre_assessment": (READ, EDIT),
    # those of former assessments are removed after days
    "commandcentre_affectedvillage": (READ, ADD + ", DELETE"),
    # facilities and responders come by files, which the worker's role reads
    "commandcentre_facility": (READ, EDIT),
    "commandcentre_responder": (READ, EDIT),
    "commandcentre_good": (READ, READ),
    # a ledger: movements are only added, and their trigger writes the balances
    "commandcentre_stockitem": (ADD, ADD),
    "commandcentre_stockmovement": (ADD, ADD),
    "commandcentre_usable_stock": (READ, READ),
    # operators plan, lock and move on; the worker computes the shipments
    "commandcentre_plan": (EDIT, EDIT),
    # a statement stays as it was added; that it is withdrawn is noted beside it
    "commandcentre_emergencystatement": (
        ADD + ", UPDATE (withdrawn_at, withdrawn_by_id, withdrawn_reason)",
        READ,
    ),
    # what a plan sends is less where stock had gone when it was reserved
    "commandcentre_planneed": (ADD + ", UPDATE (sent)", EDIT),
    "commandcentre_plansource": (EDIT, EDIT),
    "commandcentre_shipment": (EDIT, FULL),
    # no role changes or removes one
    "commandcentre_shipmentcorrection": (ADD, READ),
    # a log: a call is only added
    "commandcentre_call": (ADD, READ),
    "commandcentre_wall": (EDIT, READ),
    # a log: lines are only added, by the worker for a hazard that nobody took on
    "commandcentre_shiftentry": (ADD, ADD),
    # an issued report stays as it went out
    "commandcentre_situationreport": (ADD, READ),
    "commandcentre_reportfile": (ADD, READ),
    # operators upload; the worker imports
    "commandcentre_officeupload": (EDIT, EDIT),
    "commandcentre_minimumlevel": (FULL, FULL),
    # zones come by files; the worker classes villages and computes how far stock is
    "commandcentre_zoneedition": (READ, EDIT),
    "commandcentre_zone": (READ, FULL),
    "commandcentre_villagezone": (READ, FULL),
    "commandcentre_villagecoverage": (READ, FULL),
    "commandcentre_coveragestate": (READ, FULL),
    # the worker stores the values of a release and puts it in force
    "indicators_indicator": (EDIT, EDIT),
    "indicators_release": (EDIT, FULL),
    "indicators_value": (READ, FULL),
    # people choose columns and answer; the worker reads
    "indicators_publication": (EDIT, FULL),
    "indicators_openrow": (
        "SELECT, UPDATE (region_id, is_left_out, answered_by, answered_at)",
        FULL,
    ),
    "indicators_rowfinding": (READ, FULL),
    "indicators_knownname": (FULL, EDIT),
    # planners define services, administrators allow hosts; the worker notes what was read
    "indicators_service": (EDIT, EDIT),
    "indicators_servicehost": (EDIT, EDIT),
    "indicators_servicepage": ("SELECT, DELETE", FULL),
    # people send and put in force; the worker reads the files and counts
    "indicators_pocketedition": (EDIT, EDIT),
    "indicators_pocketvillage": (READ, FULL),
    "indicators_pocketarea": (READ, FULL),
    "indicators_pocketsum": (READ, FULL),
    # written when an edition comes into force; a regency answers, nothing else changes
    "indicators_pocketdifference": (
        ADD + ", UPDATE (worklist_id, answer, remark, answered_at, answered_by)",
        FULL,
    ),
    # only the worker counts the register
    "indicators_regioncount": (READ, FULL),
    "indicators_suppressedregion": (READ, EDIT),
    "indicators_countstate": (READ, EDIT),
    "indicators_monthcount": (READ, EDIT),
    # only triggers add to it; a count takes it
    "indicators_villagechange": (NONE, "SELECT, DELETE"),
    # computed from the boundaries
    "commandcentre_islandpiece": (READ, FULL),
    "commandcentre_villageplace": (READ, FULL),
    "commandcentre_placestate": (READ, FULL),
    # by command only
    "maps_baselayer": (READ, FULL),
    "maps_baseline": (READ, FULL),
    # an API client claims a key and stores the answer; the tidying removes both after a day
    "api_idempotencykey": (ADD + ", UPDATE (batch_id, status, body)", "SELECT, DELETE"),
    "django_session": (FULL, FULL),
    "django_content_type": (READ, READ),
    "django_migrations": (READ, READ),
    "oauth2_provider_accesstoken": (FULL, FULL),
    "oauth2_provider_refreshtoken": (FULL, FULL),
    "oauth2_provider_idtoken": (NONE, FULL),
    "oauth2_provider_grant": (NONE, FULL),
    "oauth2_provider_devicegrant": (NONE, FULL),
    "pghistory_context": (NONE, NONE),
    "django_admin_log": (NONE, NONE),
    "auth_group": (NONE, NONE),
    "auth_group_permissions": (NONE, NONE),
    "auth_permission": (NONE, READ),
    "spatial_ref_sys": (READ, READ),
}
# Which roles may call a function that runs with its owner's rights, by the function's name.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "accounts_find_for_sign_in": ("portal_web", "portal_worker"),
    # only a trigger calls it; no role needs the right
    "accounts_grant_needs_nik": (),
    "accounts_username_exists": ("portal_web", "portal_worker"),
    "audit_seal_entries": ("portal_worker",),
    "casework_store_notices": ("portal_web", "portal_worker"),
    "casework_withdraw_notices": ("portal_web", "portal_worker"),
    # only a trigger calls it; no role needs the right
    "commandcentre_apply_movement": (),
    "jobs_unclaimed": ("portal_web", "portal_worker"),
    "proposals_count_affected": ("portal_web", "portal_worker"),
    "proposals_attach_partition": ("portal_worker",),
    "proposals_index_partition": ("portal_worker",),
    "proposals_index_names": ("portal_worker",),
    "proposals_lines_above": ("portal_web", "portal_worker"),
    "proposals_create_partition": ("portal_worker",),
    "proposals_already_open": ("portal_web", "portal_worker"),
    "proposals_daily_steps": ("portal_web",),
    "proposals_findings": ("portal_web",),
    # only triggers call them; no role needs the right
    "proposals_add_names": (),
    "proposals_change_name": (),
    "proposals_remove_every_name": (),
    "proposals_remove_names": (),
    "proposals_note_added": (),
    "proposals_note_findings_added": (),
    "proposals_note_findings_changed": (),
    "proposals_note_findings_removed": (),
    "proposals_note_papers_added": (),
    "proposals_note_papers_changed": (),
    "proposals_note_papers_removed": (),
    "proposals_note_minutes_added": (),
    "proposals_note_minutes_changed": (),
    "proposals_note_minutes_removed": (),
    "proposals_note_cycle": (),
    "indicators_note_added": (),
    "indicators_note_changed": (),
    "indicators_note_removed": (),
    "proposals_judge_added": (),
    "proposals_judge_changed": (),
    "proposals_judge_family": (),
    "proposals_judge_noted": ("portal_worker",),
    "proposals_judge_partition": ("portal_worker",),
    "proposals_judge_person": (),
    "proposals_judge_persons_added": (),
    "proposals_judge_removed": (),
    "proposals_note_changed": (),
    "proposals_note_removed": (),
    "proposals_protected_cards": ("portal_web", "portal_worker"),
    "proposals_progress": ("portal_web",),
    # of a row that the caller's scope shows; whether minutes of a cycle count, for any
    "proposals_file_of_row": ("portal_web",),
    "proposals_was_in_cycle": ("portal_web", "portal_worker"),
    "proposals_find_by_nik": ("portal_web", "portal_worker"),
    # keys of rows that the caller's scope shows
    "proposals_find_by_name": ("portal_web",),
    "reconciliation_analyze_partition": ("portal_worker",),
    "reconciliation_attach_partition": ("portal_worker",),
    "reconciliation_drop_partition": ("portal_worker",),
    "reconciliation_index_partition": ("portal_worker",),
    "reconciliation_create_partition": ("portal_worker",),
}
ROLES = ("portal_web", "portal_worker")
# The rights of the two roles and of PUBLIC in the schema, by relation, column and privilege.
# Partitions are accessed through their parent; a right on a partition itself is too much.
_HELD = """
SELECT c.relname, '', coalesce(r.rolname, 'public'), upper(acl.privilege_type)
FROM pg_class c, aclexplode(c.relacl) acl LEFT JOIN pg_roles r ON r.oid = acl.grantee
WHERE c.relnamespace = 'public'::regnamespace
  AND (acl.grantee = 0 OR r.rolname = ANY (%(roles)s))
UNION ALL
SELECT c.relname, a.attname, r.rolname, upper(acl.privilege_type)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid,
     aclexplode(a.attacl) acl JOIN pg_roles r ON r.oid = acl.grantee
WHERE c.relnamespace = 'public'::regnamespace AND r.rolname = ANY (%(roles)s)
"""
_SEQUENCES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'"
)
# The portal's functions that run with their owner's rights; those of extensions are left out.
_FUNCTIONS = """
SELECT p.oid::regprocedure::text, p.proname FROM pg_proc p
WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
# The roles that may call them beside their owner; PUBLIC if no privileges are set.
_CALLERS = """
SELECT p.oid::regprocedure::text, coalesce(r.rolname, 'public')
FROM pg_proc p
     CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) acl
     LEFT JOIN pg_roles r ON r.oid = acl.grantee
WHERE p.oid::regprocedure::text = ANY (%(functions)s) AND acl.grantee <> p.proowner
"""
# Whether a role may do that in a schema (its own, or PUBLIC's); staging belongs to the worker.
_SCHEMAS = (
    ("portal_web", "public", "USAGE"),
    ("portal_worker", "public", "USAGE"),
    ("portal_worker", "staging", "USAGE"),
    ("portal_worker", "staging", "CREATE"),
)
_RIGHT = re.compile(r"(\w+)(?: \(([^)]*)\))?")


class Right(NamedTuple):
    """One privilege of one role on a relation, or on one of its columns."""

    relation: str
    column: str
    role: str
    privilege: str


def tables() -> set[str]:
    """Every ordinary or partitioned table and view of the schema, partitions left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition"
            " AND relname NOT IN ('geometry_columns', 'geography_columns')"
        )
        return {name for (name,) in cursor.fetchall()}


def apply() -> None:
    """Make the roles' privileges equal to the list. Runs as the owner.

    Locks: none on a table. A right that stays is never missing: other sessions see only the result.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        _open_schemas(cursor)
        sequences = _names(cursor, _SEQUENCES)
        wanted = _wanted(tables(), sequences)
        everybodys, held = _held(cursor)
        _each(cursor, "REVOKE {} ON {} {} FROM {}", held - wanted, sequences)
        # revoking a table's right also revokes it on its columns
        everybodys, held = _held(cursor)
        missing = {
            right for right in wanted - held if right._replace(role="public") not in everybodys
        }
        _each(cursor, "GRANT {} ON {} {} TO {}", missing, sequences)
        _apply_to_functions(cursor)


def _open_schemas(cursor: Any) -> None:
    cursor.execute("SELECT to_regnamespace('staging') IS NULL")
    if cursor.fetchone()[0]:
        cursor.execute("CREATE SCHEMA staging")
    cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_namespace, aclexplode(nspacl) acl"
        " WHERE nspname = 'public' AND acl.grantee = 0)"
    )
    if cursor.fetchone()[0]:
        cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for role, schema, right in _SCHEMAS:
        cursor.execute("SELECT has_schema_privilege(%s, %s, %s)", [role, schema, right])
        if not cursor.fetchone()[0]:
            cursor.execute(
                sql.SQL("GRANT {} ON SCHEMA {} TO {}").format(
                    sql.SQL(right), sql.Identifier(schema), sql.Identifier(role)
                )
            )


def _apply_to_functions(cursor: Any) -> None:
    cursor.execute(_FUNCTIONS)
    functions = dict(cursor.fetchall())
    wanted = {(one, role) for one, name in functions.items() for role in FUNCTIONS.get(name, ())}
    cursor.execute(_CALLERS, {"functions": list(functions)})
    held = set(cursor.fetchall())
    for statement, callers in (
        ("REVOKE ALL ON FUNCTION {} FROM {}", held - wanted),
        ("GRANT EXECUTE ON FUNCTION {} TO {}", wanted - held),
    ):
        for function, role in sorted(callers):
            # PostgreSQL itself quotes the signature; PUBLIC is a keyword and not the name of a role
            whom = sql.SQL("PUBLIC") if role == "public" else sql.Identifier(role)
            cursor.execute(sql.SQL(statement).format(sql.SQL(function), whom))


def _names(cursor: Any, statement: str) -> set[str]:
    cursor.execute(statement)
    return {name for (name,) in cursor.fetchall()}


def _wanted(existing: set[str], sequences: set[str]) -> set[Right]:
    listed = {
        Right(table, column.strip(), role, privilege)
        for table, rights in PRIVILEGES.items()
        if table in existing
        for role, right in zip(ROLES, rights, strict=True)
        for privilege, columns in _RIGHT.findall(right)
        for column in columns.split(",")
    }
    return listed | {Right(name, "", role, "USAGE") for name in sequences for role in ROLES}


def _held(cursor: Any) -> tuple[set[Right], set[Right]]:
    """(rights of PUBLIC, rights of the roles)."""
    cursor.execute(_HELD, {"roles": list(ROLES)})
    rights = {Right(*row) for row in cursor.fetchall()}
    everybodys = {right for right in rights if right.role == "public"}
    return everybodys, rights - everybodys


def _each(cursor: Any, statement: str, rights: set[Right], sequences: set[str]) -> None:
    """Run one statement for each relation and role."""
    by_place: dict[tuple[str, str], list[Right]] = {}
    for right in sorted(rights):
        by_place.setdefault((right.relation, right.role), []).append(right)
    for (relation, role), some in by_place.items():
        cursor.execute(
            sql.SQL(statement).format(
                sql.SQL(", ").join(map(_clause, some)),
                sql.SQL("SEQUENCE" if relation in sequences else "TABLE"),
                sql.Identifier("public", relation),
                sql.Identifier(role),
            )
        )


def _clause(right: Right) -> sql.Composable:
    if not right.column:
        return sql.SQL(right.privilege)
    return sql.SQL("{} ({})").format(sql.SQL(right.privilege), sql.Identifier(right.column))
