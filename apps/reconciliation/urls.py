"""The URLs of reconciliation, mounted at /reconciliation/. Each view module lists its own."""

from apps.reconciliation.clerical import views as clerical_views
from apps.reconciliation.conflicts import views as conflicts_views
from apps.reconciliation.deliveries.views import delivered, listed_sources
from apps.reconciliation.duplicates import views as duplicates_views
from apps.reconciliation.pages import first_page, runs_pages
from apps.reconciliation.survivorship import views as survivorship_views

app_name = "reconciliation"
urlpatterns = [
    *first_page.urlpatterns,
    *listed_sources.urlpatterns,
    *delivered.urlpatterns,
    *runs_pages.urlpatterns,
    *clerical_views.urlpatterns,
    *duplicates_views.urlpatterns,
    *conflicts_views.urlpatterns,
    *survivorship_views.urlpatterns,
]
