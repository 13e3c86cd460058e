"""A situation report in words: what the page shows, the PDF prints, and an issued report keeps.

Every table says from where its figures come. The headings are those of humanitarian situation
reports: highlights, key figures, impact, needs, response, gaps, contact.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from apps.commandcentre import readers
from apps.commandcentre.exposure.needs import PERKA
from apps.commandcentre.models import Plan
from apps.commandcentre.reports.situation import DAYS, MOST_VILLAGES, Situation

Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """One heading with paragraphs and at most one table (`header` is empty without one). `source`
    says from where the figures are.
    """

    heading: str
    lines: Row = ()
    header: Row = ()
    rows: tuple[Row, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Sheet:
    """The whole report. `facts` are the lines under the title."""

    title: str
    facts: Row
    sections: tuple[Section, ...]

    @property
    def content(self) -> dict[str, Any]:
        """As it is stored."""
        content: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return content

    @property
    def sha256(self) -> str:
        """The digest of the stored form."""
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def read_sheet(content: dict[str, Any]) -> Sheet:
    """A stored report."""
    return Sheet(
        title=content["title"],
        facts=tuple(content["facts"]),
        sections=tuple(
            Section(
                heading=one["heading"],
                lines=tuple(one["lines"]),
                header=tuple(one["header"]),
                rows=tuple(tuple(row) for row in one["rows"]),
                source=one["source"],
            )
            for one in content["sections"]
        ),
    )


def write_sheet(found: Situation, *extra: str) -> Sheet:
    """The report of a situation, in the language that is active. `extra` are further facts: its
    number, who issued it, what it corrects.
    """
    return Sheet(
        title=_("Situation report: %(hazard)s") % {"hazard": found.hazard.title},
        facts=(*extra, *_facts(found)),
        sections=tuple(
            section
            for section in (
                _highlights(found),
                _key_figures(found),
                _losses(found),
                _impact(found),
                _needs(found),
                _response(found),
                _gaps(found),
                _contact(found),
            )
            if section.lines or section.rows
        ),
    )


def moment(at: Any) -> str:
    """`29 Nov 2026 09.14 WIB`."""
    return date_format(timezone.localtime(at), "j M Y H.i e")


def _facts(found: Situation) -> Row:
    hazard = found.hazard
    words = _("%(kind)s, %(status)s, %(source)s; occurred %(at)s, version %(revision)s")
    lines = [
        _("Figures as of %(at)s") % {"at": moment(found.at)},
        words
        % {
            "kind": hazard.get_kind_display(),
            "status": hazard.get_status_display(),
            "source": hazard.source.upper(),
            "at": moment(hazard.occurred_at),
            "revision": hazard.revision,
        },
    ]
    if hazard.magnitude is not None:
        depth = "–" if hazard.depth_km is None else number_format(hazard.depth_km, 0)
        lines.append(
            _("Magnitude %(magnitude)s, depth %(depth)s km")
            % {"magnitude": number_format(hazard.magnitude, 1), "depth": depth}
        )
    if found.warning:
        lines.append(found.warning)
    if found.is_outdated:
        lines.append(_("The source changed the hazard after this assessment."))
    return tuple(lines)


def _highlights(found: Situation) -> Section:
    """Two to five sentences."""
    assessment, plan = found.assessment, found.plan
    if assessment is None:
        return Section(_("Highlights"), (_("It has not been assessed yet."),))
    lines = [
        _(
            "%(villages)s villages are affected; %(families)s registered families with %(persons)s"
            " persons live in them."
        )
        % {
            "villages": _n(assessment.villages),
            "families": str(found.totals["families"]),
            "persons": str(found.totals["persons"]),
        }
    ]
    if found.villages:
        worst = found.villages[0]
        lines.append(
            _("Most severely met: %(village)s (%(band)s, %(persons)s registered persons).")
            % {
                "village": worst.village.name,
                "band": worst.footprint.label,
                "persons": readers.cell(worst.persons),
            }
        )
    if plan is None:
        lines.append(_("There is no plan of shipments yet."))
    elif not found.has_quantities:
        lines.append(
            _("Plan %(number)s covers %(days)s days.") % {"number": plan.pk, "days": plan.days}
        )
    else:
        lines.append(_sent_by(plan, found))
        if found.unstated:
            lines.append(
                _(
                    "The statement of emergency of %(regencies)s is not there: stock of their"
                    " lumbung sosial stays."
                )
                % {"regencies": ", ".join(found.unstated)}
            )
    if found.standing is not None and found.standing.warning:
        lines.append(found.standing.warning)
    return Section(_("Highlights"), tuple(lines))


def _sent_by(plan: Plan, found: Situation) -> str:
    """What a plan sends of what it was made for."""
    about = {"number": plan.pk, "days": plan.days}
    missing = [good for good in found.goods if good.missing]
    if missing:
        goods = ", ".join(f"{one.name} {_n(one.missing)} {one.unit}" for one in missing)
        return _("Plan %(number)s covers %(days)s days; missing: %(goods)s.") % {
            **about,
            "goods": goods,
        }
    if found.standing is not None and found.standing.sends_all:
        return _("Plan %(number)s covers %(days)s days and sends all that is needed.") % about
    return _("Plan %(number)s covers %(days)s days.") % about


def _key_figures(found: Situation) -> Section:
    assessment = found.assessment
    if assessment is None:
        return Section(_("Key figures"))
    rows = (
        (_("Affected villages"), _n(assessment.villages)),
        *(
            (str(words), str(found.totals[name]))
            for name, words in (
                ("families", _("Registered families")),
                ("families_without_point", _("of these without a point, counted by village")),
                ("persons", _("Registered persons")),
                ("under_five", _("Under five")),
                ("elderly", _("Elderly")),
                ("disability", _("With a disability")),
                ("birth_unknown", _("Date of birth unknown")),
            )
        ),
    )
    withheld = any(one.withheld for one in found.totals.values())
    return Section(
        _("Key figures"),
        (readers.explanation(),) if withheld else (),
        (_("What"), pgettext("quantity", "Number")),
        rows,
        _register_source(found),
    )


def _losses(found: Situation) -> Section:
    """What the source reports of victims and houses, where it does."""
    losses = found.losses
    if losses is None:
        return Section(_("Reported victims and damage"))
    as_of = date_format(losses.as_of, "j M Y") if losses.as_of is not None else "–"
    words = _("%(source)s, as of %(day)s, received %(at)s; of all people, registered or not.")
    return Section(
        _("Reported victims and damage"),
        (),
        (_("What"), pgettext("quantity", "Number")),
        tuple((name, _n(count)) for name, count in losses.figures.items()),
        words % {"source": losses.source, "day": as_of, "at": moment(losses.received_at)},
    )


def _impact(found: Situation) -> Section:
    assessment = found.assessment
    if assessment is None:
        return Section(_("Impact"))
    bands = "; ".join(
        f"{one.label}: {one.get_method_display()}" + _named(one) for one in found.footprints
    )
    rows = tuple(
        (
            f"{one.village.name} {one.village_id}",
            one.footprint.label,
            f"{round(one.share_area * 100)} %",
            readers.cell(one.families),
            readers.cell(one.persons),
        )
        for one in found.villages
    )
    lines = (
        _(
            "Affected are all villages that an area meets, with all their registered families,"
            " whatever part of the village it is. People who are not registered are not in these"
            " numbers."
        ),
        _("The %(most)s most severely met villages; the CSV file has all.")
        % {"most": min(MOST_VILLAGES, assessment.villages)},
    )
    header = (_("Village"), _("Level"), _("Share of the area"), _("Families"), _("Persons"))
    source = _("Area: %(bands)s.") % {"bands": bands or "–"}
    return Section(_("Impact"), lines, header, rows, f"{source} {_register_source(found)}")


def _needs(found: Situation) -> Section:
    if not found.goods:
        return Section(_("Needs"))
    days = found.plan.days if found.plan is not None and found.has_quantities else DAYS
    header = (_("Good"), _("Needed"), _("Sent"), pgettext("goods", "Missing"))
    rows = tuple(
        (f"{one.name} ({one.unit})", _n(one.needed), _n(one.sent), _n(one.missing))
        for one in found.goods
    )
    source = _("%(rule)s for %(days)s days; kits and blankets by the practice of lumbung sosial.")
    return Section(_("Needs"), (), header, rows, source % {"rule": PERKA, "days": days})


def _response(found: Situation) -> Section:
    rows = [
        *(
            (_("Shipments: %(status)s") % {"status": one}, _n(n))
            for one, n in found.shipments.items()
        ),
        *((_("Calls: %(status)s") % {"status": one}, _n(n)) for one, n in found.calls.items()),
    ]
    taken = found.hazard.acknowledged_at
    line = (
        _("Taken on by %(name)s, %(at)s.")
        % {"name": found.hazard.acknowledged_by, "at": moment(taken)}
        if taken is not None
        else _("Nobody has taken this hazard on.")
    )
    responsible = found.hazard.assigned_to
    lines = (line, _("Responsible: %(name)s.") % {"name": responsible}) if responsible else (line,)
    source = _("Plan and call log of the command centre.")
    return Section(
        _("Response"),
        lines,
        (_("What"), pgettext("quantity", "Number")) if rows else (),
        tuple(rows),
        source if rows else "",
    )


def _gaps(found: Situation) -> Section:
    """What is missing, and what is not known."""
    lines = []
    if found.unserved:
        lines.append(
            ngettext(
                "%(n)s village does not get all it needs.",
                "%(n)s villages do not get all they need.",
                found.unserved,
            )
            % {"n": _n(found.unserved)}
        )
    lines += [
        _("%(good)s: %(missing)s of %(needed)s %(unit)s are missing.")
        % {"good": one.name, "missing": _n(one.missing), "needed": _n(one.needed), "unit": one.unit}
        for one in found.goods
        if one.missing
    ]
    lines.append(_("Pregnancy and rank (desil) are not in the register."))
    if found.plan is None:
        lines.append(_("Without a plan it is not known what the stock covers."))
    return Section(_("Gaps"), tuple(lines))


def _contact(found: Situation) -> Section:
    name = str(found.duty) if found.duty is not None else _("nobody has the duty")
    lines = [_("Command centre of Kemensos, on duty: %(name)s.") % {"name": name}]
    if settings.DUTY_CONTACT:
        lines.append(settings.DUTY_CONTACT)
    return Section(_("Contact of the duty"), tuple(lines))


def _register_source(found: Situation) -> str:
    assessment = found.assessment
    if assessment is None:
        return ""
    words = _("Register of %(at)s, addresses in affected villages; boundaries: %(editions)s.")
    return words % {
        "at": moment(assessment.assessed_at),
        "editions": ", ".join(assessment.editions) or "–",
    }


def _named(footprint: Any) -> str:
    named = footprint.relation.get("source") if footprint.relation else ""
    return f" ({named})" if named else ""


def _n(number: int | None) -> str:
    return "–" if number is None else str(number_format(number, force_grouping=True))
