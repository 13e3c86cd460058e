"""Prepares the demo: regions, one active edition, a cycle, accounts and a register."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import shapely
from django.conf import settings
from django.core.management import call_command
from django.db.models import Count
from django.utils import timezone
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from apps.accounts.models import Agency, Client, Grant, User
from apps.accounts.people import grants, users
from apps.accounts.roles import NATIONAL_ROLES, Role
from apps.casework.models import Cycle
from apps.demo import boundaries as layout
from apps.demo import editions, regency
from apps.demo.population.people import Person, people, write_register
from apps.regions import offices as region_offices
from apps.regions.models import COUNTRY, Boundary, BoundaryEdition, Level, Region

SEED = 2026
REGISTERED = 20_000
Say = Callable[[str], object]


@dataclass
class Stage:
    """The regency, the surrounding villages that have a polygon, and the demo's files
    and people.
    """

    regency: Region
    villages: Mapping[str, BaseGeometry]
    offices: Mapping[str, Point]
    folder: Path
    secrets: dict[str, str]
    is_real: bool = False
    people: dict[Role, User] = field(default_factory=dict)
    client_id: str = ""

    @property
    def own(self) -> dict[str, BaseGeometry]:
        return {c: v for c, v in self.villages.items() if c.startswith(self.regency.code)}

    @property
    def regions(self) -> list[layout.Region]:
        """The regions of the province, in the form for the file generator."""
        tree = Region.objects.under(self.regency.code[:2]).filter(valid_until__isnull=True)
        return [layout.region(row.code, row.name) for row in tree.order_by("code")]

    def registered(self, families: int) -> Iterator[Person]:
        """The first families of the register that the demo loads."""
        return people(self.own, families, SEED)


def prepare(
    *,
    layer: Path | None,
    say: Say,
    show: Any = None,
    persons: int = REGISTERED,
    settle: Callable[..., None] = editions.first,
) -> Stage:
    """Prepare everything before the first upload, with a register of this many persons.

    `settle(folder, show=)` activates the made-up country's boundaries.
    """
    folder = Path(settings.STATE_DIR) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    code = _real_layer(layer, say, show) if layer else _made_up_layer(folder, say, show, settle)
    stage = Stage(
        regency=Region.objects.get(pk=code),
        villages=_villages(code) if layer else _made_up_villages(code),
        offices={} if layer else regency.offices(),
        folder=folder,
        secrets=_secrets(folder),
        is_real=layer is not None,
    )
    _open_cycle()
    say("Accounts, one for each role")
    for role in Role:
        if role != Role.AGENCY:
            stage.people[role] = _account(role, stage)
    stage.client_id = _client(stage)
    _load_register(stage, persons, say)
    return stage


def _made_up_layer(folder: Path, say: Say, show: Any, settle: Callable[..., None]) -> str:
    say("Regions and boundaries of the made-up regency")
    tree = folder / "regions.csv"
    lines = [f"{region.code},{region.name}" for region in regency.regions()]
    tree.write_text("\n".join(["code,name", *lines]) + "\n", encoding="utf-8")
    call_command("import_regions", str(tree))
    region_offices.set_offices({code: (spot.x, spot.y) for code, spot in regency.offices().items()})
    settle(folder, show=show)
    return regency.REGENCY


def _real_layer(layer: Path, say: Say, show: Any) -> str:
    """The national tree, the layer as an edition, and the first regency that it maps."""
    say("National region tree")
    call_command("import_regions")
    say(f"Boundaries of {layer.name}")
    name = layer.name.partition(".")[0][:60]
    editions.enforce(layer, name, _published(name), show=show)
    mapped = (
        Boundary.objects.filter(edition__name=name, region__level=Level.VILLAGE)
        .values_list("region__parent__parent_id")
        .annotate(villages=Count("pk"))
        .order_by("region__parent__parent_id")
    )
    return str(mapped[0][0])


def _published(name: str) -> date:
    """The day on which the edition was first read here."""
    known = BoundaryEdition.objects.filter(name=name).first()
    return known.published_date if known is not None else timezone.localdate()


def _made_up_villages(code: str) -> dict[str, BaseGeometry]:
    """All made-up villages, the regency's own first, including those without an active polygon."""
    found = dict(sorted(regency.villages().items()))
    return {c: v for c, v in found.items() if c.startswith(code)} | found


