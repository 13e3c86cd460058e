"""URLs of maps and of their tiles."""

from django.urls import path

from apps.maps import views
from apps.maps.thematic import views as thematic_views

app_name = "maps"
urlpatterns = [
    path("maps/", thematic_views.page, name="thematic"),
    path("maps/values.json", thematic_views.values, name="values"),
    path("maps/outlines.json", thematic_views.outlines, name="outlines"),
    path("maps/figures.<str:ending>", thematic_views.file, name="figures"),
    path("maps/proposals/", views.page, name="page"),
    path("tiles/layers.json", views.layers, name="layers"),
    path("tiles/away.json", views.away, name="away"),
    path("tiles/proposals/<str:z>/<str:x>/<str:y>.mvt", views.proposals, name="proposals"),
    path("tiles/villages/<str:z>/<str:x>/<str:y>.mvt", views.villages, name="villages"),
    path("tiles/base-<str:number>/<str:z>/<str:x>/<str:y>.mvt", views.base, name="base"),
    path("tiles/<str:layer>/<str:z>/<str:x>/<str:y>.mvt", views.boundaries, name="boundaries"),
]
