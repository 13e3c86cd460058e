"""Every address of the portal. A URL without a row in the access table fails a test."""

from django.contrib import admin
from django.urls import include, path

from portal.pages import help, home, region_search, status
from portal.progress import views as progress

urlpatterns = [
    path("", home.dashboard, name="home"),
    path("progress/", progress.funnel, name="progress"),
    path("progress/trend/", progress.trend, name="progress-trend"),
    path("progress/findings/", progress.findings, name="progress-findings"),
    path("progress/steps/", progress.steps, name="progress-steps"),
    path("livez", status.alive, name="livez"),
    path("readyz", status.ready, name="readyz"),
    path("status/", status.page, name="status"),
    path("language/", home.language, name="language"),
    path("help/", help.contents, name="help"),
    path("help/<int:number>/", help.chapter, name="help_chapter"),
    path("places/", region_search.search, name="place-search"),
    path("accounts/", include("apps.accounts.urls")),
    path("proposals/", include("apps.proposals.urls")),
    path("register/", include("apps.registry.urls")),
    path("reconciliation/", include("apps.reconciliation.urls")),
    path("command-centre/", include("apps.commandcentre.urls")),
    path("indicators/pockets/", include("apps.indicators.pockets.pocket_urls")),
    path("indicators/", include("apps.indicators.urls")),
    path("", include("apps.maps.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("apps.api.urls")),
]
handler400 = "portal.web.middleware.refused"
handler404 = "portal.web.middleware.not_found"
handler500 = "portal.web.middleware.fault"
