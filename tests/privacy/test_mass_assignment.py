"""Every form is sent every field of its model, and of those beside it: none that is not offered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.db import models as gis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models, transaction
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.models import User
from apps.api import views
from apps.api.serializers import COLUMNS
from apps.proposals.columns import COLUMNS as TEMPLATE
from apps.proposals.models import Batch, Proposal
from tests import photo_files
from tests.access.addresses import addresses
from tests.access.objects import made_in
from tests.access.table import NOBODY, TABLE
from tests.access.visitors import values_of as address_values
from tests.api.test_proposals import ROW, Caller
from tests.conftest import as_role
from tests.personas import FOREIGN, OWN, persona
from tests.privacy.endpoints import ENDPOINTS, KINDS, NO_ROW, Endpoint, values_of
from tests.privacy.fingerprint import FIXED
from tests.proposals import factory
from tests.proposals.sending import as_csv, row
from tests.regions.editions import toy, write

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MARK, NUMBER, DAY = "DISELUNDUPKAN", 77310077, "1666-02-03"
ADDRESSES = {address.name: address for address in addresses()}


def test_every_address_that_takes_a_form_is_here():
    taking = {name for name, line in TABLE.items() if line.send != NOBODY}
    assert taking - NO_ROW == set(ENDPOINTS)


@pytest.fixture(scope="module")
def objects(lasting: Callable[[], AbstractContextManager[None]]) -> dict[str, dict[str, Any]]:
    with lasting():
        found = {region: made_in(region) for region in (OWN, FOREIGN)}
        sent = factory.batch(persona("regency_officer"), status="submitted")
        factory.proposal(sent, status="accepted", step_at=timezone.now() - timedelta(hours=1))
    return found


def persona_of(role: str) -> User:
    with as_role("owner"):
        return persona(role)


@pytest.fixture
def files(tmp_path) -> dict[str, bytes]:
    layer = write(tmp_path / "batas.geojson", toy())
    return {
        "batch": as_csv([row(9001)]),
        "layer": layer.read_bytes(),
        "photos": photo_files.archive({"1.jpg": photo_files.photo()}),
        "evidence": b"%PDF-1.4\n%%EOF\n",
        "document": b"%PDF-1.4\n%%EOF\n",
        "corrections": b"NIK,NAMA,Baris\n1,A,2\n",
        "figures": b"kode,P0\n97.01,18.98\n",
        "stock": b"Fasilitas,Barang,Jumlah\nLumbung,Beras,1\n",
        "dataset": b"ID,NIK,NAMA\n1,9701011201889001,CONTOH\n",
    }


def hostile(model: type[models.Model], foreign: Mapping[str, Any]) -> dict[str, str]:
    """A value for every field of a model, by both of its names."""
    found = {}
    for field in model._meta.concrete_fields:
        value = _hostile(field, foreign)
        found |= {field.name: value, field.attname: value}
    return found


def _hostile(field: models.Field[Any, Any], foreign: Mapping[str, Any]) -> str:
    if field.is_relation:
        return str(foreign.get(KINDS.get(field.related_model, ""), NUMBER))  # type: ignore[arg-type]
    if field.choices:
        values = [str(value) for value, _label in field.flatchoices]
        return next(value for value in reversed(values) if value != str(field.get_default()))
    if isinstance(field, models.BooleanField):
        return "" if field.get_default() else "on"
    if isinstance(field, models.DateField):
        return DAY
    if isinstance(field, gis.GeometryField):
        return "SRID=4326;POINT (1.234567 2.345678)"
    if isinstance(field, models.JSONField):
        return json.dumps({"a": MARK})
    if isinstance(field, models.IntegerField | models.FloatField):
        return str(NUMBER)
    return MARK


def sent(browser: Browser, path: str, given: Endpoint, form: Mapping[str, Any]) -> Any:
    answer = browser.post(path + given.query, dict(form))
    assert answer.status_code < 500
    return answer


@pytest.mark.parametrize("name", sorted(ENDPOINTS))
@pytest.mark.long
def test_only_what_a_form_offers_is_stored(name, objects, files, signed_in):
    given, line = ENDPOINTS[name], TABLE[name]
    own = objects[OWN]
    browser = signed_in(given.who)
    address = ADDRESSES[name]
    path = address.at(**address_values(address, line, own.get(line.target)))
    key = None if given.is_new else key_of(name, given, own)
    with as_role("owner"):
        untouched = None if given.is_new else values_of(given.row, key)
    smuggled = dict[str, str]()
    for model in (*given.others, given.row):
        smuggled |= hostile(model, objects[FOREIGN])
    plain = list(played(browser, path, given, [given.form, given.form], files, key))
    (result, everything), *_rest = played(browser, path, given, [smuggled | given.form], files, key)
    assert MARK not in everything
    assert str(NUMBER) not in everything
    assert DAY not in everything
    (first, _text), (again, _same) = plain
    assert not given.is_changed or first != untouched
    for field, value in first.items():
        if value == again[field]:  # else it is another one each time
            assert result[field] == value, field


def key_of(name: str, given: Endpoint, own: Mapping[str, Any]) -> Any:
    if name == "password_change":
        return persona_of(given.who).pk
    return own[KINDS[given.row]]


def played(
    browser: Browser,
    path: str,
    given: Endpoint,
    forms: list[Mapping[str, Any]],
    files: Mapping[str, bytes],
    key: Any,
) -> Iterator[tuple[dict[str, Any], str]]:
    """For each form: the row as it then is, and all that is stored. It is taken back again."""
    for form in forms:
        with transaction.atomic():
            before = _newest(given)
            whole = dict(form)
            if given.file:
                whole["file"] = SimpleUploadedFile(f"{given.file}.geojson", files[given.file])
            if given.file == "batch":
                whole["file"] = SimpleUploadedFile("usulan.csv", files["batch"])
            answer = sent(browser, path, given, whole)
            with as_role("owner"):
                assert not given.is_new or _newest(given) != before, answer.content.decode()
                yield values_of(given.row, key), stored()
            transaction.set_rollback(True)


def _newest(given: Endpoint) -> Any:
    with as_role("owner"):
        return given.row._default_manager.order_by("-pk").values_list("pk", flat=True).first()


def stored() -> str:
    """Every row of every table, as text; without the geometry and the sessions."""
    lines = []
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for table in tables - FIXED - {"django_session", "regions_boundary", "regions_region"}:
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')
            lines += [text for (text,) in cursor.fetchall()]
    return "\n".join(lines)


def test_an_upload_stays_with_its_region_while_its_columns_are_matched(objects, signed_in):
    """The second page of an upload asks for columns; whose file it is was said on the first."""
    browser = signed_in("regency_officer")
    # another month than the cycle's is asked about first
    file = SimpleUploadedFile("usulan_oktober_2026.csv", as_csv([row(9001)]))
    asked = browser.post("/proposals/batches/upload/", {"file": file, "region": OWN})
    columns = {f"column_{name}": str(at) for at, name in enumerate(TEMPLATE)}
    smuggled = hostile(Batch, objects[FOREIGN]) | {"region": FOREIGN, "token": MARK}
    answer = browser.post(asked["Location"], smuggled | columns | {"code_system": "kemendagri"})
    assert answer.status_code == 302, answer.content.decode()
    with as_role("owner"):
        made = Batch.objects.latest("pk")
        assert (made.region_id, made.status, made.code_system) == (OWN, "received", "kemendagri")
        assert MARK not in stored()


def test_the_api_takes_its_columns_and_nothing_else(objects, monkeypatch):
    monkeypatch.setattr(views, "WAIT_S", 0)  # no worker: the answer comes at once
    caller = Caller(OWN)
    smuggled = hostile(Proposal, objects[FOREIGN]) | hostile(Batch, objects[FOREIGN])
    offered = dict(ROW)
    own = {name: "" for name in COLUMNS if name not in offered}
    body = json.dumps(smuggled | own | offered)
    answer = caller.browser.post(
        "/api/v1/proposals/",
        body,
        "application/json",
        headers={"Authorization": f"Bearer {caller.token}"},
    )
    assert answer.status_code == 202, answer.content
    with as_role("owner"):
        made = Batch.objects.latest("pk")
        assert made.row_values == [offered]
        assert (made.region_id, made.agency_id) == (OWN, caller.client.agency_id)
        assert (made.status, made.user_id, made.rows_read) == ("received", None, 0)
        text = stored()
    assert MARK not in text
    assert str(NUMBER) not in text
    assert DAY not in text
