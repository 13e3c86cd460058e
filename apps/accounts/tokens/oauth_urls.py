"""The two OAuth2 addresses of this portal: a token and its end. The package's others are closed."""

from django.urls import path

from apps.accounts.tokens import oauth

urlpatterns = [
    path("token/", oauth.TokenView.as_view(), name="oauth-token"),
    path("revoke/", oauth.RevokeView.as_view(), name="oauth-revoke"),
]
