"""Texts: why a file of a hazard is refused, and how to mend it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.common.errors import register

MESSAGES: dict[str, Promise] = {
    "hazard_no_areas": _(
        "%(filename)s holds no polygon that can be used (%(left_out)s features left out). Send the"
        " layer with the areas, or a grid of intensities."
    ),
    "hazard_no_field": _(
        "The layer has no column %(name)s. Its columns: %(names)s. Name one of them, or none."
    ),
    "hazard_below_bands": _(
        "Nothing in %(filename)s reaches the lowest band. Greatest value: %(found)s. Check the kind"
        " of the hazard and the unit of the values."
    ),
    "area_meaning": _(
        "The values of %(filename)s cannot be classed. Say what they mean: an index from 0 to 1, a"
        " class, or metres of water."
    ),
    "hazard_in_future": _("The time %(moment)s lies in the future. A scenario has no such limit."),
    "event_kind": _(
        "Line %(line)s: “%(value)s” is no known kind of disaster. Write BNPB's number of the kind"
        " (101 flood … 111 volcano) or its name."
    ),
    "event_in_future": _("Line %(line)s: the day %(value)s lies in the future."),
    "event_hour": _(
        "Line %(line)s: the hour “%(value)s” cannot be read; midnight was taken. Write 18.02, or"
        " 18.02 WITA where the zone is not that of the province."
    ),
    "event_twice": _(
        "Line %(line)s repeats the event of line %(other_line)s. Only the first was taken."
    ),
    "event_point": _(
        "Line %(line)s: the point %(value)s lies outside Indonesia and is not used. The event was"
        " taken."
    ),
    "event_places": _(
        "Line %(line)s: %(unknown)s of the named places are not known in this regency: “%(value)s”."
        " The area is that of the others."
    ),
    "event_by_point": _(
        "Line %(line)s names no place that is known (“%(value)s”): the area is the village at its"
        " point."
    ),
    "event_no_place": _(
        "Line %(line)s names no place that is known (“%(value)s”), and no point in a village: the"
        " event has no area and no villages."
    ),
    "hazard_acknowledged": _("%(name)s has taken this hazard on already, %(moment)s."),
    "hazard_closed": _("This hazard is closed already."),
    "hazard_revised": _(
        "The hazard changed after you loaded the page: it has version %(now)s, you saw version"
        " %(seen)s. Nothing was done. Look at it and decide again."
    ),
    "hazard_closing_goods": _(
        "The hazard was not closed: of its plans %(reserved)s shipments are reserved and"
        " %(under_way)s are under way. Note the arrivals, and cancel the plans that are not needed;"
        " then close it."
    ),
    "hazard_other_status": _(
        "“%(title)s” is known as “%(status)s”, and stays that. Nothing was stored: give the event"
        " another name, so that it is an event of its own."
    ),
    "hazard_impossible": _(
        "%(filename)s has the severity %(found)s, which cannot be: it is negative, or above the"
        " greatest of its scale (MMI 12, index 1). Say what its values mean, or mend the file."
    ),
    "hazard_hour_without_day": _("An hour needs its day. Leave both empty for now."),
    "hazard_open": _("This hazard is open already."),
    "drawn_few": _("An area needs at least three corners; %(count)s were given."),
    "drawn_many": _("An area has at most %(most)s corners; %(count)s were given. Draw it coarser."),
    "drawn_unreadable": _(
        "“%(text)s” is no corner. A corner is longitude and latitude in degrees with a comma"
        " between: 106.82710, -6.17540."
    ),
    "drawn_crossing": _(
        "The line of the area crosses itself near %(latitude)s, %(longitude)s. Take the last"
        " corners back and go around the area once."
    ),
    "drawn_not_own": _(
        "Only a hazard that was drawn here gets a next state by drawing. Nothing was stored: draw"
        " the area as a hazard of its own."
    ),
    "drawn_flat": _("The corners lie on one line, so that there is no area between them."),
    "drawn_abroad": _(
        "The corner %(latitude)s, %(longitude)s lies outside Indonesia. Are longitude and latitude"
        " in the right order?"
    ),
    "drawn_no_village": _(
        "The area meets no village of the boundaries in force: it lies at sea or abroad. Nothing"
        " was stored."
    ),
    "rupture_unreadable": _(
        "%(filename)s cannot be read as a rupture: it needs a magnitude and lines or polygons in"
        " degrees."
    ),
    "rupture_depth": _(
        "%(filename)s gives a depth of %(found)s. A depth is 0 to %(most)s kilometres below the"
        " surface: check its unit and its sign."
    ),
    "rupture_epicentre": _(
        "%(filename)s gives the epicentre %(found)s, which is no longitude and latitude in degrees."
    ),
    "rupture_too_large": _("%(filename)s is larger than %(limit)s bytes."),
}

register(
    "apps.commandcentre.hazards",
    MESSAGES,
    races=frozenset({"hazard_acknowledged", "hazard_closed", "hazard_open", "hazard_revised"}),
    defaults={"filename": ""},
)
