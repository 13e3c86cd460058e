"""Who may ask what: one written line for every address of the portal.

`ask` and `send` say who may GET and POST: everybody, whoever is signed in and holds a grant, those
who hold one of these permissions, or nobody. `sees` is asked besides: who does not see the page of
the object cannot act on it. `target` is the kind of object in the address; where it belongs to a
regency, it does not exist outside the scope of the asking person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.accounts.roles import LEVEL_OF_ROLE
from apps.accounts.roles import Permission as P

EVERYBODY = "everybody"
STAFF = "staff"
SIGNED_OUT = "signed out"  # Django sends them on to the index
NOBODY = "nobody"
AGENCY = "agency"
Who = str | frozenset[P]


@dataclass(frozen=True)
class Line:
    ask: Who
    send: Who = NOBODY
    target: str = ""
    parameter: str = "object_id"
    extra: tuple[tuple[str, str], ...] = ()
    is_regional: bool = True
    sees: Who = EVERYBODY
    query: str = ""

    def asks_sender(self, who: Who, role: str) -> bool:
        """Whether a role that may ask is not the sender's office of the objects' batches."""
        return self.is_by_sender and who == UPLOAD and role not in LEVEL_OF_ROLE

    @property
    def is_by_sender(self) -> bool:
        """Whether more than a permission is needed: one's own batch, or one's office's."""
        return self.target in ("batch", "fix", "batch_photo") and UPLOAD in (self.ask, self.send)


def may(*permissions: P) -> frozenset[P]:
    return frozenset(permissions)


STEPS = may(P.VERIFY_PROPOSAL, P.ENDORSE_PROPOSAL, P.ACCEPT_PROPOSAL, P.DETERMINE_PROPOSAL)
DECIDERS = STEPS | {P.UPLOAD_BATCH}
SEE_EDITION = may(P.VIEW_EDITION, P.MANAGE_EDITION)
CLIENTS, EDITION = may(P.MANAGE_CLIENT), may(P.MANAGE_EDITION)
SEE_USER = may(P.VIEW_USER, P.MANAGE_USER)
SEE_DECREE = may(P.VIEW_DECREE, P.DETERMINE_PROPOSAL)
SEE_JOB = may(P.VIEW_JOB, P.MANAGE_JOB)
SEE_CYCLE = may(P.VIEW_CYCLE, P.MANAGE_CYCLE)
UPLOAD = may(P.UPLOAD_BATCH)
RUNS, STEER, REVIEW = may(P.VIEW_RUN), may(P.RUN_LINKAGE), may(P.REVIEW_PAIR)
A_RUN: dict[str, Any] = {"target": "run", "is_regional": False}
A_PAIR: dict[str, Any] = {"target": "pair", "is_regional": False}
CONFLICT = may(P.VIEW_CONFLICT)
RESOLVE = may(P.RESOLVE_CONFLICT)
SOURCES, SEE_SOURCE = may(P.MANAGE_SOURCE), may(P.VIEW_RUN, P.MANAGE_SOURCE)
A_SOURCE: dict[str, Any] = {"target": "source", "parameter": "code", "is_regional": False}
A_DATASET: dict[str, Any] = {"target": "dataset", "parameter": "dataset_id", "is_regional": False}
HAZARD, HANDLE_HAZARD = may(P.VIEW_HAZARD), may(P.MANAGE_HAZARD)
A_HAZARD: dict[str, Any] = {"target": "hazard", "parameter": "hazard_id", "is_regional": False}
A_REPORT: dict[str, Any] = {
    "target": "situation_report", "parameter": "report_id", "is_regional": False,
}  # fmt: skip
A_PLAN: dict[str, Any] = {"target": "plan", "parameter": "plan_id", "is_regional": False}
INDICATOR, FIGURES = may(P.VIEW_INDICATOR), may(P.MANAGE_INDICATOR)
HOSTS = may(P.ALLOW_HOST)
A_SERVICE: dict[str, Any] = {"target": "service", "parameter": "name", "is_regional": False}
SEE_INDICATOR = may(P.VIEW_INDICATOR, P.MANAGE_INDICATOR)
A_RELEASE: dict[str, Any] = {
    "target": "release", "parameter": "release_id", "is_regional": False,
}  # fmt: skip
A_PUBLICATION: dict[str, Any] = {
    "target": "publication", "parameter": "publication_id", "is_regional": False,
}  # fmt: skip
DRAFT: dict[str, Any] = {"target": "draft", "parameter": "draft_id"}
A_KEY = "00000000-0000-4000-8000-000000000000"
BATCH, PROPOSAL, PERSON = may(P.VIEW_BATCH), may(P.VIEW_PROPOSAL), may(P.VIEW_PERSON)
INDICATOR, PLANS = may(P.VIEW_INDICATOR), may(P.MANAGE_INDICATOR)
A_POCKET: dict[str, Any] = {
    "target": "pocket_edition",
    "parameter": "edition_id",
    "is_regional": False,
}
OPEN_POCKETS = (("name", "pocket-villages"),)
FACILITY, RESPONDER = may(P.VIEW_FACILITY), may(P.VIEW_RESPONDER)
UPLOADS = may(P.MANAGE_FACILITY, P.MANAGE_RESPONDER, P.MANAGE_HAZARD)
AN_UPLOAD: dict[str, Any] = {
    "target": "office_upload",
    "parameter": "office_upload_id",
    "is_regional": False,
}
A_STORE: dict[str, Any] = {"target": "facility", "parameter": "facility_id", "is_regional": False}
A_TILE = (("z", "12"), ("x", "3299"), ("y", "2136"))

