"""Signing in and out; the user's own password, second factor and sessions."""

from django.urls import path

from apps.accounts.signing_in import profile, second_factor_pages, sign_in

urlpatterns = [
    path("login/", sign_in.SignIn.as_view(), name="login"),
    path("logout/", sign_in.SignOut.as_view(), name="logout"),
    path("password/", sign_in.ChangePassword.as_view(), name="password_change"),
    path("second-factor/", second_factor_pages.second_factor, name="second_factor"),
    path("second-factor/set-up/", second_factor_pages.set_up, name="factor_setup"),
    path("second-factor/passkey/", second_factor_pages.add_passkey, name="passkey_add"),
    path("recovery-codes/", second_factor_pages.recovery_codes, name="recovery_codes"),
    path("confirm/", second_factor_pages.confirm, name="confirm"),
    path("profile/", profile.profile, name="profile"),
    path("sessions/", profile.session_list, name="sessions"),
    path("session/", profile.session, name="session"),
]
