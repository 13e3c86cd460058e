"""URLs of the command centre."""

from django.urls import path

from apps.commandcentre.board import events, views
from apps.commandcentre.calls import views as calls
from apps.commandcentre.planning import views as planning
from apps.commandcentre.reports import views as reports
from apps.commandcentre.walls import views as walls

app_name = "commandcentre"
urlpatterns = [
    path("", views.board, name="board"),
    path("events/", events.since, name="events"),
    path("hazards/<int:hazard_id>/calls/<str:code>/", calls.page, name="calls"),
    path("hazards/<int:hazard_id>/calls/<str:code>/log/", calls.log, name="call-log"),
    path("wall/", walls.board, name="wall"),
    path("wall/events/", walls.events, name="wall-events"),
    path("walls/", walls.page, name="walls"),
    path("walls/<int:wall_id>/end/", walls.end, name="wall-end"),
    path("hazards/<int:hazard_id>/report/", reports.page, name="report"),
    path("hazards/<int:hazard_id>/report/pdf/", reports.as_pdf, name="report-pdf"),
    path("hazards/<int:hazard_id>/report/csv/", reports.as_csv, name="report-csv"),
    path("hazards/<int:hazard_id>/report/geojson/", reports.as_geojson, name="report-geojson"),
    path("hazards/<int:hazard_id>/report/cap/", reports.as_cap, name="report-cap"),
    path("assessments/<int:assessment_id>/plan/", planning.make, name="plan-make"),
    path("plans/<int:plan_id>/", planning.page, name="plan"),
    path("plans/<int:plan_id>/solve/", planning.solve, name="plan-solve"),
    path("plans/<int:plan_id>/lock/", planning.lock, name="plan-lock"),
    path("plans/<int:plan_id>/capacity/", planning.capacity, name="plan-capacity"),
    path("plans/<int:plan_id>/statement/", planning.statement, name="plan-statement"),
    path("plans/<int:plan_id>/reserve/", planning.reserve, name="plan-reserve"),
    path("plans/<int:plan_id>/dispatch/", planning.dispatch, name="plan-dispatch"),
    path(
        "plans/<int:plan_id>/shipments/<int:shipment_id>/receive/",
        planning.receive,
        name="plan-receive",
    ),
    path("plans/<int:plan_id>/cancel/", planning.cancel, name="plan-cancel"),
]