TABLE: dict[str, Line] = {
    # --- open ---
    "livez": Line(EVERYBODY),
    "readyz": Line(EVERYBODY),
    "help": Line(EVERYBODY),
    "help_chapter": Line(EVERYBODY, extra=(("number", "1"),)),
    "language": Line(NOBODY, EVERYBODY),
    "login": Line(EVERYBODY, EVERYBODY),
    "logout": Line(NOBODY, EVERYBODY),
    "home": Line(STAFF),
    "progress": Line(may(P.VIEW_PROGRESS)),
    "progress-trend": Line(PROPOSAL),
    "progress-findings": Line(PROPOSAL),
    "progress-steps": Line(PROPOSAL),
    "status": Line(may(P.VIEW_JOB, P.MANAGE_JOB)),
    "schema": Line(EVERYBODY),
    "api-docs": Line(EVERYBODY),
    "place-search": Line(STAFF),
    "password_change": Line(STAFF, STAFF),
    # nobody waits between password and second factor here: all are led to the sign-in
    "second_factor": Line(NOBODY, NOBODY),
    "factor_setup": Line(STAFF, STAFF),
    "passkey_add": Line(NOBODY, STAFF),
    "recovery_codes": Line(STAFF, STAFF),
    "confirm": Line(STAFF, STAFF),
    "profile": Line(STAFF, STAFF),
    "sessions": Line(STAFF, STAFF),
    "session": Line(EVERYBODY, EVERYBODY),
    # --- the command centre ---
    "commandcentre:board": Line(HAZARD),
    "commandcentre:refused": Line(HAZARD),
    "commandcentre:scenario": Line(HANDLE_HAZARD, HANDLE_HAZARD),
    "commandcentre:draw": Line(HANDLE_HAZARD, HANDLE_HAZARD),
    "commandcentre:hazard": Line(HAZARD, **A_HAZARD),
    "commandcentre:hazard-shapes": Line(HAZARD, **A_HAZARD),
    "commandcentre:hazard-villages": Line(HAZARD, extra=(("ending", "csv"),), **A_HAZARD),
    "commandcentre:hazard-clusters": Line(HAZARD, extra=(("ending", "csv"),), **A_HAZARD),
    "commandcentre:hazard-acknowledge": Line(NOBODY, HANDLE_HAZARD, **A_HAZARD),
    "commandcentre:hazard-assign": Line(NOBODY, HANDLE_HAZARD, **A_HAZARD),
    "commandcentre:hazard-close": Line(NOBODY, HANDLE_HAZARD, **A_HAZARD),
    "commandcentre:hazard-reopen": Line(NOBODY, HANDLE_HAZARD, **A_HAZARD),
    "commandcentre:hazard-assess": Line(NOBODY, HANDLE_HAZARD, **A_HAZARD),
    **{
        f"admin:commandcentre_{name}_{page}": line
        for name in ("facility", "stockitem", "good")
        for page, line in {
            "changelist": Line(FACILITY, FACILITY),
            "add": Line(NOBODY),
            "change": Line(FACILITY, target=name, is_regional=False),
            "history": Line(NOBODY, target=name, is_regional=False),
        }.items()
    },
    "admin:commandcentre_responder_changelist": Line(RESPONDER, RESPONDER),
    "admin:commandcentre_responder_add": Line(NOBODY),
    "admin:commandcentre_responder_change": Line(RESPONDER, target="responder", is_regional=False),
    "admin:commandcentre_responder_history": Line(NOBODY, target="responder", is_regional=False),
    "commandcentre:events": Line(HAZARD),
    "commandcentre:calls": Line(RESPONDER, extra=(("code", "97.01.01.2001"),), **A_HAZARD),
    "commandcentre:call-log": Line(
        NOBODY, HANDLE_HAZARD, extra=(("code", "97.01.01.2001"),), **A_HAZARD
    ),
    # a device's cookie opens these, no user (tests/commandcentre/walls)
    "commandcentre:wall": Line(NOBODY),
    "commandcentre:wall-events": Line(NOBODY),
    "commandcentre:wall-map": Line(NOBODY, **A_HAZARD),
    "commandcentre:walls": Line(HANDLE_HAZARD, HANDLE_HAZARD),
    "commandcentre:wall-end": Line(
        NOBODY, HANDLE_HAZARD, target="wall", parameter="wall_id", is_regional=False
    ),
    "commandcentre:shift": Line(HAZARD),
    **{
        f"commandcentre:shift-{act}": Line(NOBODY, HANDLE_HAZARD)
        for act in ("take", "extend", "hand-over", "note")
    },
    "commandcentre:report": Line(HAZARD, **A_HAZARD),
    "commandcentre:report-pdf": Line(HAZARD, **A_HAZARD),
    "commandcentre:report-cap": Line(HAZARD, **A_HAZARD),
    "commandcentre:report-map": Line(HAZARD, **A_HAZARD),
    "commandcentre:report-issue": Line(NOBODY, HANDLE_HAZARD, **A_HAZARD),
    "commandcentre:issued-report": Line(HANDLE_HAZARD, **A_REPORT),
    "commandcentre:issued-file": Line(HANDLE_HAZARD, extra=(("ending", "pdf"),), **A_REPORT),
    "commandcentre:plan-make": Line(
        NOBODY, HANDLE_HAZARD, target="assessment", parameter="assessment_id", is_regional=False
    ),
    "commandcentre:plan": Line(HANDLE_HAZARD, **A_PLAN),
    "commandcentre:plan-statement-file": Line(HANDLE_HAZARD, target="statement", is_regional=False),
    "commandcentre:plan-statement-withdraw": Line(
        NOBODY, HANDLE_HAZARD, target="statement", is_regional=False
    ),
    **{
        f"commandcentre:plan-{act}": Line(NOBODY, HANDLE_HAZARD, **A_PLAN)
        for act in (
            *("solve", "lock", "capacity", "statement", "reserve", "dispatch", "cancel"),
            *("line", "exclude", "other-events"),
            *("dispatch-many", "receive-many", "step-back"),
        )
    },
    "commandcentre:plan-file": Line(
        HANDLE_HAZARD, extra=(("part", "shipments"), ("ending", "csv")), **A_PLAN
    ),
    **{
        f"commandcentre:plan-{act}": Line(
            NOBODY, HANDLE_HAZARD, target="shipment", is_regional=False
        )
        for act in ("receive", "correct")
    },
    # --- published figures: the same for everybody who may see them ---
    "indicators:indicators": Line(INDICATOR),
    "indicators:indicator": Line(
        INDICATOR, target="indicator", parameter="code", is_regional=False
    ),
    "indicators:indicator-new": Line(FIGURES, FIGURES),
    "indicators:indicator-edit": Line(
        FIGURES, FIGURES, target="indicator", parameter="code", is_regional=False
    ),
    "indicators:release": Line(INDICATOR, **A_RELEASE),
    "indicators:release-in-force": Line(NOBODY, FIGURES, **A_RELEASE),
    "indicators:upload": Line(FIGURES, FIGURES),
    "indicators:publications": Line(FIGURES),
    "indicators:publication": Line(FIGURES, **A_PUBLICATION),
    "indicators:publication-progress": Line(FIGURES, **A_PUBLICATION),
    "indicators:publication-columns": Line(FIGURES, FIGURES, **A_PUBLICATION),
    **{
        f"indicators:publication-{act}": Line(NOBODY, FIGURES, **A_PUBLICATION)
        for act in ("answers", "accept", "finish", "again", "discard")
    },
    "indicators:services": Line(FIGURES),
    "indicators:service-new": Line(FIGURES, FIGURES),
    "indicators:service": Line(FIGURES, **A_SERVICE),
    "indicators:service-edit": Line(FIGURES, FIGURES, **A_SERVICE),
    **{
        f"indicators:service-{act}": Line(NOBODY, FIGURES, **A_SERVICE)
        for act in ("sync", "period", "fields", "look", "on", "off")
    },
    "admin:indicators_servicehost_changelist": Line(HOSTS, HOSTS),
    "admin:indicators_servicehost_add": Line(NOBODY),
    "admin:indicators_servicehost_change": Line(HOSTS, target="servicehost", is_regional=False),
    "admin:indicators_servicehost_history": Line(NOBODY, target="servicehost", is_regional=False),
    "admin:indicators_servicehost_allow": Line(
        NOBODY, HOSTS, target="servicehost", is_regional=False
    ),
    "admin:indicators_servicehost_refuse": Line(
        NOBODY, HOSTS, target="servicehost", is_regional=False
    ),
    "admin:indicators_knownname_forget": Line(
        NOBODY, FIGURES, target="knownname", is_regional=False
    ),
    **{
        f"admin:indicators_{name}_{page}": line
        for name, who in {
            **dict.fromkeys(("indicator", "release"), SEE_INDICATOR),
            **dict.fromkeys(("publication", "knownname", "service"), FIGURES),
        }.items()
        for page, line in {
            "changelist": Line(who, who),
            "add": Line(NOBODY),
            "change": Line(who, target=name, is_regional=False),
            "history": Line(NOBODY, target=name, is_regional=False),
        }.items()
    },
    "commandcentre:coverage": Line(HAZARD),
    "commandcentre:coverage-file": Line(HAZARD),
    "commandcentre:coverage-compute": Line(NOBODY, HANDLE_HAZARD),
    "commandcentre:stores": Line(FACILITY),
    "commandcentre:stores-below": Line(FACILITY),
    "commandcentre:stores-expiring": Line(FACILITY),
    "commandcentre:store": Line(FACILITY, **A_STORE),
    "commandcentre:store-minimum": Line(NOBODY, may(P.MANAGE_FACILITY), **A_STORE),
    "commandcentre:store-receive": Line(NOBODY, may(P.MANAGE_FACILITY), **A_STORE),
    "commandcentre:store-loss": Line(NOBODY, may(P.MANAGE_FACILITY), **A_STORE),
    "commandcentre:uploads": Line(UPLOADS),
    "commandcentre:upload-new": Line(UPLOADS, UPLOADS, extra=(("kind", "stock"),)),
    "commandcentre:upload": Line(UPLOADS, **AN_UPLOAD),
    "commandcentre:upload-progress": Line(UPLOADS, **AN_UPLOAD),
    "commandcentre:upload-findings": Line(UPLOADS, **AN_UPLOAD),
    "commandcentre:upload-columns": Line(UPLOADS, UPLOADS, **AN_UPLOAD),
    # --- maps: boundaries are public, proposals within the scope ---
    "maps:thematic": Line(INDICATOR),
    "maps:values": Line(INDICATOR),
    "maps:outlines": Line(INDICATOR),
    "maps:figures": Line(INDICATOR, extra=(("ending", "csv"),)),
    "maps:page": Line(PROPOSAL),
    "maps:layers": Line(EVERYBODY),
    "maps:away": Line(PROPOSAL),
    "maps:proposals": Line(PROPOSAL, extra=A_TILE),
    "maps:villages": Line(EVERYBODY, extra=A_TILE),
    "maps:base": Line(
        EVERYBODY, target="base_layer", parameter="number", extra=A_TILE, is_regional=False
    ),
    "maps:boundaries": Line(
        EVERYBODY, target="layer", parameter="layer", extra=A_TILE, is_regional=False
    ),
    # --- pockets of poverty: aggregates of the register's own are open ---
    "pockets:differences": Line(INDICATOR),
    "pockets:difference-shapes": Line(INDICATOR),
    "pockets:difference-file": Line(INDICATOR, extra=(("ending", "csv"),)),
    "pockets:picture-file": Line(INDICATOR),
    "pockets:editions": Line(INDICATOR),
    "pockets:edition-upload": Line(PLANS, PLANS),
    "pockets:edition-compute": Line(PLANS, PLANS),
    "pockets:edition": Line(INDICATOR, **A_POCKET),
    "pockets:edition-activate": Line(NOBODY, PLANS, **A_POCKET),
    "pockets:edition-day": Line(NOBODY, PLANS, **A_POCKET),
    "pockets:worklists": Line(INDICATOR, PLANS),
    "pockets:worklist": Line(
        INDICATOR, may(P.ANSWER_POCKET), target="pocket_list", parameter="list_id"
    ),
    "pockets:coverage": Line(INDICATOR),
    "pockets:coverage-file": Line(INDICATOR),
    "pockets:open-landing": Line(EVERYBODY),
    "pockets:open-conformance": Line(EVERYBODY),
    "pockets:open-collections": Line(EVERYBODY),
    "pockets:open-collection": Line(EVERYBODY, extra=OPEN_POCKETS),
    "pockets:open-items": Line(EVERYBODY, extra=OPEN_POCKETS),
    "pockets:open-item": Line(
        EVERYBODY, target="open_pocket", parameter="number", extra=OPEN_POCKETS, is_regional=False
    ),
    # --- agencies ---
    "oauth-token": Line(NOBODY, EVERYBODY),
    "oauth-revoke": Line(NOBODY, EVERYBODY),
    "api:proposals": Line(NOBODY, AGENCY),
    "api:proposal": Line(AGENCY, target="sent", parameter="reference"),
    # --- the officers' files ---
    "proposals:batches": Line(BATCH | {P.UPLOAD_BATCH}),
    "proposals:upload-page": Line(may(P.UPLOAD_BATCH), may(P.UPLOAD_BATCH)),
    "proposals:template": Line(may(P.UPLOAD_BATCH)),
    "proposals:batch": Line(BATCH, target="batch", parameter="batch_id"),
    "proposals:batch-progress": Line(BATCH, target="batch", parameter="batch_id"),
    "proposals:batch-resume": Line(
        NOBODY, may(P.UPLOAD_BATCH), target="batch", parameter="batch_id", sees=BATCH
    ),
    "proposals:batch-anyway": Line(
        NOBODY, may(P.UPLOAD_BATCH), target="batch", parameter="batch_id", sees=BATCH
    ),
    "proposals:batch-discard": Line(
        NOBODY, may(P.UPLOAD_BATCH), target="batch", parameter="batch_id", sees=BATCH
    ),
    "proposals:batch-cancel": Line(
        NOBODY, may(P.UPLOAD_BATCH), target="batch", parameter="batch_id", sees=BATCH
    ),
    "proposals:uploads": Line(NOBODY, may(P.UPLOAD_BATCH)),
    # only one's own uploads: these are somebody else's
    "proposals:upload": Line(NOBODY, target="upload", parameter="upload_id"),
    "proposals:upload-finish": Line(NOBODY, target="upload", parameter="upload_id"),
    "proposals:upload-settle": Line(NOBODY, target="upload", parameter="upload_id"),
    "proposals:upload-remove": Line(NOBODY, target="upload", parameter="upload_id"),
    # --- the admin's own ---
    "admin:index": Line(STAFF, STAFF),
    "admin:login": Line(NOBODY),
    "admin:logout": Line(SIGNED_OUT, EVERYBODY),
    "admin:password_change": Line(STAFF, STAFF),
    "admin:password_change_done": Line(STAFF),
    "admin:jsi18n": Line(STAFF),
    "admin:autocomplete": Line(NOBODY),
    "admin:app_list": Line(NOBODY, extra=(("app_label", "proposals"),)),
    "admin:": Line(NOBODY, extra=(("url", "nowhere"),)),
    # --- batches ---
    "admin:proposals_batch_changelist": Line(BATCH),
    "admin:proposals_batch_add": Line(NOBODY),
    "admin:proposals_batch_change": Line(BATCH, target="batch"),
    "admin:proposals_batch_history": Line(NOBODY, target="batch"),
    # --- a checked file ---
    "proposals:batch-points": Line(BATCH, target="batch", parameter="batch_id"),
    "proposals:batch-outlines": Line(BATCH, target="batch", parameter="batch_id"),
    "proposals:batch-finding": Line(
        BATCH, target="batch", parameter="batch_id", extra=(("code", "name_short"),)
    ),
    "proposals:batch-held": Line(BATCH, target="batch", parameter="batch_id"),
    "proposals:batch-download": Line(UPLOAD, target="batch", parameter="batch_id"),
    "proposals:batch-submit": Line(NOBODY, UPLOAD, target="batch", parameter="batch_id"),
    "proposals:batch-row": Line(
        BATCH, UPLOAD, target="batch", parameter="batch_id", extra=(("row_number", "2"),)
    ),
    "proposals:batch-fixes": Line(NOBODY, UPLOAD, target="batch", parameter="batch_id"),
    "proposals:batch-fix": Line(BATCH, target="fix"),
    "proposals:batch-fix-apply": Line(NOBODY, UPLOAD, target="fix"),
    "proposals:batch-fix-undo": Line(NOBODY, UPLOAD, target="fix"),
    "proposals:batch-fix-drop": Line(NOBODY, UPLOAD, target="fix"),
    "proposals:batch-fix-cancel": Line(NOBODY, UPLOAD, target="fix"),
    "proposals:batch-fix-points": Line(BATCH, target="fix"),
    "proposals:batch-mend": Line(UPLOAD, UPLOAD, target="batch", parameter="batch_id"),
    "proposals:batch-dropped": Line(UPLOAD, UPLOAD, target="batch", parameter="batch_id"),
    "proposals:batch-corrections": Line(UPLOAD, UPLOAD, target="batch", parameter="batch_id"),
    "proposals:batch-evidence": Line(BATCH, UPLOAD, target="batch", parameter="batch_id"),
    "proposals:batch-document": Line(BATCH, target="document"),
    # --- photos of houses ---
    "proposals:photo": Line(PROPOSAL, target="photo", parameter="photo_id"),
    "proposals:batch-photos": Line(BATCH, UPLOAD, target="batch", parameter="batch_id"),
    "proposals:batch-photo-remove": Line(NOBODY, UPLOAD, target="batch_photo", sees=BATCH),
    # --- large files: asking needs what a page of one's own has shown; these requests are none ---
    "proposals:exports": Line(STAFF),
    "proposals:exports-ask": Line(NOBODY, STAFF),
    "proposals:exports-answer": Line(NOBODY, may(P.REVEAL_NIK), target="export", parameter="pk"),
    # --- proposals ---
    "admin:proposals_proposal_changelist": Line(PROPOSAL),
    "admin:proposals_proposal_add": Line(NOBODY),
    "admin:proposals_proposal_search": Line(NOBODY, PROPOSAL),
    "admin:proposals_proposal_export": Line(NOBODY, PROPOSAL),
    "admin:proposals_proposal_facets": Line(PROPOSAL),
    "admin:proposals_proposal_find_file": Line(NOBODY, PROPOSAL),
    "admin:proposals_proposal_find_officer": Line(NOBODY, PROPOSAL),
    "admin:proposals_proposal_save": Line(NOBODY, PROPOSAL),
    # one's own alone: this one is nobody's
    "admin:proposals_proposal_remove": Line(
        NOBODY, target="notice", parameter="pk", is_regional=False
    ),
    "admin:proposals_proposal_ask": Line(
        NOBODY, DECIDERS, target="proposal", parameter="pk", sees=PROPOSAL
    ),
    # no question waits for an answer
    "admin:proposals_proposal_answer": Line(NOBODY, target="proposal", parameter="pk"),
    "admin:proposals_proposal_picked": Line(PROPOSAL),
    "admin:proposals_proposal_outlines": Line(PROPOSAL),
    "admin:proposals_proposal_change": Line(PROPOSAL, target="proposal"),
    "admin:proposals_proposal_history": Line(NOBODY, target="proposal"),
    "admin:proposals_proposal_decide": Line(
        NOBODY, DECIDERS, target="proposal", parameter="pk", sees=PROPOSAL
    ),
    "admin:proposals_proposal_undo": Line(
        NOBODY, DECIDERS, target="proposal", parameter="pk", sees=PROPOSAL
    ),
    "admin:proposals_proposal_leave": Line(NOBODY, PROPOSAL, target="proposal", parameter="pk"),
    "admin:proposals_proposal_move": Line(
        NOBODY, DECIDERS, target="proposal", parameter="pk", sees=PROPOSAL
    ),
    "admin:proposals_proposal_delivered": Line(PROPOSAL, target="proposal", parameter="pk"),
    "admin:proposals_proposal_reveal": Line(
        PROPOSAL, may(P.REVEAL_NIK), target="proposal", parameter="pk", sees=PROPOSAL
    ),
    "admin:proposals_proposal_bulk": Line(
        may(P.VERIFY_PROPOSAL), may(P.VERIFY_PROPOSAL), sees=PROPOSAL, query="?step=verify"
    ),
    # only one's own bulk decision: these jobs are somebody else's
    "admin:proposals_proposal_bulk_undo": Line(NOBODY, STEPS, sees=PROPOSAL),
    "admin:proposals_proposal_bulk_left": Line(PROPOSAL),
    "admin:proposals_proposal_bulk_job": Line(NOBODY, target="job", parameter="job_id"),
    "admin:proposals_proposal_civil": Line(
        NOBODY, may(P.ACCEPT_PROPOSAL, P.DETERMINE_PROPOSAL), sees=PROPOSAL
    ),
    # only one's own question
    "admin:proposals_proposal_civil_job": Line(NOBODY, target="job", parameter="job_id"),
    # --- the officers' pages: review ---
    "proposals:review": Line(PROPOSAL),
    "proposals:review_search": Line(NOBODY, PROPOSAL),
    "proposals:review_export": Line(NOBODY, PROPOSAL),
    "proposals:review_facets": Line(PROPOSAL),
    "proposals:review_find_file": Line(NOBODY, PROPOSAL),
    "proposals:review_find_officer": Line(NOBODY, PROPOSAL),
    "proposals:review_save": Line(NOBODY, PROPOSAL),
    # one's own alone: this one is nobody's
    "proposals:review_remove": Line(NOBODY, target="notice", parameter="pk", is_regional=False),
    "proposals:review_ask": Line(
        NOBODY, DECIDERS, target="proposal", parameter="pk", sees=PROPOSAL
    ),
    # no question waits for an answer
    "proposals:review_answer": Line(NOBODY, target="proposal", parameter="pk"),
    "proposals:review_picked": Line(PROPOSAL),
    "proposals:review_outlines": Line(PROPOSAL),
    "proposals:review_bulk": Line(
        may(P.VERIFY_PROPOSAL), may(P.VERIFY_PROPOSAL), sees=PROPOSAL, query="?step=verify"
    ),
    "proposals:review_bulk_undo": Line(NOBODY, STEPS, sees=PROPOSAL),
    "proposals:review_bulk_left": Line(PROPOSAL),
    "proposals:review_bulk_job": Line(NOBODY, target="job", parameter="job_id"),
    "proposals:review_delivered": Line(PROPOSAL, target="proposal", parameter="pk"),
    "proposals:review_row": Line(PROPOSAL, target="proposal", parameter="pk"),
    "proposals:review_decide": Line(
        NOBODY, DECIDERS, target="proposal", parameter="pk", sees=PROPOSAL
    ),
    "proposals:review_undo": Line(
        NOBODY, DECIDERS, target="proposal", parameter="pk", sees=PROPOSAL
    ),
    "proposals:review_leave": Line(NOBODY, PROPOSAL, target="proposal", parameter="pk"),
    "proposals:review_move": Line(
        NOBODY, DECIDERS, target="proposal", parameter="pk", sees=PROPOSAL
    ),
    "proposals:review_reveal": Line(
        PROPOSAL, may(P.REVEAL_NIK), target="proposal", parameter="pk", sees=PROPOSAL
    ),
    # --- returned proposals (the table's is not returned: nobody's), notices ---
    "proposals:families": Line(may(P.UPLOAD_BATCH), may(P.UPLOAD_BATCH)),
    "proposals:returned": Line(may(P.UPLOAD_BATCH)),
    "proposals:returned_row": Line(NOBODY, NOBODY, target="proposal", parameter="pk"),
    "proposals:returned_point": Line(NOBODY, NOBODY, target="proposal", parameter="pk"),
    "proposals:returned_outlines": Line(NOBODY, target="proposal", parameter="pk"),
    "proposals:returned_withdraw": Line(NOBODY, NOBODY, target="proposal", parameter="pk"),
    "proposals:row-evidence": Line(
        UPLOAD, UPLOAD, target="proposal", parameter="pk", sees=PROPOSAL
    ),
    "proposals:row-document": Line(PROPOSAL, target="row_document", sees=BATCH),
    "proposals:notices": Line(STAFF),
    "proposals:notices_read": Line(NOBODY, STAFF),
    "proposals:notices_mail": Line(NOBODY, STAFF),
    # one's own alone: these notices are somebody else's
    "proposals:notice": Line(NOBODY, target="notice", parameter="pk", is_regional=False),
    # --- the form: a draft is its own person's, and these are somebody else's ---
    "proposals:form-new": Line(may(P.UPLOAD_BATCH), may(P.UPLOAD_BATCH)),
    "proposals:form-section": Line(NOBODY, **DRAFT, extra=(("section", "family"),)),
    "proposals:form-point": Line(NOBODY, **DRAFT),
    "proposals:form-outlines": Line(NOBODY, **DRAFT),
    "proposals:form-remarks": Line(NOBODY, **DRAFT),
    "proposals:form-photos": Line(NOBODY, **DRAFT),
    "proposals:form-photo-part": Line(NOBODY, **DRAFT, extra=(("key", A_KEY),)),
    "proposals:form-photo-finish": Line(NOBODY, **DRAFT, extra=(("key", A_KEY),)),
    "proposals:form-photo-remove": Line(NOBODY, **DRAFT, extra=(("photo_id", "1"),)),
    "proposals:form-submit": Line(NOBODY, **DRAFT),
    "proposals:form-delete": Line(NOBODY, **DRAFT),
    # --- removals and corrections of registered persons; what was sent is its sender's alone ---
    "proposals:change-find": Line(may(P.PROPOSE_CHANGE), may(P.PROPOSE_CHANGE)),
    "proposals:change-propose": Line(
        may(P.PROPOSE_CHANGE),
        may(P.PROPOSE_CHANGE),
        target="person",
        parameter="person_id",
        extra=(("kind", "removal"),),
    ),
    "proposals:row-paper": Line(PROPOSAL, target="paper", parameter="paper_id"),
    "proposals:row-paper-add": Line(
        NOBODY, UPLOAD, target="proposal", parameter="pk", sees=PROPOSAL
    ),
    "proposals:change-sent": Line(NOBODY, target="batch", parameter="batch_id"),
    # --- sources and deliveries of other ministries: national people alone ---
    "reconciliation:sources": Line(SEE_SOURCE),
    "reconciliation:source-new": Line(SOURCES, SOURCES),
    "reconciliation:source": Line(SEE_SOURCE, SOURCES, **A_SOURCE),
    "reconciliation:source-activate": Line(NOBODY, SOURCES, **A_SOURCE),
    "reconciliation:dataset-upload": Line(SOURCES, SOURCES, **A_SOURCE),
    "reconciliation:dataset": Line(may(P.VIEW_RUN), **A_DATASET),
    "reconciliation:dataset-progress": Line(may(P.VIEW_RUN), **A_DATASET),
    "reconciliation:dataset-columns": Line(SOURCES, SOURCES, **A_DATASET),
    "reconciliation:dataset-resume": Line(NOBODY, SOURCES, **A_DATASET),
    "reconciliation:dataset-cancel": Line(NOBODY, SOURCES, **A_DATASET),
    "reconciliation:dataset-take-back": Line(NOBODY, SOURCES, **A_DATASET),
    "admin:reconciliation_source_changelist": Line(may(P.VIEW_RUN), may(P.VIEW_RUN)),
    "admin:reconciliation_source_add": Line(NOBODY),
    "admin:reconciliation_source_change": Line(may(P.VIEW_RUN), target="source", is_regional=False),
    "admin:reconciliation_source_history": Line(NOBODY, target="source", is_regional=False),
    "admin:reconciliation_dataset_changelist": Line(may(P.VIEW_RUN), may(P.VIEW_RUN)),
    "admin:reconciliation_dataset_add": Line(NOBODY),
    "admin:reconciliation_dataset_change": Line(
        may(P.VIEW_RUN), target="dataset", is_regional=False
    ),
    "admin:reconciliation_dataset_history": Line(NOBODY, target="dataset", is_regional=False),
    # --- reconciliation: national people alone ---
    "reconciliation:overview": Line(RUNS),
    "reconciliation:run-start": Line(STEER, STEER),
    "reconciliation:run": Line(RUNS, **A_RUN),
    "reconciliation:run-progress": Line(RUNS, **A_RUN),
    "reconciliation:run-cancel": Line(NOBODY, STEER, **A_RUN),
    "reconciliation:run-resume": Line(NOBODY, STEER, **A_RUN),
    "reconciliation:run-thresholds": Line(STEER, STEER, **A_RUN),
    "reconciliation:run-quality": Line(RUNS, **A_RUN),
    "reconciliation:run-coverage": Line(RUNS, **A_RUN),
    "reconciliation:run-outlines": Line(RUNS, **A_RUN),
    "reconciliation:run-pairs": Line(RUNS, **A_RUN),
    "reconciliation:review": Line(REVIEW),
    "reconciliation:judge": Line(NOBODY, REVIEW, **A_PAIR),
    "reconciliation:undo": Line(NOBODY, REVIEW, **A_PAIR),
    "reconciliation:pair": Line(RUNS, **A_PAIR),
    "reconciliation:group": Line(RUNS, **A_PAIR),
    # --- decrees ---
    "admin:proposals_decree_changelist": Line(SEE_DECREE, SEE_DECREE),
    "admin:proposals_decree_add": Line(NOBODY),
    "admin:proposals_decree_determine": Line(may(P.DETERMINE_PROPOSAL), may(P.DETERMINE_PROPOSAL)),
    "admin:proposals_decree_change": Line(SEE_DECREE, target="decree"),
    "admin:proposals_decree_history": Line(NOBODY, target="decree"),
    "admin:proposals_decree_progress": Line(SEE_DECREE, target="decree"),
    "admin:proposals_decree_resume": Line(NOBODY, may(P.DETERMINE_PROPOSAL), target="decree"),
    "admin:proposals_decree_annul": Line(
        may(P.DETERMINE_PROPOSAL), may(P.DETERMINE_PROPOSAL), target="decree"
    ),
    "admin:proposals_decree_annex": Line(SEE_DECREE, target="decree", extra=(("kind", "csv"),)),
    # --- questions of reconciliation ---
    "reconciliation:conflicts": Line(CONFLICT),
    "reconciliation:questions": Line(CONFLICT),
    "reconciliation:worklist": Line(CONFLICT, target="worklist", parameter="list_id"),
    "reconciliation:worklist-download": Line(CONFLICT, target="worklist", parameter="list_id"),
    "reconciliation:conflict": Line(
        CONFLICT, may(P.ANSWER_CONFLICT), target="conflict", parameter="pk"
    ),
    "reconciliation:conflict-decide": Line(
        NOBODY, may(P.RESOLVE_CONFLICT), target="conflict", parameter="pk", sees=CONFLICT
    ),
    "reconciliation:conflict-document": Line(CONFLICT, target="evidence"),
    "reconciliation:conflicts-take": Line(may(P.RESOLVE_CONFLICT), may(P.RESOLVE_CONFLICT)),
    # only one's own taking over: these jobs are somebody else's
    "reconciliation:conflicts-job": Line(NOBODY, target="job", parameter="job_id"),
    "reconciliation:survivorship": Line(may(P.RESOLVE_CONFLICT), may(P.RESOLVE_CONFLICT)),
    "reconciliation:person-lock": Line(
        NOBODY, may(P.RESOLVE_CONFLICT), target="person", parameter="person_id"
    ),
    "reconciliation:person-unlock": Line(
        NOBODY, may(P.RESOLVE_CONFLICT), target="person", parameter="person_id"
    ),
    # --- the register ---
    "admin:registry_person_changelist": Line(PERSON, PERSON),
    "admin:registry_person_add": Line(NOBODY),
    "admin:registry_person_change": Line(PERSON, target="person"),
    "admin:registry_person_history": Line(may(P.VIEW_ENTRY), target="person"),
    "admin:registry_person_reveal": Line(PERSON, may(P.REVEAL_NIK), target="person"),
    "admin:registry_person_print": Line(NOBODY, PERSON, target="person"),
    "registry:search": Line(PERSON, PERSON),
    "registry:person": Line(PERSON, target="person", parameter="person_id"),
    "registry:person-reveal": Line(
        PERSON, may(P.REVEAL_NIK), target="person", parameter="person_id"
    ),
    "registry:person-print": Line(NOBODY, PERSON, target="person", parameter="person_id"),
    "admin:registry_programme_changelist": Line(PERSON, PERSON),
    "admin:registry_programme_add": Line(NOBODY),
    "admin:registry_programme_change": Line(PERSON, target="programme", is_regional=False),
    "admin:registry_programme_history": Line(
        may(P.VIEW_ENTRY), target="programme", is_regional=False
    ),
    # --- duplicates of the register: its whole, or nothing ---
    "reconciliation:duplicates": Line(REVIEW),
    "reconciliation:duplicates_merge": Line(RESOLVE, RESOLVE),
    "reconciliation:duplicate": Line(
        REVIEW, RESOLVE, target="duplicate", parameter="pk", is_regional=False
    ),
    "reconciliation:duplicates_job": Line(NOBODY, target="job", parameter="job_id"),
    "reconciliation:merges": Line(REVIEW),
    "reconciliation:merge": Line(
        REVIEW, RESOLVE, target="merge", parameter="change_id", is_regional=False
    ),
    # --- users, grants, agencies ---
    "admin:accounts_user_changelist": Line(SEE_USER, SEE_USER),
    "admin:accounts_user_add": Line(may(P.MANAGE_USER), may(P.MANAGE_USER)),
    "admin:accounts_user_change": Line(SEE_USER, target="user"),
    "admin:accounts_user_history": Line(NOBODY, target="user"),
    "admin:accounts_user_disable": Line(NOBODY, may(P.MANAGE_USER), target="user"),
    "admin:accounts_user_enable": Line(NOBODY, may(P.MANAGE_USER), target="user"),
    "admin:accounts_user_reset_password": Line(NOBODY, may(P.MANAGE_USER), target="user"),
    "admin:accounts_user_reset_factor": Line(may(P.MANAGE_USER), may(P.MANAGE_USER), target="user"),
    "admin:accounts_user_grant": Line(may(P.MANAGE_GRANT), may(P.MANAGE_GRANT), target="user"),
    "admin:accounts_grant_changelist": Line(may(P.MANAGE_GRANT), may(P.MANAGE_GRANT)),
    "admin:accounts_grant_add": Line(NOBODY),
    "admin:accounts_grant_change": Line(may(P.MANAGE_GRANT), target="grant"),
    "admin:accounts_grant_history": Line(NOBODY, target="grant"),
    "admin:accounts_grant_end": Line(NOBODY, may(P.MANAGE_GRANT), target="grant"),
    "admin:accounts_agency_changelist": Line(CLIENTS, CLIENTS),
    "admin:accounts_agency_add": Line(CLIENTS, CLIENTS),
    "admin:accounts_agency_change": Line(CLIENTS, target="agency", is_regional=False),
    "admin:accounts_agency_history": Line(NOBODY, target="agency", is_regional=False),
    "admin:accounts_agency_disable": Line(NOBODY, CLIENTS, target="agency", is_regional=False),
    "admin:accounts_agency_enable": Line(NOBODY, CLIENTS, target="agency", is_regional=False),
    "admin:accounts_agency_client": Line(CLIENTS, CLIENTS, target="agency", is_regional=False),
    "admin:accounts_agency_grant": Line(CLIENTS, CLIENTS, target="agency", is_regional=False),
    "admin:accounts_client_changelist": Line(CLIENTS, CLIENTS),
    "admin:accounts_client_add": Line(NOBODY),
    "admin:accounts_client_change": Line(CLIENTS, target="client", is_regional=False),
    "admin:accounts_client_history": Line(NOBODY, target="client", is_regional=False),
    "admin:accounts_client_disable": Line(NOBODY, CLIENTS, target="client", is_regional=False),
    "admin:accounts_client_enable": Line(NOBODY, CLIENTS, target="client", is_regional=False),
    "admin:accounts_client_renew_secret": Line(NOBODY, CLIENTS, target="client", is_regional=False),
    # --- audit, jobs, cycles ---
    "admin:accounts_readcount_changelist": Line(may(P.VIEW_ENTRY), may(P.VIEW_ENTRY)),
    "admin:accounts_readcount_add": Line(NOBODY),
    "admin:accounts_readcount_change": Line(
        may(P.VIEW_ENTRY), target="readcount", is_regional=False
    ),
    "admin:accounts_readcount_history": Line(
        may(P.VIEW_ENTRY), target="readcount", is_regional=False
    ),
    "admin:accounts_readcount_lift": Line(
        NOBODY, may(P.VIEW_ENTRY), target="readcount", is_regional=False
    ),
    "admin:audit_entry_changelist": Line(may(P.VIEW_ENTRY), may(P.VIEW_ENTRY)),
    "admin:audit_entry_add": Line(NOBODY),
    "admin:audit_entry_change": Line(may(P.VIEW_ENTRY), target="entry"),
    "admin:audit_entry_history": Line(may(P.VIEW_ENTRY), target="entry"),
    "admin:jobs_job_changelist": Line(SEE_JOB, SEE_JOB),
    "admin:jobs_job_add": Line(NOBODY),
    "admin:jobs_job_change": Line(SEE_JOB, target="job"),
    "admin:jobs_job_history": Line(NOBODY, target="job"),
    "admin:jobs_job_resume": Line(NOBODY, may(P.MANAGE_JOB), target="job"),
    "admin:jobs_job_cancel": Line(NOBODY, may(P.MANAGE_JOB), target="job"),
    "admin:casework_cycle_changelist": Line(SEE_CYCLE, SEE_CYCLE),
    "admin:casework_cycle_add": Line(may(P.MANAGE_CYCLE), may(P.MANAGE_CYCLE)),
    "admin:casework_cycle_change": Line(
        SEE_CYCLE, may(P.MANAGE_CYCLE), target="cycle", is_regional=False
    ),
    "admin:casework_cycle_history": Line(may(P.VIEW_ENTRY), target="cycle", is_regional=False),
    # --- regions and boundaries ---
    "admin:regions_region_changelist": Line(may(P.VIEW_REGION), may(P.VIEW_REGION)),
    "admin:regions_region_add": Line(NOBODY),
    "admin:regions_region_change": Line(may(P.VIEW_REGION), target="region", is_regional=False),
    "admin:regions_region_history": Line(may(P.VIEW_ENTRY), target="region", is_regional=False),
    "admin:regions_boundaryedition_changelist": Line(SEE_EDITION, SEE_EDITION),
    "admin:regions_boundaryedition_add": Line(NOBODY),
    "admin:regions_boundaryedition_upload": Line(EDITION, EDITION),
    "admin:regions_boundaryedition_change": Line(SEE_EDITION, target="edition", is_regional=False),
    "admin:regions_boundaryedition_history": Line(NOBODY, target="edition", is_regional=False),
    "admin:regions_boundaryedition_issues": Line(SEE_EDITION, target="edition", is_regional=False),
    "admin:regions_boundaryedition_outlines": Line(
        SEE_EDITION, target="edition", is_regional=False
    ),
    "admin:regions_boundaryedition_progress": Line(
        SEE_EDITION, target="edition", is_regional=False
    ),
    "admin:regions_boundaryedition_activate": Line(
        EDITION, EDITION, target="edition", is_regional=False
    ),
    "admin:regions_boundaryedition_resume": Line(
        NOBODY, EDITION, target="edition", is_regional=False
    ),
}

# Addresses of a batch at which one acts for its sender: whoever sent it, and their office. "whole"
# are those that give whole numbers away: of a colleague's batch only to who may reveal numbers.
BY_SENDER: dict[str, str] = {
    name: "whole" if name.endswith(("batch-download", "batch_download")) else "acts"
    for name, line in TABLE.items()
    if line.is_by_sender
}
