"""Services of figures: read to the end or not at all, resumed, and asked again only for changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.cache import caches
from django.core.management import CommandError, call_command

from apps.audit.models import Action, Entry
from apps.common import errors
from apps.common.errors import DomainError
from apps.common.remote_documents import SourceFault
from apps.demo.country import CODES
from apps.indicators.figures import releases
from apps.indicators.models import Publication, Release, Service
from apps.indicators.services import ogc, syncing
from apps.jobs import work
from apps.jobs.models import Job
from tests.base import NOW
from tests.conftest import as_role
from tests.indicators.figures.tables import BY, ROWS, figures, load, write
from tests.indicators.services import feature_server as wrongs
from tests.indicators.services.feature_server import FeatureServer, feature_server
from tests.personas import persona

pytestmark = pytest.mark.django_db
TOY = {"97.01": 18.98, "97.02": 20.36, "98.01": 13.18, "98.02": 7.5}
VILLAGES = {code: 10 + at / 4 for at, code in enumerate(CODES.values())}
COLUMNS = {"region_code": "KDPKAB", "regency_name": "WADMKK", "province_name": "WADMPR"}
NAMES = {
    "97.01": ("Barat Lor", "Nusa Barat"), "97.02": ("Barat Kidul", "Nusa Barat"),
    "98.01": ("Timur Lor", "Nusa Timur"), "98.02": ("Timur Kidul", "Nusa Timur"),
}  # fmt: skip


def toy_rows() -> list[dict[str, object]]:
    return [
        {"KDPKAB": code, "WADMKK": NAMES[code][0], "WADMPR": NAMES[code][1], "P0": value}
        for code, value in TOY.items()
    ]


@pytest.fixture(autouse=True)
def _allowed(settings) -> None:
    settings.SERVICE_STAND_IN_ALLOWED = True
    settings.SERVICE_TIMEOUT_S = 0.5
    caches["counters"].delete_many(
        [f"breaker:service-{name}:{part}" for name in ("bps-p0", "p0")
         for part in ("open", "failures", "probe")]
    )  # fmt: skip


@pytest.fixture
def server() -> Iterator[FeatureServer]:
    with feature_server(toy_rows()) as found:
        yield found


def define(server: FeatureServer, kind: str = "arcgis", **values: object) -> Service:
    known = {
        "name": "bps-p0", "kind": kind, "source": "BPS, satu data", "period": "2021",
        "url": getattr(server, kind), "layer": "2" if kind == "arcgis" else "p0",
        "fields": COLUMNS, "values": {"poverty_rate": "P0"}, "page_size": 3, **values,
    }  # fmt: skip
    with as_role("worker"):
        return syncing.define_service(by=BY, **known)


def define_villages(server: FeatureServer, kind: str = "arcgis", **values: object) -> Service:
    """Sixteen villages in pages of two."""
    server.rows = [{"KDEPUM": code, "P0": value} for code, value in VILLAGES.items()]
    known = {"fields": {"region_code": "KDEPUM"}, "page_size": 2, **values}
    return define(server, kind, **known)


def sync(service: Service, **later: int) -> syncing.Synced:
    with as_role("worker"):
        service.refresh_from_db()
        done = syncing.sync_service(service, by=BY, now=NOW + timedelta(**later))
        service.refresh_from_db()
    return done


@pytest.mark.parametrize("kind", ["arcgis", "ogc", "wfs"])
def test_a_service_is_read_page_by_page_into_a_release_in_force(server, kind):
    service = define(server, kind)
    done = sync(service)
    assert (done.code, done.rows, done.asked, done.is_new) == ("", 4, 2, True)
    assert figures() == TOY
    release = Release.objects.get()
    assert (release.source, release.file_name) == ("BPS, satu data", service.url)
    assert (service.failures, service.answered_at, service.reading) == (0, NOW, {})


@pytest.mark.parametrize("kind", ["arcgis", "ogc", "wfs"])
@pytest.mark.long
def test_an_unchanged_service_gives_nothing_new_and_a_changed_one_a_new_release(server, kind):
    service = define(server, kind)
    sync(service)
    again = sync(service, days=1)
    assert (again.code, again.is_new, Publication.objects.count()) == ("", False, 1)
    server.rows[3]["P0"] = 8.25
    changed = sync(service, days=2)
    assert changed.is_new
    assert figures() == TOY | {"98.02": 8.25}
    assert Release.objects.count() == 2


def test_a_service_that_returns_to_earlier_figures_is_followed(server):
    service = define(server)
    sync(service)
    server.rows[3]["P0"] = 99.0
    sync(service, days=1)
    server.rows[3]["P0"] = TOY["98.02"]
    back = sync(service, days=2)
    assert (back.code, back.is_new) == ("", True)
    assert figures() == TOY
    assert sync(service, days=3).is_new is False


def test_what_a_planner_put_in_the_place_of_earlier_figures_stays(server, tmp_path):
    service = define(server)
    sync(service)
    server.rows[3]["P0"] = 9.0
    sync(service, days=1)
    rows = [row.replace("18.98", "17.5") for row in ROWS]
    load(write(tmp_path, rows), now=NOW + timedelta(days=2))
    server.rows[3]["P0"] = TOY["98.02"]
    assert sync(service, days=3).code == "service_earlier"
    assert figures()["97.01"] == 17.5


@pytest.mark.parametrize("kind", ["arcgis", "ogc", "wfs"])
def test_a_field_that_one_feature_lacks_is_said_with_its_page(server, kind):
    service = define(server, kind)
    sync(service)
    server.rows[0]["P0"] = 17.0
    del server.rows[3]["P0"]
    done = sync(service, days=1)
    assert (done.code, done.params["page"]) == ("service_page_fields", "2")
    assert figures() == TOY
    server.rows[3]["P0"] = None  # empty, but there
    # one region of four less is more than a planner has to confirm
    assert sync(service, days=2).code == "service_review"


@pytest.mark.parametrize("total", [None, "unknown"])
def test_a_wfs_that_gives_smaller_pages_than_asked_is_read_to_its_end(server, total):
    server.most = 1
    server.extra = {"numberMatched": total}
    service = define(server, "wfs")
    assert sync(service).code == ""
    assert figures() == TOY


def test_a_link_that_is_too_long_is_not_cut(server):
    service = define(server, "ogc")
    link = {"rel": "next", "href": f"{server.ogc}/collections/p0/items?token={'x' * 1_200}"}

    def long(rows):
        features = [{"type": "Feature", "id": "1", "properties": row} for row in rows]
        return wrongs.Answer(json.dumps({"features": features, "links": [link]}).encode())

    server.wrong[1] = long
    assert sync(service).code == "service_link"


def test_a_layer_that_was_not_edited_is_not_paged_at_all(server):
    server.edited = 1_700_000_000_000
    service = define(server)
    sync(service)
    asked = server.pages()
    assert sync(service, days=1).code == ""
    assert server.pages() == asked


def test_the_same_rows_without_validators_make_no_new_release(server):
    server.has_validators = False
    service = define(server, "ogc")
    sync(service)
    assert not sync(service, days=1).is_new
    assert Release.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (wrongs.html, "service_not_json"),
        (wrongs.broken, "service_not_json"),
        (wrongs.error_inside, "service_error"),
        (wrongs.silent, "service_timeout"),
        (wrongs.of_status(500), "service_status"),
        (wrongs.of_status(302), "service_status"),
        (lambda _rows: wrongs.Answer(b'{"hasil": []}'), "service_shape"),
        (lambda _rows: wrongs.Answer(b'{"features": [1]}'), "service_shape"),
        (lambda _rows: wrongs.Answer(b'{"code": "x", "description": "y"}'), "service_error"),
    ],
)
@pytest.mark.parametrize("kind", ["arcgis", "ogc", "wfs"])
@pytest.mark.long
def test_a_page_that_is_none_keeps_the_former_release(server, kind, wrong, code):
    service = define(server, kind)
    sync(service)
    server.rows[0]["P0"] = 17.0
    server.wrong[2] = wrong
    failed = sync(service, days=1)
    assert (failed.code, failed.is_new) == (code, False)
    assert (service.code, service.failures) == (code, 1)
    assert "2" in errors.text(service.code, service.params)
    assert figures() == TOY
    assert Publication.objects.count() == 1
    server.wrong.clear()
    assert sync(service, days=1, hours=1).is_new
    assert (figures()["97.01"], service.failures, service.code) == (17.0, 0, "")


@pytest.mark.parametrize("kind", ["arcgis", "ogc", "wfs"])
@pytest.mark.long
def test_an_attempt_goes_on_at_the_page_at_which_the_last_one_stopped(server, kind):
    service = define_villages(server, kind)
    server.wrong[6] = wrongs.silent
    assert sync(service).code == "service_timeout"
    assert (service.params["page"], service.reading["number"]) == ("6", 5)
    assert not Release.objects.exists()
    server.wrong.clear()
    server.asked.clear()
    done = sync(service, minutes=10)
    assert (done.code, done.rows, done.is_new) == ("", 16, True)
    # a full last page of ArcGIS may have another one behind it
    assert server.pages() == (4 if kind == "arcgis" else 3)
    assert figures() == VILLAGES


def test_a_service_that_changed_meanwhile_is_read_from_the_beginning(server):
    server.edited = 1
    service = define_villages(server)
    server.wrong[6] = wrongs.silent
    sync(service)
    server.wrong.clear()
    server.edited, server.rows[0]["P0"] = 2, 55.5
    server.asked.clear()
    assert sync(service, minutes=10).is_new
    assert server.pages() == 9
    assert figures()[CODES["A"]] == 55.5


def test_pages_of_a_day_before_are_not_mixed_with_new_ones(server):
    service = define_villages(server, "ogc")
    server.wrong[6] = wrongs.silent
    sync(service)
    server.wrong.clear()
    server.asked.clear()
    assert sync(service, days=2).is_new
    assert server.pages() == 8


def test_a_server_that_ignores_the_offset_is_noticed(server):
    service = define_villages(server)
    first = server.rows[:2]
    features = [{"attributes": {"OBJECTID": at, **row}} for at, row in enumerate(first, start=1)]
    page = {"features": features, "exceededTransferLimit": True}
    for number in range(1, 9):
        server.wrong[number] = lambda _rows: wrongs.Answer(json.dumps(page).encode())
    assert sync(service).code == "service_repeats"
    assert not Publication.objects.exists()


def test_a_feature_that_comes_twice_is_taken_once_unless_it_differs(server):
    service = define(server, "ogc")
    server.total = 4

    def overlapping(value: float):
        def page(rows):
            told = [dict(server.rows[2], P0=value), *rows]
            features = [
                {"type": "Feature", "id": f"f.{2 + at}", "properties": row}
                for at, row in enumerate(told)
            ]
            return wrongs.Answer(json.dumps({"features": features}).encode())

        return page

    server.wrong[2] = overlapping(13.18)
    assert sync(service).code == ""
    assert figures() == TOY
    server.wrong[2] = overlapping(99.0)
    assert sync(service, days=1).code == "service_rows_differ"
    assert figures() == TOY


@pytest.mark.parametrize("kind", ["arcgis", "ogc", "wfs"])
def test_fewer_features_than_the_service_counts_are_not_the_whole(server, kind):
    service = define(server, kind)
    sync(service)
    server.total, server.rows[0]["P0"] = 5, 1.0
    done = sync(service, days=1)
    # a WFS is asked for the page that is missing, and gives none
    assert done.code == "service_count"
    assert figures() == TOY


def test_full_pages_are_followed_where_a_layer_does_not_say_that_there_is_more(server):
    server.says_more, server.most = False, 2
    service = define(server, page_size=2)
    assert sync(service).code == ""
    assert figures() == TOY


@pytest.mark.parametrize("kind", ["arcgis", "ogc", "wfs"])
def test_a_dropped_field_is_said_with_those_that_there_are(server, kind):
    service = define(server, kind)
    sync(service)
    for row in server.rows:
        row["PERSEN"] = row.pop("P0")
    done = sync(service, days=1)
    assert done.code == "service_fields"
    assert "P0" in errors.text(done.code, done.params)
    assert figures() == TOY


def test_a_next_page_on_another_host_is_not_asked(server):
    service = define(server, "ogc")
    server.wrong[1] = wrongs.elsewhere
    assert sync(service).code == "service_elsewhere"
    assert all("10.0.0.1" not in path for path in server.asked)


def test_codes_that_changed_their_meaning_are_refused_and_the_release_stays(server):
    service = define(server)
    sync(service)
    codes = ["97.02", "97.01", "98.02", "98.01"]
    for row, code in zip(server.rows, codes, strict=True):
        row["KDPKAB"] = code
    done = sync(service, days=1)
    assert done.code == "service_not_read"
    assert "kode menunjuk wilayah lain" in errors.text(done.code, done.params)
    assert figures() == TOY
    # it is said again as long as it is so, about the same publication
    assert sync(service, days=2).code == "service_not_read"
    assert Publication.objects.filter(status=Publication.Status.FAILED).count() == 1


def test_far_fewer_rows_wait_for_a_planner(server):
    service = define(server)
    sync(service)
    del server.rows[2:]
    assert sync(service, days=1).code == "service_review"
    assert figures() == TOY
    assert sync(service, days=2).code == "service_review"
    assert Publication.objects.filter(status=Publication.Status.REVIEW).count() == 1


@pytest.mark.parametrize(
    "extra",
    [
        {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::23830"}}},
        {"spatialReference": {"wkid": 23830}},
    ],
)
def test_another_reference_system_is_said_and_changes_no_figure(server, extra):
    server.extra = extra
    service = define(server, "arcgis" if "spatialReference" in extra else "ogc")
    done = sync(service)
    assert (done.code, done.is_new) == ("service_other_crs", True)
    assert "23830" in errors.text(done.code, done.params)
    assert figures() == TOY


def test_after_some_failures_a_service_is_left_alone_for_a_while(server, settings):
    settings.SERVICE_OPENS_AFTER = 3
    service = define(server)
    server.wrong[1] = wrongs.of_status(503)
    for hour in range(3):
        assert sync(service, hours=hour).code == "service_status"
    server.asked.clear()
    assert sync(service, hours=3).code == "service_paused"
    assert server.asked == []


@pytest.mark.parametrize("url", ["http://10.0.0.1/x", "https://169.254.169.254/", "file:///etc"])
def test_an_inner_address_is_no_service(url):
    with as_role("worker"), pytest.raises(DomainError, match="service_address"):
        syncing.define_service(name="x", by=BY, period="2021", url=url)


def test_a_service_whose_name_leads_inside_later_is_not_asked(server, settings):
    service = define(server)
    settings.SERVICE_STAND_IN_ALLOWED = False
    assert sync(service).code == "service_address"
    assert server.asked == []


def test_services_that_are_due_are_read_by_jobs(server):
    service = define(server)
    with as_role("worker"):
        [job] = syncing.enqueue_due(now=NOW)
        assert syncing.enqueue_due(now=NOW) == [job]
        work.run(job.pk, job.kind)
    job.refresh_from_db()
    assert (job.status, job.result["rows"]) == (Job.Status.DONE, 4)
    assert figures() == TOY
    service.refresh_from_db()
    with as_role("worker"):
        assert syncing.enqueue_due(now=service.asked_at + timedelta(hours=23)) == []
        assert len(syncing.enqueue_due(now=service.asked_at + timedelta(hours=25))) == 1


def test_the_commands_define_a_service_and_read_it(server):
    with as_role("worker"):
        call_command(
            *("define_service", "p0", "--kind", "arcgis", "--url", server.arcgis, "--layer", "2"),
            *("--source", "BPS", "--period", "2021", "--value", "P0=poverty_rate"),
            *("--column", "KDPKAB=region_code"),
            stdout=StringIO(),
        )
        out = StringIO()
        call_command("sync_indicators", "p0", json=True, stdout=out)
        told = json.loads(out.getvalue().splitlines()[-1])["services"]["p0"]
        assert (told["rows"], told["is_new"], told["code"]) == (4, True, "")
        with pytest.raises(CommandError, match="nothing"):
            call_command("sync_indicators", "nothing", stdout=StringIO())
    assert figures() == TOY


def test_a_planner_says_of_which_period_the_figures_are(server, signed_in):
    service = define(server)
    sync(service)
    browser = signed_in("planner")
    address = f"/indicators/services/{service.pk}/period/"
    assert f'action="{address}"' in browser.get("/indicators/services/").content.decode()
    browser.post(address, {"period": "2022-Q1"})
    service.refresh_from_db()
    assert (service.period, service.state, service.failures) == ("2022-Q1", {}, 0)
    assert not service.pages.exists()
    sync(service, hours=1)
    periods = set(Release.objects.filter(is_current=True).values_list("period", flat=True))
    assert periods == {"2021", "2022-Q1"}
    entry = Entry.objects.filter(action=Action.CHANGE, details__former="2021").get()
    assert entry.details["period"] == "2022-Q1"


@pytest.mark.parametrize("period", ["", "kuartal", "2022-13"])
def test_a_period_that_is_none_changes_nothing(server, signed_in, period):
    service = define(server)
    signed_in("planner").post(f"/indicators/services/{service.pk}/period/", {"period": period})
    service.refresh_from_db()
    assert service.period == "2021"


PAGE_OF_TWO = {"features": [{"id": "1", "properties": {"P0": 1}}] * 2, "numberMatched": 9}


@pytest.mark.parametrize(
    ("asked", "named", "following"),
    [
        # a proxy that ends TLS, and a server behind it that does not know of it
        (
            "https://geo.example/p0?f=json",
            "http://geo.example/p0?o=2",
            "https://geo.example/p0?o=2",
        ),
        (
            "https://geo.example/p0?f=json",
            "https://geo.example/p0?o=2",
            "https://geo.example/p0?o=2",
        ),
        # a WFS is read on by its start index
        (
            "https://geo.example/wfs?startIndex=0",
            "http://10.0.0.7:8080/wfs?startIndex=2",
            "https://geo.example/wfs?startIndex=2",
        ),
    ],
)
def test_the_next_page_of_a_server_behind_a_proxy_is_asked_of_the_proxy(asked, named, following):
    read = PAGE_OF_TWO | {"links": [{"rel": "next", "href": named}]}
    assert ogc.read_page(read, asked, 1).next == following


@pytest.mark.parametrize("named", ["http://geo.example:8080/p0", "https://a.example/p0"])
def test_a_next_page_on_another_port_or_host_is_refused(named):
    read = PAGE_OF_TWO | {"links": [{"rel": "next", "href": named}]}
    with pytest.raises(SourceFault, match="service_elsewhere"):
        ogc.read_page(read, "https://geo.example/p0?f=json", 1)


def test_what_was_remarked_of_figures_is_said_as_long_as_they_are_given(server):
    server.extra = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::23830"}}}
    service = define(server, "ogc")
    sync(service)
    again = sync(service, days=1)
    assert (again.code, again.is_new) == ("service_other_crs", False)
    server.wrong[1] = wrongs.broken
    assert sync(service, days=2).code == "service_not_json"
    server.wrong.clear()
    sync(service, days=3)
    assert "23830" in errors.text(service.code, service.params)


def test_figures_that_were_replaced_by_a_file_are_said_until_they_are_in_force_again(
    server, tmp_path
):
    service = define(server)
    sync(service)
    own = Release.objects.get()
    server.rows[3]["P0"] = 9.0
    sync(service, days=1)
    rows = [row.replace("18.98", "17.5") for row in ROWS]
    load(write(tmp_path, rows), now=NOW + timedelta(days=2))
    server.rows[3]["P0"] = TOY["98.02"]
    assert sync(service, days=3).code == "service_earlier"
    assert sync(service, days=4).code == "service_earlier"
    releases.put_in_force(own, by=persona("planner"), now=NOW + timedelta(days=5))
    assert sync(service, days=6).code == ""
