"""Roles and what they may do. Roles are code: they are not edited at run time."""

from __future__ import annotations

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.regions.models import Level


class Permission(StrEnum):
    """What can be allowed, in the form of Django's `has_perm`: `app.verb_noun`."""

    VIEW_PROGRESS = "proposals.view_progress"
    VIEW_BATCH = "proposals.view_batch"
    UPLOAD_BATCH = "proposals.upload_batch"
    VIEW_PROPOSAL = "proposals.view_proposal"
    VERIFY_PROPOSAL = "proposals.verify_proposal"
    ENDORSE_PROPOSAL = "proposals.endorse_proposal"
    ACCEPT_PROPOSAL = "proposals.accept_proposal"
    DETERMINE_PROPOSAL = "proposals.determine_proposal"
    VIEW_DECREE = "proposals.view_decree"
    VIEW_PERSON = "registry.view_person"
    REVEAL_NIK = "registry.reveal_nik"
    PROPOSE_CHANGE = "registry.propose_change"
    VIEW_ACCESS_TRAIL = "registry.view_access_trail"
    VIEW_EDITION = "regions.view_boundaryedition"
    MANAGE_EDITION = "regions.manage_edition"
    VIEW_REGION = "regions.view_region"
    VIEW_JOB = "jobs.view_job"
    MANAGE_JOB = "jobs.manage_job"
    VIEW_USER = "accounts.view_user"
    MANAGE_USER = "accounts.manage_user"
    MANAGE_GRANT = "accounts.manage_grant"
    MANAGE_CLIENT = "accounts.manage_client"
    VIEW_CYCLE = "casework.view_cycle"
    MANAGE_CYCLE = "casework.manage_cycle"
    VIEW_ENTRY = "audit.view_entry"
    VIEW_RUN = "reconciliation.view_run"
    MANAGE_SOURCE = "reconciliation.manage_source"
    RUN_LINKAGE = "reconciliation.run_linkage"
    REVIEW_PAIR = "reconciliation.review_pair"
    VIEW_CONFLICT = "reconciliation.view_conflict"
    ANSWER_CONFLICT = "reconciliation.answer_conflict"
    RESOLVE_CONFLICT = "reconciliation.resolve_conflict"
    VIEW_HAZARD = "commandcentre.view_hazard"
    MANAGE_HAZARD = "commandcentre.manage_hazard"
    VIEW_FACILITY = "commandcentre.view_facility"
    VIEW_RESPONDER = "commandcentre.view_responder"
    MANAGE_FACILITY = "commandcentre.manage_facility"
    MANAGE_RESPONDER = "commandcentre.manage_responder"
    VIEW_INDICATOR = "indicators.view_indicator"
    MANAGE_INDICATOR = "indicators.manage_indicator"
    ANSWER_POCKET = "indicators.answer_pocket"
    ALLOW_HOST = "indicators.allow_host"


class Role(models.TextChoices):
    VILLAGE_OFFICER = "village_officer", _("Village officer")
    DISTRICT_MONITOR = "district_monitor", _("District monitor")
    REGENCY_OFFICER = "regency_officer", _("Regency officer")
    VERIFIER = "verifier", _("Verifier")
    HEAD_OF_OFFICE = "head_of_office", _("Head of office")
    USER_ADMINISTRATOR = "user_administrator", _("User administrator")
    PROVINCE_MONITOR = "province_monitor", _("Province monitor")
    PUSDATIN_VERIFIER = "pusdatin_verifier", _("Pusdatin verifier")
    DETERMINER = "determiner", _("Determiner")
    STEWARD = "steward", _("Data steward")
    OPERATOR = "operator", _("Command centre operator")
    PLANNER = "planner", _("Planner")
    DATA_PROTECTION_OFFICER = "data_protection_officer", _("Data protection officer")
    ADMINISTRATOR = "administrator", _("Administrator")
    AGENCY = "agency", _("Agency (API)")


# Must not be combined in one person (Kepmensos 73/HUK/2024). Regional officers are not Kemensos
# staff, so none of them may hold a national role.
REGIONAL_ROLES = [
    Role.VILLAGE_OFFICER,
    Role.DISTRICT_MONITOR,
    Role.REGENCY_OFFICER,
    Role.VERIFIER,
    Role.HEAD_OF_OFFICE,
    Role.USER_ADMINISTRATOR,
    Role.PROVINCE_MONITOR,
]

# The highest level at which a role may be granted; a region below it is fine.
LEVEL_OF_ROLE: dict[Role, Level] = {
    Role.VILLAGE_OFFICER: Level.VILLAGE,
    Role.DISTRICT_MONITOR: Level.DISTRICT,
    Role.REGENCY_OFFICER: Level.REGENCY,
    Role.VERIFIER: Level.REGENCY,
    Role.HEAD_OF_OFFICE: Level.REGENCY,
    Role.USER_ADMINISTRATOR: Level.REGENCY,
    Role.PROVINCE_MONITOR: Level.PROVINCE,
    Role.AGENCY: Level.COUNTRY,
}
NATIONAL_ROLES = [role for role in Role if role not in LEVEL_OF_ROLE]

