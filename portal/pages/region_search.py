"""Searches a region by a part of its name or code, within the scope; replaces a long drop-down
list.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.access import scope_of
from apps.accounts.roles import Permission
from apps.proposals.region_choice import regions_matching
from apps.regions.models import Level
from apps.ui.permissions import requires
from apps.ui.requests import user_of

# Whose regions may be chosen, by the purpose of the field.
PURPOSES = {
    "upload": (Permission.UPLOAD_BATCH,),
    "look": (Permission.VIEW_PROPOSAL, Permission.VIEW_BATCH),
    "family": (Permission.UPLOAD_BATCH,),
    "determine": (Permission.DETERMINE_PROPOSAL,),
    "grant": (Permission.MANAGE_GRANT,),
}


@require_safe
@requires()
def search(request: HttpRequest) -> HttpResponse:
    """At most 20 regions, each with its full path. The field's name is returned in the choices."""
    scope = scope_of(user_of(request), *PURPOSES.get(request.GET.get("for", ""), ()))
    asked = request.GET.get("region_text", "").strip()
    level = Level.VILLAGE if request.GET.get("for") == "family" else None
    found = regions_matching(asked, scope, level=level)
    return render(request, "portal/pages/_places.html", {"places": found, "asked": asked})
