"""The map beside the list. The app of maps is above this one; it registers what draws the map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.accounts.access import Scope


@dataclass(frozen=True)
class MapPane:
    """A template with its context (`pane` in it), and the static files that a page with it loads.

    `callback` is the global function that is called with the Leaflet map of the element `element`.
    `head` is a template for the head of the page, with what is fetched early.
    """

    template: str
    context: Mapping[str, Any]
    styles: tuple[str, ...]
    scripts: tuple[str, ...]
    element: str
    callback: str
    head: str = ""


# Filled by the app above that draws maps (in its AppConfig.ready): called with the user's scope and
# the parameters of the list; None while there is nothing to draw.
drawers: list[Callable[[Scope, Mapping[str, Any]], MapPane | None]] = []


def pane_of(scope: Scope, params: Mapping[str, Any]) -> MapPane | None:
    """The map of the rows that the parameters select; None without one. Queries: three or four."""
    return next((pane for draw in drawers if (pane := draw(scope, params))), None)
