"""Models of proposals. A batch is checked into proposals, findings and held rows; people decide.

A row is one person and one programme. Physical design: docs/adr/0001. The tables of
`proposals.states` define the changes of status; triggers enforce them in SQL, too.
"""

from apps.proposals.models.batch import Batch, BatchQuerySet, Upload, UploadQuerySet
from apps.proposals.models.decision import Amendment, Decision
from apps.proposals.models.decree import Decree
from apps.proposals.models.export_request import ExportRequest, ExportRequestQuerySet
from apps.proposals.models.finding import DroppedRow, Finding, HeldRow, Severity
from apps.proposals.models.fix import Fix, FixedRow
from apps.proposals.models.form_draft import FormDraft, FormDraftQuerySet
from apps.proposals.models.house_photo import HousePhoto
from apps.proposals.models.photo_archive import PhotoArchive
from apps.proposals.models.place_to_judge import PlaceToJudge
from apps.proposals.models.proposal import Flag, Proposal, ProposalQuerySet
from apps.proposals.models.proposal_name import ProposalName
from apps.proposals.models.question import Question
from apps.proposals.models.regency_change import RegencyChange
from apps.proposals.models.register_match import CivilMatch, RegisteredMatch
from apps.proposals.models.row_paper import RowPaper
from apps.proposals.models.saved_filter import SavedFilter, SavedFilterQuerySet
from apps.proposals.models.verdict_change import VerdictChange
from apps.regions.placing import Verdict

__all__ = [
    "Amendment",
    "Batch",
    "BatchQuerySet",
    "CivilMatch",
    "Decision",
    "Decree",
    "DroppedRow",
    "ExportRequest",
    "ExportRequestQuerySet",
    "Finding",
    "Fix",
    "FixedRow",
    "Flag",
    "FormDraft",
    "FormDraftQuerySet",
    "HeldRow",
    "HousePhoto",
    "PhotoArchive",
    "PlaceToJudge",
    "Proposal",
    "ProposalName",
    "ProposalQuerySet",
    "Question",
    "RegencyChange",
    "RegisteredMatch",
    "RowPaper",
    "SavedFilter",
    "SavedFilterQuerySet",
    "Severity",
    "Upload",
    "UploadQuerySet",
    "Verdict",
    "VerdictChange",
]
