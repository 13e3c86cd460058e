"""What each database role may do: one list, applied after every migration, deny by default.

`web` serves people and sees personal rows only through row-level security; `worker` works for all
regions and may create only in the schema `staging`; the owner migrates. A table that is not listed
is closed to both (a test asks that every table has a line).
"""

from __future__ import annotations

from django.db import connection
from psycopg import sql

READ = "SELECT"
ADD = "SELECT, INSERT"
EDIT = "SELECT, INSERT, UPDATE"
FULL = "SELECT, INSERT, UPDATE, DELETE"
NONE = ""

# Per table what the web may do, and the worker.
PRIVILEGES: dict[str, tuple[str, str]] = {
    # nobody changes or removes an entry; seals are written by the sealing function alone
    "audit_entry": (ADD, ADD),
    "audit_seal": (READ, READ),
    "audit_installation": (READ, ADD),
    "jobs_job": (EDIT, EDIT),
    "jobs_sign": (READ, EDIT),
    "regions_region": (READ, EDIT),
    "regions_foreigncode": (READ, FULL),
    "regions_boundaryedition": (EDIT, EDIT),
    "regions_boundary": (READ, FULL),
    "regions_qualityissue": (READ, FULL),
    "accounts_user": (EDIT, EDIT),
    "accounts_agency": (EDIT, EDIT),
    "accounts_client": (EDIT, EDIT),
    "accounts_grant": (EDIT, EDIT),
    "accounts_readcount": (EDIT, EDIT),
    # a factor goes when it is reset or replaced, a session when it ends; a command may do both
    "mfa_authenticator": (FULL, "SELECT, DELETE"),
    "usersessions_usersession": (FULL, "SELECT, DELETE"),
    "account_emailaddress": (NONE, NONE),
    "account_emailconfirmation": (NONE, NONE),
    "casework_cycle": (EDIT, EDIT),
    # written through casework_tell, since they are for others
    "casework_notice": ("SELECT, UPDATE (read_at)", EDIT),
    "casework_mailpreference": (EDIT, READ),
    "casework_document": (ADD, ADD),
    "casework_worklist": (EDIT, EDIT),
    "registry_programme": (READ, EDIT),
    "registry_change": (READ, ADD + ", UPDATE"),
    "registry_family": (READ, EDIT),
    "registry_person": (READ, EDIT),
    "registry_enrolment": (READ, EDIT),
    # what lost stays; the worker notes when the merge that brought it was undone
    "registry_claim": (READ, ADD + ", UPDATE (undone_id)"),
    "registry_familyevent": (READ, ADD),
    "registry_personevent": (READ, ADD),
    "registry_enrolmentevent": (READ, ADD),
    "proposals_batch": (EDIT, EDIT),
    "proposals_upload": (FULL, FULL),
    # people decide on a proposal; what it says is nobody's to change
    "proposals_proposal": ("SELECT, UPDATE (status, step_by_id, step_at)", FULL),
    "proposals_finding": (READ, FULL),
    "proposals_heldrow": (READ, FULL),
    # people ask for a change of rows, or cancel it; the worker makes it
    "proposals_fix": (ADD + ", UPDATE (status, done_at)", EDIT),
    "proposals_fixedrow": (READ, ADD),
    "proposals_droppedrow": (READ, FULL),
    "proposals_decision": (ADD, ADD),
    # people ask for other values, the worker checks and writes them
    "proposals_amendment": (ADD, EDIT),
    # only the worker asks the civil register and writes what it said
    "proposals_civilmatch": (READ, FULL),
    # the worker compares with the register; people say whether a family moved
    "proposals_registeredmatch": (
        "SELECT, UPDATE (move, move_by_id, move_by_name, move_at)",
        FULL,
    ),
    "proposals_decree": (EDIT, EDIT),
    "proposals_exportrequest": (
        ADD + ", UPDATE (answered_by_id, answered_at, is_granted)",
        READ,
    ),
    # only their own person's; the worker reads them for the checks and empties them when submitted
    "proposals_formdraft": (FULL, FULL),
    "proposals_calendar": (READ, READ),
    "reconciliation_source": (EDIT, EDIT),
    "reconciliation_authority": (FULL, FULL),
    "reconciliation_dataset": (EDIT, EDIT),
    "reconciliation_record": (READ, FULL),
    "reconciliation_pairing": (EDIT, EDIT),
    "reconciliation_run": (EDIT, EDIT),
    # people say what a pair is, the worker finds and ends it
    "reconciliation_candidate": ("SELECT, UPDATE (standing)", FULL),
    # a run takes the answers along to the pair that it found anew
    "reconciliation_judgement": (EDIT, ADD + ", UPDATE (candidate_id)"),
    "reconciliation_conflict": (EDIT, EDIT),
    "reconciliation_answer": (EDIT, EDIT),
    "reconciliation_lock": (EDIT, READ),
    # a client's program claims a key and stores the answer; the tidying removes both after a day
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
ROLES = ("portal_web", "portal_worker")
# Shelves of proposals are reached through their parent; schema staging is the worker's own.
_FRAME = """
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM portal_web, portal_worker;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portal_web, portal_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO portal_web, portal_worker;
CREATE SCHEMA IF NOT EXISTS staging;
GRANT USAGE, CREATE ON SCHEMA staging TO portal_worker;
"""


def tables() -> set[str]:
    """Every ordinary or partitioned table and view of the schema, shelves left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition"
            " AND relname NOT IN ('geometry_columns', 'geography_columns')"
        )
        return {name for (name,) in cursor.fetchall()}


def apply() -> None:
    """Close everything, then open what the list says. Runs as the owner."""
    existing = tables()
    with connection.cursor() as cursor:
        cursor.execute(_FRAME)
        for table, rights in PRIVILEGES.items():
            for role, right in zip(ROLES, rights, strict=True):
                if right and table in existing:
                    cursor.execute(
                        sql.SQL("GRANT {} ON {} TO {}").format(
                            sql.SQL(right),
                            sql.Identifier("public", table),
                            sql.Identifier(role),
                        )
                    )
