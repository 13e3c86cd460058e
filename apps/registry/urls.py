"""The register's pages, mounted at /register/."""

from django.urls import path

from apps.registry import views

app_name = "registry"
urlpatterns = [
    path("", views.search, name="search"),
    path("<int:person_id>/", views.person, name="person"),
    path("<int:person_id>/reveal/", views.reveal, name="person-reveal"),
    path("<int:person_id>/print/", views.print_person, name="person-print"),
]
