"""URLs of the agencies' API, its tokens and its OpenAPI page."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from apps.api import views

v1 = [
    path("proposals/", views.Proposals.as_view(), name="proposals"),
    path("proposals/<int:reference>/", views.ProposalByReference.as_view(), name="proposal"),
]
urlpatterns = [
    path("v1/", include((v1, "api"))),
    path("oauth/", include("apps.accounts.tokens.oauth_urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", template_name="api/docs.html"),
        name="api-docs",
    ),
]
