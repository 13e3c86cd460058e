"""The portal's two OAuth2 addresses: get a token and end it. The package's others are closed."""

from django.urls import path

from apps.accounts.tokens import oauth

urlpatterns = [
    path("token/", oauth.TokenView.as_view(), name="oauth-token"),
    path("revoke/", oauth.RevokeView.as_view(), name="oauth-revoke"),
]