_P = Permission
_LOOK = {_P.VIEW_PROGRESS, _P.VIEW_BATCH, _P.VIEW_PROPOSAL, _P.VIEW_CYCLE, _P.VIEW_REGION} | {
    _P.VIEW_INDICATOR
}
_LOOK_NATIONAL = _LOOK | {_P.VIEW_EDITION, _P.VIEW_DECREE, _P.VIEW_PERSON, _P.VIEW_JOB}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VILLAGE_OFFICER: frozenset(_LOOK | {_P.UPLOAD_BATCH, _P.PROPOSE_CHANGE}),
    Role.DISTRICT_MONITOR: frozenset(_LOOK),
    Role.REGENCY_OFFICER: frozenset(
        _LOOK
        | {_P.UPLOAD_BATCH, _P.PROPOSE_CHANGE, _P.VIEW_PERSON, _P.REVEAL_NIK}
        | {_P.VIEW_CONFLICT, _P.ANSWER_CONFLICT, _P.ANSWER_POCKET}
    ),
    Role.VERIFIER: frozenset(
        _LOOK | {_P.VERIFY_PROPOSAL, _P.VIEW_PERSON, _P.REVEAL_NIK} | {_P.VIEW_CONFLICT}
    ),
    Role.HEAD_OF_OFFICE: frozenset(_LOOK | {_P.ENDORSE_PROPOSAL, _P.VIEW_PERSON, _P.VIEW_DECREE}),
    Role.USER_ADMINISTRATOR: frozenset(
        {_P.VIEW_PROGRESS, _P.VIEW_CYCLE, _P.VIEW_REGION, _P.VIEW_USER, _P.MANAGE_USER}
        | {_P.MANAGE_GRANT}
    ),
    Role.PROVINCE_MONITOR: frozenset(
        {_P.VIEW_PROGRESS, _P.VIEW_CYCLE, _P.VIEW_REGION, _P.VIEW_INDICATOR}
    ),
    Role.PUSDATIN_VERIFIER: frozenset(
        _LOOK_NATIONAL | {_P.UPLOAD_BATCH, _P.ACCEPT_PROPOSAL, _P.REVEAL_NIK, _P.MANAGE_EDITION}
    ),
    Role.DETERMINER: frozenset(
        _LOOK_NATIONAL | {_P.UPLOAD_BATCH, _P.DETERMINE_PROPOSAL, _P.REVEAL_NIK}
    ),
    Role.STEWARD: frozenset(
        _LOOK_NATIONAL
        | {_P.UPLOAD_BATCH, _P.REVEAL_NIK, _P.VIEW_RUN, _P.MANAGE_SOURCE, _P.RUN_LINKAGE}
        | {_P.REVIEW_PAIR, _P.VIEW_CONFLICT, _P.RESOLVE_CONFLICT}
    ),
    Role.OPERATOR: frozenset(
        {_P.VIEW_PROGRESS, _P.VIEW_CYCLE, _P.VIEW_REGION, _P.VIEW_EDITION}
        | {_P.VIEW_HAZARD, _P.MANAGE_HAZARD, _P.VIEW_FACILITY, _P.VIEW_RESPONDER}
        | {_P.MANAGE_FACILITY, _P.MANAGE_RESPONDER}
        | {_P.VIEW_INDICATOR}
    ),
    Role.PLANNER: frozenset(
        {_P.VIEW_PROGRESS, _P.VIEW_CYCLE, _P.VIEW_REGION, _P.VIEW_EDITION, _P.VIEW_HAZARD}
        | {_P.VIEW_INDICATOR, _P.MANAGE_INDICATOR}
    ),
    Role.DATA_PROTECTION_OFFICER: frozenset(
        {_P.VIEW_CYCLE, _P.VIEW_REGION, _P.VIEW_PERSON, _P.VIEW_ACCESS_TRAIL, _P.VIEW_ENTRY}
    ),
    Role.ADMINISTRATOR: frozenset(
        {_P.VIEW_PROGRESS, _P.VIEW_BATCH, _P.UPLOAD_BATCH, _P.VIEW_EDITION, _P.MANAGE_EDITION}
        | {_P.VIEW_REGION, _P.VIEW_JOB, _P.MANAGE_JOB, _P.VIEW_USER, _P.MANAGE_USER}
        | {_P.MANAGE_GRANT, _P.MANAGE_CLIENT, _P.VIEW_CYCLE, _P.MANAGE_CYCLE}
        | {_P.ALLOW_HOST}
    ),
    Role.AGENCY: frozenset({_P.UPLOAD_BATCH, _P.VIEW_PROPOSAL}),
}

_DECIDES = {_P.VERIFY_PROPOSAL, _P.ENDORSE_PROPOSAL, _P.ACCEPT_PROPOSAL, _P.DETERMINE_PROPOSAL}
# Consecutive steps: no two of them by one person, nor by two accounts given by one person.
CHAIN = (Role.VERIFIER, Role.HEAD_OF_OFFICE, Role.PUSDATIN_VERIFIER, Role.DETERMINER)
# A user who sends for a region, decides or resolves is one person with one account and a NIK.
STEP_ROLES = [
    role
    for role, held in PERMISSIONS.items()
    if not held.isdisjoint(_DECIDES | {_P.RESOLVE_CONFLICT})
    or (role in REGIONAL_ROLES and _P.UPLOAD_BATCH in held)
]


def neighbours(role: Role) -> list[Role]:
    """The roles of the step before this one's and of the step after it."""
    if role not in CHAIN:
        return []
    at = CHAIN.index(role)
    return [*CHAIN[max(0, at - 1) : at], *CHAIN[at + 1 : at + 2]]
