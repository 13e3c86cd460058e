"""Signing in and out, one's own password, second factor and sessions."""

from django.urls import path

from apps.accounts import profile, secondfactor, signin

urlpatterns = [
    path("login/", signin.SignIn.as_view(), name="login"),
    path("logout/", signin.SignOut.as_view(), name="logout"),
    path("password/", signin.ChangePassword.as_view(), name="password_change"),
    path("second-factor/", secondfactor.second_factor, name="second_factor"),
    path("second-factor/set-up/", secondfactor.set_up, name="factor_setup"),
    path("second-factor/passkey/", secondfactor.add_passkey, name="passkey_add"),
    path("recovery-codes/", secondfactor.recovery_codes, name="recovery_codes"),
    path("confirm/", secondfactor.confirm, name="confirm"),
    path("profile/", profile.profile, name="profile"),
    path("sessions/", profile.session_list, name="sessions"),
    path("session/", profile.session, name="session"),
]
