"""The stewards' pages, mounted at /reconciliation/. Each view module lists its own."""

from apps.reconciliation.views import overview, review, runs

app_name = "reconciliation"
urlpatterns = [
    *overview.urlpatterns,
    *runs.urlpatterns,
    *review.urlpatterns,
]
