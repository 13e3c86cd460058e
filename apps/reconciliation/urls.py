"""The pages of reconciliation, mounted at /reconciliation/. Each view module lists its own."""

from apps.reconciliation.views import (
    conflicts,
    datasets,
    duplicates,
    overview,
    review,
    runs,
    sources,
    survivorship,
)

app_name = "reconciliation"
urlpatterns = [
    *overview.urlpatterns,
    *sources.urlpatterns,
    *datasets.urlpatterns,
    *runs.urlpatterns,
    *review.urlpatterns,
    *duplicates.urlpatterns,
    *conflicts.urlpatterns,
    *survivorship.urlpatterns,
]
