"""Signing in and out, and one's own password."""

from django.urls import path

from apps.accounts import signin

urlpatterns = [
    path("login/", signin.SignIn.as_view(), name="login"),
    path("logout/", signin.SignOut.as_view(), name="logout"),
    path("password/", signin.ChangePassword.as_view(), name="password_change"),
]
