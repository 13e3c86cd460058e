"""The officers' pages, mounted at /proposals/. Each view module lists its own."""

from apps.proposals.views import (
    batches,
    corrections,
    evidence,
    exports,
    findings,
    fixes,
    form,
    mend,
    notices,
    parts,
    returned,
    review,
    rows,
    uploads,
)

app_name = "proposals"
urlpatterns = [
    *batches.urlpatterns,
    *uploads.urlpatterns,
    *parts.urlpatterns,
    *findings.urlpatterns,
    *rows.urlpatterns,
    *fixes.urlpatterns,
    *mend.urlpatterns,
    *corrections.urlpatterns,
    *evidence.urlpatterns,
    *exports.urlpatterns,
    *returned.urlpatterns,
    *review.urlpatterns,
    *notices.urlpatterns,
    *form.urlpatterns,
]
