"""Every address that takes a form: who sends it, what belongs in it, and which rows it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.utils import timezone

from apps.accounts.models import Agency, Client, Grant, ReadCount, User
from apps.audit.models import Entry
from apps.casework.models import Cycle, Document, MailPreference, Notice, Worklist
from apps.commandcentre.models import (
    Hazard,
    OfficeUpload,
    Plan,
    PlanNeed,
    ReportFile,
    ShiftEntry,
    Shipment,
    SituationReport,
    StockItem,
    StockMovement,
    Wall,
)
from apps.indicators.models import (
    Indicator,
    PocketDifference,
    PocketEdition,
    Publication,
    Release,
    Service,
    ServiceHost,
)
from apps.jobs.models import Event, Job
from apps.proposals.columns import COLUMNS
from apps.proposals.models import (
    Batch,
    Decision,
    Decree,
    ExportRequest,
    Fix,
    FormDraft,
    HousePhoto,
    PhotoArchive,
    Proposal,
    Question,
    SavedFilter,
    Upload,
)
from apps.reconciliation.deliveries.columns import COLUMNS as OURS
from apps.reconciliation.deliveries.sources import FIELDS
from apps.reconciliation.models import (
    Answer,
    Authority,
    Conflict,
    Dataset,
    Judgement,
    Lock,
    Pairing,
    RecordPair,
    Run,
    Source,
)
from apps.regions.models import BoundaryEdition, Region
from apps.registry.models import Change, Person, Programme
from tests.personas import OWN, PASSWORD

PERIOD = {"region_code": OWN, "region": OWN, "region_text": "", "until": "2027-06-30"}
VILLAGES = PERIOD | {"region_code": f"{OWN}.01", "region": f"{OWN}.01"}
AGENCY = {"code": "bps", "name": "BPS", "legal_basis": "UU", "purpose": "Statistik", **PERIOD}
NEW_USER = {"username": "petugas.baru", "full_name": "Petugas Baru", "email": ""}
NEW_USER |= {"nik": "9701010101779001"}
NEW_PASSWORD = "kata-sandi-uji-coba-lain"  # noqa: S105 (made up, tests only)
TODAY = f"{timezone.localdate():%d-%m-%Y}"
STEP = {"step": "verify", "reason": "", "note": ""}
DATES = {"opens_date": "2026-12-01", "cutoff_date": "2026-12-30", "draw_date": "2026-12-31"}
SOURCE = {
    **{"name": "Kementerian lain", "kind": "poverty", "ministry": "K", "purpose": "Padan"},
    **{"legal_basis": "UU", "refresh_days": "90", "programme": "PKH", "limit_desil": "4"},
    **{"is_one_to_one": "on", "needs_two": "on", "sample_percent": "5", "code_system": "bps"},
}
RANKS = {f"rank_{name}": "" for name in FIELDS} | {"rank_name": "3"}
CHOICES = {f"column_{name}": "" for name in OURS} | {
    "column_source_ref": "0", "column_nik": "1", "column_name": "2",
}  # fmt: skip


@dataclass(frozen=True)
class Endpoint:
    """`form` is complete: every field that the page offers. `row` is whose values are compared.

    `is_new`: the form makes that row; `is_changed`: it changes it.
    """

    who: str
    row: type[Model]
    form: Mapping[str, str] = field(default_factory=dict)
    others: tuple[type[Model], ...] = ()
    is_new: bool = False
    is_changed: bool = False
    query: str = ""
    file: str = ""


A_NEW_INDICATOR = {
    "code": "zz-stunting-rate", "name": "Prevalensi stunting", "name_en": "", "kind": "rate",
    "unit": "%", "decimals": "1", "denominator": "balita", "publisher": "Kemenkes", "method": "",
    "is_sensitive": "on", "limits": "open",
}  # fmt: skip
FIGURES_FILE = {
    "source": "BPS", "period": "2021", "published_date": "", "code_system": "kemendagri",
    "vintage": "",
}  # fmt: skip
A_SERVICE = {
    "source": "BPS", "kind": "ogc", "url": "https://data.bps.example/ogc", "layer": "p0",
    "period": "2022", "code_system": "bps", "vintage": "", "interval_s": "604800",
}  # fmt: skip
FORMS = {
    "indicators:indicator-new": Endpoint("planner", Indicator, A_NEW_INDICATOR, is_new=True),
    "indicators:indicator-edit": Endpoint(
        *("planner", Indicator),
        {name: value for name, value in A_NEW_INDICATOR.items() if name != "code"},
        is_changed=True,
    ),
    "indicators:release-in-force": Endpoint("planner", Release, is_changed=True),
    "indicators:upload": Endpoint(
        "planner", Publication, FIGURES_FILE, (Job,), is_new=True, file="figures"
    ),
    "indicators:publication-columns": Endpoint(
        *("planner", Publication),
        {"code_system": "bps", "column_regency_name": "1", "indicator_2": "poverty_gap"},
        (Job,),
        is_changed=True,
    ),
    "indicators:publication-accept": Endpoint("planner", Publication, is_changed=True),
    "indicators:publication-finish": Endpoint("planner", Publication, others=(Job,)),
    "indicators:publication-again": Endpoint(
        "planner", Publication, others=(Job,), is_changed=True
    ),
    "indicators:publication-discard": Endpoint("planner", Publication, is_changed=True),
    "indicators:service-sync": Endpoint("planner", Job, others=(Service,), is_new=True),
    "indicators:service-period": Endpoint("planner", Service, {"period": "2020"}, is_changed=True),
    "indicators:service-new": Endpoint(
        "planner", Service, A_SERVICE | {"name": "zz-baru"}, (ServiceHost,), is_new=True
    ),
    "indicators:service-edit": Endpoint(
        "planner", Service, A_SERVICE, (ServiceHost,), is_changed=True
    ),
    "indicators:service-fields": Endpoint(
        *("planner", Service),
        {"field_0": "column:region_code", "field_1": "value:poverty_gap"},
        is_changed=True,
    ),
    "indicators:service-look": Endpoint("planner", Job, others=(Service,), is_new=True),
    "indicators:service-on": Endpoint("planner", Job, others=(Service,), is_new=True),
    "indicators:service-off": Endpoint("planner", Service, is_changed=True),
    "admin:indicators_servicehost_refuse": Endpoint("administrator", ServiceHost, is_changed=True),
    "commandcentre:plan-make": Endpoint(
        *("operator", Plan, {"days": "3"}), (PlanNeed, Job, Event), is_new=True
    ),
    "commandcentre:plan-solve": Endpoint(
        *("operator", Plan, {"vehicles": ""}), (Job, Event), is_changed=True
    ),
    "commandcentre:plan-reserve": Endpoint(
        *("operator", Plan, {"solved_at": ""}),
        others=(Shipment, Event, StockMovement, StockItem),
        is_changed=True,
    ),
    "commandcentre:plan-cancel": Endpoint(
        *("operator", Plan, {"status": "proposed"}), others=(Shipment, Event), is_changed=True
    ),
    "commandcentre:shift-take": Endpoint(*("operator", ShiftEntry), others=(Event,), is_new=True),
    "commandcentre:shift-note": Endpoint(
        *("operator", ShiftEntry, {"text": "Hujan reda", "hazard": ""}), (Event,), is_new=True
    ),
    "commandcentre:walls": Endpoint("operator", Wall, {"name": "Ruang uji"}, is_new=True),
    "commandcentre:wall-end": Endpoint("operator", Wall, is_changed=True),
    "commandcentre:hazard-acknowledge": Endpoint(
        *("operator", Hazard, {"revision": "1"}), others=(Event, ShiftEntry), is_changed=True
    ),
    "commandcentre:report-issue": Endpoint(
        *("operator", SituationReport, {"corrects": "", "reason": ""}),
        (ReportFile, Event),
        is_new=True,
    ),
    "commandcentre:hazard-close": Endpoint(
        *("operator", Hazard, {"revision": "1"}), others=(Event, ShiftEntry), is_changed=True
    ),
    "commandcentre:hazard-reopen": Endpoint("operator", Hazard, others=(Event, Job)),
    "commandcentre:hazard-assess": Endpoint("operator", Job, others=(Event,), is_new=True),
    "commandcentre:coverage-compute": Endpoint("operator", Job, is_new=True),
    "commandcentre:upload-new": Endpoint(
        *("operator", OfficeUpload, {"code_system": "kemendagri", "day": TODAY, "hour": "00.00"}),
        others=(Job,),
        is_new=True,
        file="stock",
    ),
    "commandcentre:upload-columns": Endpoint(
        "operator",
        OfficeUpload,
        {"column_name": "0", "column_kind": "1", "column_village_code": "2"},
        others=(Job,),
        is_changed=True,
    ),
    "pockets:edition-compute": Endpoint(
        "planner",
        PocketEdition,
        {"name": "Uji", "programmes": "PKH", "per_km2": "5", "percent": "50", "side_m": "500"},
        (Job,),
        is_new=True,
    ),
    "pockets:edition-activate": Endpoint(
        *("planner", PocketEdition), others=(PocketDifference,), is_changed=True
    ),
    "pockets:edition-day": Endpoint(
        *("planner", PocketEdition, {"published_date": "01-07-2026"}), is_changed=True
    ),
    "password_change": Endpoint(
        "verifier",
        User,
        {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
        is_changed=True,
    ),
    "proposals:batch-row": Endpoint(
        *("regency_officer", Fix, dict.fromkeys(COLUMNS, "") | {"seen": "0", "code": ""}),
        (Batch, Job),
        is_new=True,
    ),
    "proposals:batch-corrections": Endpoint(
        "regency_officer", Fix, others=(Batch, Job), is_new=True, file="corrections"
    ),
    "proposals:batch-evidence": Endpoint(
        *("regency_officer", Document),
        {"village": f"{OWN}.01.2001", "kind": "minutes", "number": "7/BA", "date": TODAY},
        is_new=True,
        file="document",
    ),
    "proposals:row-evidence": Endpoint(
        *("regency_officer", Document),
        {"kind": "minutes", "number": "7/BA", "date": TODAY},
        is_new=True,
        file="document",
    ),
    "proposals:batch-photos": Endpoint(
        *("regency_officer", PhotoArchive), others=(HousePhoto, Job), is_new=True, file="photos"
    ),
    "proposals:change-propose": Endpoint(
        "village_officer",
        Batch,
        {
            "reason": "MENINGGAL",
            "reason_date": "3/11/2026",
            "evidence_kind": "AKTA KEMATIAN",
            "evidence_number": "474.3/012/2026",
        },
        (Job,),
        is_new=True,
        file="document",
    ),
    "proposals:upload-page": Endpoint(
        *(
            "regency_officer",
            Batch,
            {"region": OWN, "region_text": "", "code_system": "kemendagri"},
        ),
        (Job, Upload),
        is_new=True,
        file="batch",
    ),
    "admin:proposals_proposal_save": Endpoint(
        "verifier", SavedFilter, {"name": "saringan", "is_shared": "1"}, is_new=True
    ),
    "admin:proposals_proposal_ask": Endpoint(
        "verifier", Question, {"text": "Benarkah titiknya?"}, (Notice,), is_new=True
    ),
    "proposals:review_save": Endpoint(
        "verifier", SavedFilter, {"name": "saringan", "is_shared": "1"}, is_new=True
    ),
    "proposals:review_ask": Endpoint(
        "verifier", Question, {"text": "Benarkah titiknya?"}, (Notice,), is_new=True
    ),
    "admin:proposals_proposal_decide": Endpoint(
        *("verifier", Proposal, STEP | {"seen": "submitted", "whole_family": ""}),
        (Decision,),
        is_changed=True,
    ),
    "admin:proposals_proposal_bulk": Endpoint(
        *("verifier", Proposal, STEP | {"expected": "1", "typed": "1"}),
        (Decision,),
        is_changed=True,
        query="?step=verify",
    ),
    "admin:proposals_proposal_civil": Endpoint("determiner", Job, {"back": "list"}, is_new=True),
    "admin:proposals_proposal_reveal": Endpoint("verifier", Proposal, {"reason": "verification"}),
    "proposals:review_decide": Endpoint(
        *("verifier", Proposal, STEP | {"seen": "submitted", "whole_family": ""}),
        (Decision,),
        is_changed=True,
    ),
    "proposals:review_bulk": Endpoint(
        *("verifier", Proposal, STEP | {"expected": "1", "typed": "1"}),
        (Decision,),
        is_changed=True,
        query="?step=verify",
    ),
    "proposals:review_reveal": Endpoint("verifier", Proposal, {"reason": "verification"}),
    "proposals:exports-ask": Endpoint(
        "regency_officer", ExportRequest, {"token": "karangan", "reason": "uji"}
    ),
    "proposals:exports-answer": Endpoint(
        "verifier", ExportRequest, {"answer": "agree"}, is_changed=True
    ),
    "proposals:notices_read": Endpoint("verifier", Notice, {"until": "1"}),
    "proposals:notices_mail": Endpoint(
        "verifier", MailPreference, {"wants_digest": "on", "language": "en"}, is_new=True
    ),
    "admin:registry_person_reveal": Endpoint("verifier", Person, {"reason": "verification"}),
    "admin:registry_person_changelist": Endpoint(
        "verifier", Person, {"nik": "9701011201889001", "kk": "", "name": "", "birth_date": ""}
    ),
    "admin:proposals_decree_annul": Endpoint(
        *("determiner", Decree),
        {"number": "99/HUK/2026", "date": "24-11-2026", "reason": "Lampirannya salah."},
    ),
    "admin:proposals_decree_determine": Endpoint(
        *("determiner", Decree),
        {
            "number": "88/HUK/2026",
            "date": "24-11-2026",
            "region": OWN,
            "region_text": "",
            "civil_reason": "belum ditanya",
            "expected": "1",
            "seen": "",
        },
        (Job,),
        is_new=True,
    ),
    "reconciliation:conflict": Endpoint(
        *("regency_officer", Conflict),
        {"choice": "theirs", "value": "", "reason": "Dikunjungi"},
        (Answer, Worklist, Document),
        file="evidence",
    ),
    "reconciliation:conflict-decide": Endpoint(
        *("steward", Conflict, {"step": "back", "note": "Foto tidak terbaca"}),
        (Answer, Worklist),
        is_changed=True,
    ),
    "reconciliation:survivorship": Endpoint(
        "steward", Authority, {"step": "on", "authority": "0"}, (Source, Job)
    ),
    "reconciliation:person-lock": Endpoint(
        *("steward", Lock, {"field": "name", "reason": "KTP dilihat"}),
        (Person,),
        is_new=True,
    ),
    "reconciliation:person-unlock": Endpoint(
        "steward", Person, {"field": "name", "reason": "KTP dilihat"}, (Lock,)
    ),
    "reconciliation:conflicts-take": Endpoint(
        "steward", Conflict, {"expected": "1"}, (Answer, Job)
    ),
    "admin:accounts_user_add": Endpoint(
        *("user_administrator", User, NEW_USER | PERIOD | {"role": "verifier"}),
        (Grant,),
        is_new=True,
    ),
    "admin:accounts_user_reset_factor": Endpoint("user_administrator", User, {"reason": "lost"}),
    "admin:accounts_user_grant": Endpoint(
        *("user_administrator", Grant, VILLAGES | {"role": "regency_officer"}),
        (User,),
        is_new=True,
    ),
    "admin:accounts_agency_add": Endpoint(
        "administrator", Agency, AGENCY, (Grant, Client), is_new=True
    ),
    "admin:accounts_agency_client": Endpoint(
        *("administrator", Client, {"name": "uji", "scopes": "proposals:read"}),
        (Agency,),
        is_new=True,
    ),
    "admin:accounts_agency_grant": Endpoint(
        "administrator", Grant, PERIOD | {"region": "97.02", "region_code": "97.02"}, is_new=True
    ),
    "reconciliation:source-new": Endpoint(
        *("steward", Source),
        {"code": "ZZ-ASN", "name": "Pegawai ASN", "kind": "employees", "ministry": "BKN"},
        (Authority,),
        is_new=True,
    ),
    "reconciliation:source": Endpoint(
        "steward", Source, SOURCE | RANKS, (Authority, Dataset), is_changed=True
    ),
    "reconciliation:dataset-upload": Endpoint(
        *("steward", Dataset),
        {"period": "2026-T3", "as_of": "2026-09-30", "code_system": "kemendagri"},
        (Source, Job),
        is_new=True,
        file="dataset",
    ),
    "reconciliation:dataset-columns": Endpoint(
        *("steward", Dataset, {"code_system": "bps", **CHOICES}), (Source, Job), is_changed=True
    ),
    "proposals:form-new": Endpoint("regency_officer", FormDraft, is_new=True),
    "admin:casework_cycle_add": Endpoint(
        "administrator", Cycle, {"name": "Desember 2026", **DATES}, is_new=True
    ),
    "admin:casework_cycle_change": Endpoint(
        "administrator", Cycle, {"name": "Desember 2026", **DATES}, is_changed=True
    ),
    "reconciliation:duplicate": Endpoint(
        *("steward", Person, {"keep": "", "seen": "0", "expected": "1", "reason": "uji"}),
        (Job, Change),
    ),
    "reconciliation:duplicates_merge": Endpoint(
        *("steward", Person, {"seen": "0", "expected": "1", "reason": "uji"}), (Job, Change)
    ),
    "reconciliation:merge": Endpoint(
        *("steward", Person, {"keep": "", "reason": "uji"}), (Job, Change)
    ),
    "admin:regions_boundaryedition_upload": Endpoint(
        *("administrator", BoundaryEdition),
        {"name": "Uji", "published_date": "2026-07-31", "covers": "", "code_system": ""}
        | {"layer": "", "code_field": ""},
        (Job,),
        is_new=True,
        file="layer",
    ),
    "admin:regions_boundaryedition_activate": Endpoint(
        "administrator", BoundaryEdition, {"reason": ""}, (Job,)
    ),
    "reconciliation:run-start": Endpoint(
        "steward", Run, {"left": "", "right": "", "retrain": ""}, (Job, Dataset)
    ),
    "reconciliation:run-thresholds": Endpoint(
        *("steward", Job, {"lower": "1.5", "upper": "8.5"}),
        (Pairing, Run, RecordPair),
        is_new=True,
    ),
    "reconciliation:judge": Endpoint(
        *("steward", Judgement, {"outcome": "same", "seen": "review", "note": ""}),
        (RecordPair,),
        is_new=True,
    ),
}
# Buttons and lists: nothing belongs in their form.
WITHOUT_FIELDS: dict[str, tuple[str, type[Model]]] = {
    "proposals:batch-submit": ("regency_officer", Batch),
    "proposals:batch-fixes": ("regency_officer", Batch),
    "proposals:batch-fix-apply": ("regency_officer", Batch),
    "proposals:batch-fix-undo": ("regency_officer", Batch),
    "proposals:batch-fix-drop": ("regency_officer", Batch),
    "proposals:batch-mend": ("regency_officer", Batch),
    "proposals:batch-dropped": ("regency_officer", Batch),
    "proposals:batch-fix-cancel": ("regency_officer", Batch),
    "proposals:batch-resume": ("regency_officer", Batch),
    "proposals:batch-cancel": ("regency_officer", Batch),
    "proposals:batch-anyway": ("regency_officer", Batch),
    "proposals:batch-discard": ("regency_officer", Batch),
    "admin:proposals_proposal_undo": ("verifier", Proposal),
    "proposals:review_undo": ("verifier", Proposal),
    "admin:proposals_proposal_move": ("verifier", Proposal),
    "proposals:review_move": ("verifier", Proposal),
    "reconciliation:source-activate": ("steward", Source),
    "reconciliation:dataset-resume": ("steward", Dataset),
    "reconciliation:dataset-cancel": ("steward", Dataset),
    "reconciliation:dataset-take-back": ("steward", Dataset),
    "admin:reconciliation_source_changelist": ("steward", Source),
    "admin:reconciliation_dataset_changelist": ("steward", Dataset),
    "admin:proposals_decree_changelist": ("determiner", Decree),
    "admin:proposals_decree_resume": ("determiner", Decree),
    "admin:registry_programme_changelist": ("verifier", Programme),
    "admin:accounts_user_changelist": ("user_administrator", User),
    "admin:accounts_user_disable": ("user_administrator", User),
    "admin:accounts_user_enable": ("user_administrator", User),
    "admin:accounts_user_reset_password": ("user_administrator", User),
    "admin:accounts_grant_changelist": ("user_administrator", Grant),
    "admin:accounts_grant_end": ("user_administrator", Grant),
    "admin:accounts_agency_changelist": ("administrator", Agency),
    "admin:accounts_agency_disable": ("administrator", Agency),
    "admin:accounts_agency_enable": ("administrator", Agency),
    "admin:accounts_client_changelist": ("administrator", Client),
    "admin:accounts_client_disable": ("administrator", Client),
    "admin:accounts_client_enable": ("administrator", Client),
    "admin:accounts_client_renew_secret": ("administrator", Client),
    "admin:accounts_readcount_changelist": ("data_protection_officer", ReadCount),
    "admin:accounts_readcount_lift": ("data_protection_officer", ReadCount),
    "admin:audit_entry_changelist": ("data_protection_officer", Entry),
    "admin:jobs_job_changelist": ("administrator", Job),
    "admin:jobs_job_resume": ("administrator", Job),
    "admin:jobs_job_cancel": ("administrator", Job),
    "admin:casework_cycle_changelist": ("administrator", Cycle),
    "admin:regions_region_changelist": ("administrator", Region),
    "admin:regions_boundaryedition_changelist": ("administrator", BoundaryEdition),
    "admin:regions_boundaryedition_resume": ("administrator", BoundaryEdition),
    "reconciliation:run-cancel": ("steward", Run),
    "reconciliation:run-resume": ("steward", Run),
    "reconciliation:undo": ("steward", RecordPair),
}
ENDPOINTS: dict[str, Endpoint] = FORMS | {
    name: Endpoint(who, row) for name, (who, row) in WITHOUT_FIELDS.items()
}
# They keep no row of ours: signing in and out, second factors, the language, tokens. Two have own
# tests; those of second factors and sessions are in tests.accounts.
NO_ROW = {
    *("language", "login", "logout", "admin:index", "admin:logout", "admin:password_change"),
    *("factor_setup", "passkey_add", "recovery_codes", "confirm", "profile", "sessions", "session"),
    *("oauth-token", "oauth-revoke", "api:proposals"),
    *("admin:proposals_proposal_search", "proposals:review_search"),
    *("admin:proposals_proposal_find_file", "proposals:review_find_file"),
    *("admin:proposals_proposal_leave", "proposals:review_leave"),
    *("admin:proposals_proposal_find_officer", "proposals:review_find_officer"),
    *("admin:proposals_proposal_export", "proposals:review_export"),
    *("admin:proposals_proposal_remove", "proposals:review_remove"),
    # names the moment of a bulk step (tests/proposals/review)
    *("admin:proposals_proposal_bulk_undo", "proposals:review_bulk_undo"),
    *("admin:proposals_proposal_answer", "proposals:review_answer"),
    *("registry:search", "registry:person-reveal", "registry:person-print"),
    *("admin:registry_person_print", "proposals:families", "proposals:change-find"),
    *("proposals:uploads", "proposals:batch-photo-remove"),
    # a file for a removal or a correction (tests/proposals/register_changes)
    "proposals:row-paper-add",
    # a device's code; acts on a plan that name other rows (tests/commandcentre/planning)
    *("commandcentre:wall", "commandcentre:plan-lock", "commandcentre:plan-capacity"),
    *("commandcentre:plan-statement", "commandcentre:plan-dispatch", "commandcentre:plan-receive"),
    *("commandcentre:plan-line", "commandcentre:plan-exclude", "commandcentre:plan-other-events"),
    "commandcentre:plan-statement-withdraw",
    *("commandcentre:plan-dispatch-many", "commandcentre:plan-receive-many"),
    *("commandcentre:plan-correct", "commandcentre:plan-step-back"),
    *("commandcentre:shift-hand-over", "commandcentre:shift-extend"),
    # names another user; an area that is drawn (tests/commandcentre/shifts, hazards)
    *("commandcentre:hazard-assign", "commandcentre:draw"),
    # its fields are named by open rows (tests/indicators/figures/test_pages)
    "indicators:publication-answers",
    # name a good or a batch by its number (tests/commandcentre/stores)
    *("commandcentre:store-minimum", "commandcentre:store-receive", "commandcentre:store-loss"),
    *("commandcentre:call-log", "commandcentre:scenario"),
    # a file; acts on two editions in force (tests/indicators/pockets)
    *("pockets:edition-upload", "pockets:worklists", "pockets:worklist"),
    # searches of lists
    *("admin:commandcentre_facility_changelist", "admin:commandcentre_stockitem_changelist"),
    *("admin:commandcentre_good_changelist", "admin:commandcentre_responder_changelist"),
    *("admin:indicators_indicator_changelist", "admin:indicators_release_changelist"),
    *("admin:indicators_publication_changelist", "admin:indicators_knownname_changelist"),
    "admin:indicators_service_changelist",
    # one that is allowed has only the other button (tests/indicators/services)
    *("admin:indicators_servicehost_changelist", "admin:indicators_servicehost_allow"),
    # its row is gone afterwards (tests/indicators/figures/test_pages)
    "admin:indicators_knownname_forget",
}
# The kind of object (tests.access.objects) that stands for a model.
KINDS: dict[type[Model], str] = {
    OfficeUpload: "office_upload",
    Batch: "batch",
    Proposal: "proposal",
    Decree: "decree",
    Person: "person",
    User: "user",
    Grant: "grant",
    Agency: "agency",
    Client: "client",
    Job: "job",
    Entry: "entry",
    BoundaryEdition: "edition",
    Cycle: "cycle",
    Region: "region",
    Programme: "programme",
    Notice: "notice",
    Fix: "fix",
    Document: "document",
    FormDraft: "draft",
    Upload: "upload",
    Run: "run",
    RecordPair: "pair",
    Pairing: "pairing",
    Conflict: "conflict",
    PocketEdition: "pocket_edition",
    Worklist: "worklist",
    Authority: "authority",
    Source: "source",
    Dataset: "dataset",
    ExportRequest: "export",
    ReadCount: "readcount",
    Hazard: "hazard",
    Plan: "plan",
    Wall: "wall",
    SituationReport: "situation_report",
    Indicator: "indicator",
    Release: "release",
    Publication: "publication",
    Service: "service",
    ServiceHost: "servicehost",
}


def values_of(row: type[Model], key: Any) -> dict[str, Any]:
    """The stored values of one row, or of the newest."""
    rows: Any = row._default_manager.order_by("-pk")
    return dict((rows if key is None else rows.filter(pk=key)).values()[:1].get())
