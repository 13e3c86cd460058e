"""URLs of pockets of poverty."""

from django.urls import path

from apps.indicators.pockets import open_views, views

app_name = "pockets"
urlpatterns = [
    path("", views.difference_page, name="differences"),
    path("map.json", views.difference_shapes, name="difference-shapes"),
    path("differences.<str:ending>", views.difference_file, name="difference-file"),
    path("pockets.gpkg", views.picture_file, name="picture-file"),
    path("editions/", views.edition_list, name="editions"),
    path("editions/upload/", views.edition_upload, name="edition-upload"),
    path("editions/compute/", views.edition_compute, name="edition-compute"),
    path("editions/<int:edition_id>/", views.edition_page, name="edition"),
    path("editions/<int:edition_id>/activate/", views.edition_activate, name="edition-activate"),
    path("editions/<int:edition_id>/day/", views.edition_day, name="edition-day"),
    path("worklists/", views.worklist_list, name="worklists"),
    path("worklists/<int:list_id>/", views.worklist_page, name="worklist"),
    path("coverage/", views.coverage_page, name="coverage"),
    path("coverage.csv", views.coverage_file, name="coverage-file"),
    path("open/", open_views.landing, name="open-landing"),
    path("open/conformance/", open_views.conformance, name="open-conformance"),
    path("open/collections/", open_views.collections, name="open-collections"),
    path("open/collections/<str:name>/", open_views.collection, name="open-collection"),
    path("open/collections/<str:name>/items/", open_views.items, name="open-items"),
    path("open/collections/<str:name>/items/<str:number>/", open_views.item, name="open-item"),
]
