"""URLs of maps and of their tiles."""

from django.urls import path

from apps.maps import views

app_name = "maps"
urlpatterns = [
    path("maps/", views.page, name="page"),
    path("tiles/layers.json", views.layers, name="layers"),
    path("tiles/away.json", views.away, name="away"),
    path("tiles/proposals/<str:z>/<str:x>/<str:y>.mvt", views.proposals, name="proposals"),
    path("tiles/villages/<str:z>/<str:x>/<str:y>.mvt", views.villages, name="villages"),
    path("tiles/base-<str:number>/<str:z>/<str:x>/<str:y>.mvt", views.base, name="base"),
    path("tiles/<str:layer>/<str:z>/<str:x>/<str:y>.mvt", views.boundaries, name="boundaries"),
]