def _villages(code: str) -> dict[str, BaseGeometry]:
    """The active polygons of the province, the regency's own first."""
    rows = Boundary.objects.current().filter(
        region__code__startswith=code[:2], region__level=Level.VILLAGE
    )
    found = {
        row.region_id: shapely.from_wkb(bytes(row.boundary.wkb)) for row in rows.order_by("pk")
    }
    return {c: v for c, v in found.items() if c.startswith(code)} | found


def _open_cycle() -> None:
    first = timezone.localdate().replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    Cycle.objects.get_or_create(
        name=f"{first:%Y-%m}",
        defaults={
            "opens_date": first,
            "cutoff_date": following - timedelta(days=1),
            "draw_date": following,
        },
    )


def _secrets(folder: Path) -> dict[str, str]:
    """The demo's password and client secret: made once, stored beside its files."""
    path = folder / "secrets.json"
    if not path.exists():
        path.touch(mode=0o600)
        made = {"password": users.random_password(), "client_secret": secrets.token_urlsafe(32)}
        path.write_text(json.dumps(made), encoding="utf-8")
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return known


def _account(role: Role, stage: Stage) -> User:
    """`demo-<role>`: one account with one grant in the demo's regency, or in the whole country."""
    username = f"demo-{role.value.replace('_', '-')}"
    user = User.objects.filter(username=username).first()
    if user is None:
        user, _password = users.create(
            username=username,
            full_name=f"Contoh {role.label}",
            by=None,
            now=timezone.now(),
            is_temporary=False,
        )
    if not user.nik:
        users.give_nik(user=user, nik=_nik(role, stage), by=None, now=timezone.now())
    if not user.check_password(stage.secrets["password"]):
        user.set_password(stage.secrets["password"])
        user.save(update_fields=["password"])
    region = _region_of(role, stage)
    if not Grant.objects.at(timezone.now()).filter(user=user, role=role, region=region).exists():
        _end_others(user)
        grants.grant(user=user, role=role, region_code=region, by=None, now=timezone.now())
    return user


def _nik(role: Role, stage: Stage) -> str:
    """A made-up number of the demo's regency, with a serial that no other person has."""
    return f"{stage.regency.code.replace('.', '')}01010177{9900 + list(Role).index(role)}"


def _end_others(user: User) -> None:
    """End the user's other grants: a demo on another layer moves its users there."""
    for old in Grant.objects.at(timezone.now()).filter(user=user):
        grants.end_grant(grant=old, by=None, now=timezone.now())


def _region_of(role: Role, stage: Stage) -> str:
    if role in NATIONAL_ROLES:
        return COUNTRY
    village = min(stage.own)
    return {
        Role.VILLAGE_OFFICER: village,
        Role.DISTRICT_MONITOR: village[:8],
        Role.PROVINCE_MONITOR: village[:2],
    }.get(role, stage.regency.code)


def _client(stage: Stage) -> str:
    """An agency with one client, whose secret the demo prints."""
    agency, _made = Agency.objects.get_or_create(
        code="demo-agency", defaults={"name": "Contoh instansi", "purpose": "Demo"}
    )
    region = stage.regency.code
    if not Grant.objects.at(timezone.now()).filter(agency=agency, region_id=region).exists():
        grants.grant(
            agency=agency, role=Role.AGENCY, region_code=region, by=None, now=timezone.now()
        )
    client = Client.objects.filter(agency=agency, name="demo").first()
    if client is None:
        client = Client.objects.create(
            agency=agency,
            name="demo",
            client_type=Client.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
            client_secret=stage.secrets["client_secret"],
            allowed_scopes=["proposals:write", "proposals:read"],
        )
    return str(client.client_id)


def _load_register(stage: Stage, persons: int, say: Say) -> None:
    code = stage.regency.code.replace(".", "")
    path = stage.folder / f"register_{code}_{persons}.csv"
    if not path.exists():
        say(f"Writing a register of {persons} made-up persons")
        write_register(path, stage.own, persons, SEED)
    say("Loading the register")
    call_command("import_register", str(path), source="DTKS")
