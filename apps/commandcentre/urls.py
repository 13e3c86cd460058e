"""URLs of the command centre."""

from django.urls import path

from apps.commandcentre.board import changes, views
from apps.commandcentre.calls import views as calls
from apps.commandcentre.coverage.views import urlpatterns as coverage_patterns
from apps.commandcentre.planning import views as planning
from apps.commandcentre.reports import views as reports
from apps.commandcentre.shifts import views as shifts
from apps.commandcentre.stores.views import urlpatterns as store_patterns
from apps.commandcentre.uploads.views import urlpatterns as upload_patterns
from apps.commandcentre.walls import views as walls

app_name = "commandcentre"
urlpatterns = [
    path("", views.board, name="board"),
    path("scenarios/new/", views.scenario, name="scenario"),
    path("hazards/draw/", views.draw, name="draw"),
    path("events/", changes.since, name="events"),
    path("refused/", views.refused, name="refused"),
    path("hazards/<int:hazard_id>/", views.hazard, name="hazard"),
    path("hazards/<int:hazard_id>/map.json", views.hazard_shapes, name="hazard-shapes"),
    path("hazards/<int:hazard_id>/villages.<str:ending>", views.villages, name="hazard-villages"),
    path("hazards/<int:hazard_id>/clusters.<str:ending>", views.clusters, name="hazard-clusters"),
    path("hazards/<int:hazard_id>/acknowledge/", views.acknowledge, name="hazard-acknowledge"),
    path("hazards/<int:hazard_id>/assign/", shifts.assign, name="hazard-assign"),
    path("hazards/<int:hazard_id>/close/", views.close, name="hazard-close"),
    path("hazards/<int:hazard_id>/reopen/", views.reopen, name="hazard-reopen"),
    path("hazards/<int:hazard_id>/assess/", views.assess, name="hazard-assess"),
    path("hazards/<int:hazard_id>/calls/<str:code>/", calls.page, name="calls"),
    path("hazards/<int:hazard_id>/calls/<str:code>/log/", calls.log, name="call-log"),
    path("shift/", shifts.page, name="shift"),
    path("shift/take/", shifts.take_over, name="shift-take"),
    path("shift/extend/", shifts.extend, name="shift-extend"),
    path("shift/hand-over/", shifts.hand_over, name="shift-hand-over"),
    path("shift/note/", shifts.note, name="shift-note"),
    path("wall/", walls.board, name="wall"),
    path("wall/map/<int:hazard_id>.svg", walls.drawn_map, name="wall-map"),
    path("wall/events/", walls.events, name="wall-events"),
    path("walls/", walls.page, name="walls"),
    path("walls/<int:wall_id>/end/", walls.end, name="wall-end"),
    path("hazards/<int:hazard_id>/report/", reports.page, name="report"),
    path("hazards/<int:hazard_id>/report/map.svg", reports.as_svg, name="report-map"),
    path("hazards/<int:hazard_id>/report/issue/", reports.issue, name="report-issue"),
    path("reports/<int:report_id>/", reports.issued, name="issued-report"),
    path("reports/<int:report_id>/files/<str:ending>/", reports.issued_file, name="issued-file"),
    path("hazards/<int:hazard_id>/report/pdf/", reports.as_pdf, name="report-pdf"),
    path("hazards/<int:hazard_id>/report/cap/", reports.as_cap, name="report-cap"),
    path("assessments/<int:assessment_id>/plan/", planning.make, name="plan-make"),
    path("plans/<int:plan_id>/", planning.page, name="plan"),
    path("plans/<int:plan_id>/solve/", planning.solve, name="plan-solve"),
    path("plans/<int:plan_id>/lock/", planning.lock, name="plan-lock"),
    path("plans/<int:plan_id>/line/", planning.line, name="plan-line"),
    path("plans/<int:plan_id>/exclude/", planning.exclude, name="plan-exclude"),
    path("plans/<int:plan_id>/other-events/", planning.other_events, name="plan-other-events"),
    path("plans/<int:plan_id>/capacity/", planning.capacity, name="plan-capacity"),
    path("plans/<int:plan_id>/statement/", planning.statement, name="plan-statement"),
    path(
        "plans/<int:plan_id>/statements/<int:statement_id>/file/",
        planning.statement_file,
        name="plan-statement-file",
    ),
    path(
        "plans/<int:plan_id>/statements/<int:statement_id>/withdraw/",
        planning.withdraw_statement,
        name="plan-statement-withdraw",
    ),
    path("plans/<int:plan_id>/reserve/", planning.reserve, name="plan-reserve"),
    path("plans/<int:plan_id>/dispatch/", planning.dispatch, name="plan-dispatch"),
    path("plans/<int:plan_id>/dispatch-many/", planning.dispatch_many, name="plan-dispatch-many"),
    path("plans/<int:plan_id>/receive-many/", planning.receive_many, name="plan-receive-many"),
    path("plans/<int:plan_id>/files/<str:part>.<str:ending>", planning.as_file, name="plan-file"),
    path(
        "plans/<int:plan_id>/shipments/<int:shipment_id>/receive/",
        planning.receive,
        name="plan-receive",
    ),
    path(
        "plans/<int:plan_id>/shipments/<int:shipment_id>/correct/",
        planning.correct,
        name="plan-correct",
    ),
    path("plans/<int:plan_id>/step-back/", planning.step_back, name="plan-step-back"),
    path("plans/<int:plan_id>/cancel/", planning.cancel, name="plan-cancel"),
    *coverage_patterns,
    *store_patterns,
    *upload_patterns,
]
