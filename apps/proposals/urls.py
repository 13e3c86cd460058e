"""The officers' pages, mounted at /proposals/. Each view module lists its own."""

from apps.proposals.entry import photo_views
from apps.proposals.entry import views as entry_views
from apps.proposals.export import views as export_views
from apps.proposals.families import views as families_views
from apps.proposals.fixes.views import (
    correction_files,
    findings_page,
    group_fixes,
    mending,
    single_rows,
)
from apps.proposals.pages import batch_pages, notices
from apps.proposals.photos import views as photos_views
from apps.proposals.register_changes import paper_views
from apps.proposals.register_changes import views as change_views
from apps.proposals.returned import row_evidence
from apps.proposals.returned import views as returned_views
from apps.proposals.review import views as review_views
from apps.proposals.submitting import views as submitting_views
from apps.proposals.upload.views import part_protocol, upload_pages

app_name = "proposals"
urlpatterns = [
    *batch_pages.urlpatterns,
    *upload_pages.urlpatterns,
    *part_protocol.urlpatterns,
    *findings_page.urlpatterns,
    *single_rows.urlpatterns,
    *group_fixes.urlpatterns,
    *mending.urlpatterns,
    *correction_files.urlpatterns,
    *submitting_views.urlpatterns,
    *export_views.urlpatterns,
    *returned_views.urlpatterns,
    *row_evidence.urlpatterns,
    *review_views.urlpatterns,
    *notices.urlpatterns,
    *photos_views.urlpatterns,
    *photo_views.urlpatterns,
    *paper_views.urlpatterns,
    *change_views.urlpatterns,
    *entry_views.urlpatterns,
    *families_views.urlpatterns,
]
