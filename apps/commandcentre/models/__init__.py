"""Hazards with their revisions and footprints, what came from feeds, and who is affected.

A Hazard is one event, however often its source corrects it; each received version is a
HazardRevision. Footprints are the bands of one revision. An Assessment counts, for one revision,
the villages that its footprints meet, and the registered people in them: numbers by village, no
row about a person. Facilities, the stock in them and responders are what can help;
a Plan sends the stock to the villages. A SituationReport is what was said about it, as it went out.
"""

from apps.commandcentre.models.affected_village import (
    AffectedVillage,
    AffectedVillageQuerySet,
    Assessment,
)
from apps.commandcentre.models.call import Call
from apps.commandcentre.models.coverage import CoverageState, VillageCoverage
from apps.commandcentre.models.feed import Feed, FeedDocument, RefusedMessage
from apps.commandcentre.models.hazard import Footprint, Hazard, HazardQuerySet, HazardRevision
from apps.commandcentre.models.minimum import MinimumLevel
from apps.commandcentre.models.plan import (
    EmergencyStatement,
    Plan,
    PlanNeed,
    PlanSource,
    Shipment,
    ShipmentCorrection,
)
from apps.commandcentre.models.resources import (
    Facility,
    FacilityQuerySet,
    Good,
    Responder,
    ResponderQuerySet,
    StockItem,
    StockMovement,
)
from apps.commandcentre.models.shift import ShiftEntry
from apps.commandcentre.models.situation_report import ReportFile, SituationReport
from apps.commandcentre.models.upload import OfficeUpload, UploadKind
from apps.commandcentre.models.village_place import IslandPiece, PlaceState, VillagePlace
from apps.commandcentre.models.wall import Wall
from apps.commandcentre.models.zone import VillageZone, Zone, ZoneClass, ZoneEdition

__all__ = [
    "AffectedVillage",
    "AffectedVillageQuerySet",
    "Assessment",
    "Call",
    "CoverageState",
    "EmergencyStatement",
    "Facility",
    "FacilityQuerySet",
    "Feed",
    "FeedDocument",
    "Footprint",
    "Good",
    "Hazard",
    "HazardQuerySet",
    "HazardRevision",
    "IslandPiece",
    "MinimumLevel",
    "OfficeUpload",
    "PlaceState",
    "Plan",
    "PlanNeed",
    "PlanSource",
    "RefusedMessage",
    "ReportFile",
    "Responder",
    "ResponderQuerySet",
    "ShiftEntry",
    "Shipment",
    "ShipmentCorrection",
    "SituationReport",
    "StockItem",
    "StockMovement",
    "UploadKind",
    "VillageCoverage",
    "VillagePlace",
    "VillageZone",
    "Wall",
    "Zone",
    "ZoneClass",
    "ZoneEdition",
]
