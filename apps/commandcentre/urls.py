"""URLs of the command centre."""

from django.urls import path

from apps.commandcentre.board import views

app_name = "commandcentre"
urlpatterns = [
    path("", views.board, name="board"),
]
