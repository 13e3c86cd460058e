"""The pages of reconciliation, mounted at /reconciliation/. Each view module lists its own."""

from apps.reconciliation.views import conflicts, overview, review, runs, survivorship

app_name = "reconciliation"
urlpatterns = [
    *overview.urlpatterns,
    *runs.urlpatterns,
    *review.urlpatterns,
    *conflicts.urlpatterns,
    *survivorship.urlpatterns,
]
