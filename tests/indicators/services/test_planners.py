"""A planner defines a service: nothing is asked before an administrator allows its host, nothing
read before the planner saw what it gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches

from apps.audit.models import Entry
from apps.casework import notices
from apps.casework.models import Notice
from apps.common.errors import DomainError
from apps.indicators.models import HostStatus, Publication, Release, Service, ServiceHost
from apps.indicators.services import hosts, previews, syncing
from apps.jobs import work
from apps.jobs.models import Job
from tests.base import NOW
from tests.conftest import as_role
from tests.indicators.figures.tables import BY, figures
from tests.indicators.services import feature_server as wrongs
from tests.indicators.services.feature_server import FeatureServer, feature_server
from tests.indicators.services.test_syncing import TOY, sync, toy_rows

pytestmark = pytest.mark.django_db
PAGE = "/indicators/services/p0-bps/"
CHOSEN = {
    "KDPKAB": "column:region_code",
    "WADMKK": "column:regency_name",
    "P0": "value:poverty_rate",
}


@pytest.fixture(autouse=True)
def _allowed(settings) -> None:
    settings.SERVICE_STAND_IN_ALLOWED = True
    settings.SERVICE_TIMEOUT_S = 0.5
    caches["counters"].delete_many(
        [f"breaker:service-p0-bps:{part}" for part in ("open", "failures", "probe")]
    )


@pytest.fixture
def server() -> Iterator[FeatureServer]:
    with feature_server(toy_rows()) as found:
        yield found


@pytest.fixture
def planner(signed_in):
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def form(server: FeatureServer, kind: str = "arcgis", **values: str) -> dict[str, str]:
    return {
        "name": "p0-bps", "source": "BPS, satu data", "kind": kind, "url": getattr(server, kind),
        "layer": "2" if kind == "arcgis" else "p0", "period": "2021", "code_system": "kemendagri",
        "vintage": "", "interval_s": "86400", **values,
    }  # fmt: skip


def wanted(planner: Any, server: FeatureServer, kind: str = "arcgis") -> Service:
    answer = planner.post("/indicators/services/new/", form(server, kind))
    assert answer["Location"] == PAGE
    return Service.objects.get(pk="p0-bps")


def allow(signed_in: Any) -> None:
    host = ServiceHost.objects.get()
    signed_in("administrator").post(f"/admin/indicators/servicehost/{host.pk}/allow/")


def work_off() -> None:
    """What a worker does with the jobs that wait."""
    with as_role("worker"):
        for job in Job.objects.filter(status=Job.Status.WAITING).order_by("pk"):
            work.run(job.pk, job.kind)


def sent_fields(planner: Any, choices: dict[str, str]) -> dict[str, str]:
    names = Service.objects.get().preview["fields"]
    return {f"field_{names.index(name)}": choice for name, choice in choices.items()}


@pytest.mark.parametrize("kind", ["arcgis", "ogc", "wfs"])
def test_a_planner_defines_a_service_and_its_figures_come(server, signed_in, planner, kind):
    service = wanted(planner, server, kind)
    assert (service.is_active, service.host.status) == (False, HostStatus.WAITING)
    assert "waits for an administrator" in planner.get(PAGE).content.decode()
    allow(signed_in)
    planner.post(f"{PAGE}look/")
    work_off()
    page = planner.get(PAGE).content.decode()
    assert "4 features" in page
    # fields are proposed by their names, and shown with their first values
    assert "18.98 · 20.36 · 13.18" in page
    assert Publication.objects.count() == 0
    planner.post(f"{PAGE}fields/", sent_fields(planner, CHOSEN))
    planner.post(f"{PAGE}on/")
    work_off()
    assert figures() == TOY
    page = planner.get(PAGE).content.decode()
    assert "New figures." in page
    assert "Looked at." in page
    steps = [one.details["step"] for one in Entry.objects.about(service.subject).order_by("pk")
             if "step" in one.details]  # fmt: skip
    assert steps == ["wanted", "looked at", "fields", "on"]


def test_nothing_is_asked_of_a_host_that_nobody_allowed(server, planner):
    service = wanted(planner, server)
    for act in ("look", "on", "sync"):
        planner.post(f"{PAGE}{act}/")
    work_off()
    with as_role("worker"):
        previews.preview_service(service, now=NOW)
        assert syncing.enqueue_due(now=NOW) == []
    assert server.asked == []
    service.refresh_from_db()
    assert service.code == "service_host_waits"


def test_who_wants_a_host_does_not_allow_it(server, signed_in, planner):
    wanted(planner, server)
    host = ServiceHost.objects.get()
    planner.post(f"/admin/indicators/servicehost/{host.pk}/allow/")
    host.refresh_from_db()
    assert host.status == HostStatus.WAITING
    ServiceHost.objects.update(asked_by=BY.key)
    with pytest.raises(DomainError, match="service_host_own"):
        hosts.decide_host(host, is_allowed=True, by=BY, now=NOW)
    allow(signed_in)
    host.refresh_from_db()
    assert (host.status, host.decided_by_name != "") == (HostStatus.ALLOWED, True)
    entries = Entry.objects.filter(subject=f"indicators.ServiceHost:{host.pk}").order_by("pk")
    assert [one.details["step"] for one in entries if "step" in one.details] == [
        "wanted",
        "allowed",
    ]


def test_administrators_get_a_notice_that_a_host_waits(server, signed_in, person, planner):
    administrator = person("administrator")
    wanted(planner, server)
    notice = Notice.objects.get()
    host = ServiceHost.objects.get()
    assert (notice.user, notice.kind) == (administrator, "host_waits")
    assert host.name in notices.words(notice)
    browser = signed_in("administrator")
    assert browser.get(notice.url).status_code == 200
    # a second service of the host, and one that a command allows, say nothing more
    planner.post("/indicators/services/new/", form(server, name="p1-bps"))
    hosts.allow_by_command("https://layanan.example.go.id/x", by=BY, now=NOW)
    assert Notice.objects.count() == 1


def test_a_host_that_is_refused_stops_its_services(server, signed_in, planner):
    service = wanted(planner, server)
    allow(signed_in)
    planner.post(f"{PAGE}look/")
    work_off()
    planner.post(f"{PAGE}fields/", sent_fields(planner, CHOSEN))
    planner.post(f"{PAGE}on/")
    work_off()
    host = ServiceHost.objects.get()
    signed_in("administrator").post(f"/admin/indicators/servicehost/{host.pk}/refuse/")
    server.asked.clear()
    assert sync(Service.objects.get(), days=2).code == "service_host_waits"
    assert server.asked == []
    assert figures() == TOY
    assert "does not allow" in planner.get(PAGE).content.decode()
    assert service.pk == Service.objects.get().pk


@pytest.mark.parametrize(
    "choices",
    [
        {"P0": "value:poverty_rate"},
        {"KDPKAB": "column:region_code"},
        {"KDPKAB": "value:poverty_rate", "P0": "value:poverty_rate"},
        {},
    ],
)
def test_a_service_without_region_or_figures_is_not_switched_on(
    server, signed_in, planner, choices
):
    wanted(planner, server)
    allow(signed_in)
    planner.post(f"{PAGE}on/")  # nobody has looked at it
    planner.post(f"{PAGE}look/")
    work_off()
    planner.post(f"{PAGE}fields/", sent_fields(planner, choices))
    planner.post(f"{PAGE}on/")
    service = Service.objects.get()
    assert (service.is_active, service.values) == (False, {})


def test_what_a_look_finds_wrong_is_said(server, signed_in, planner):
    wanted(planner, server)
    allow(signed_in)
    server.wrong[1] = wrongs.error_inside
    planner.post(f"{PAGE}look/")
    work_off()
    page = planner.get(PAGE).content.decode()
    assert "Error performing query operation" in page
    assert "Nobody has looked at it yet" in page


def test_another_address_is_looked_at_again_and_another_host_allowed_again(
    server, signed_in, planner
):
    wanted(planner, server)
    allow(signed_in)
    planner.post(f"{PAGE}look/")
    work_off()
    planner.post(f"{PAGE}fields/", sent_fields(planner, CHOSEN))
    planner.post(f"{PAGE}on/")
    work_off()
    planner.post(f"{PAGE}edit/", form(server, period="2022", interval_s="604800"))
    service = Service.objects.get()
    assert (service.is_active, service.period, service.interval_s) == (True, "2022", 604_800)
    assert service.preview != {}
    planner.post(f"{PAGE}edit/", form(server, url="https://lain.bps.go.id/FeatureServer"))
    service = Service.objects.get()
    assert (service.is_active, service.preview, service.host.name) == (
        False,
        {},
        "lain.bps.go.id",
    )
    assert not service.is_host_allowed
    assert set(Release.objects.values_list("period", flat=True)) == {"2021"}


def test_what_a_reading_finds_of_a_former_definition_is_dropped(server, signed_in, planner):
    wanted(planner, server)
    allow(signed_in)
    planner.post(f"{PAGE}look/")
    work_off()
    planner.post(f"{PAGE}fields/", sent_fields(planner, CHOSEN))

    def changed_meanwhile(_rows: Any) -> wrongs.Answer:
        return wrongs.Answer(b"", 500)

    service = Service.objects.get()
    planner.post(f"{PAGE}off/")
    planner.post(f"{PAGE}period/", {"period": "2023"})
    server.wrong[1] = changed_meanwhile
    with as_role("worker"):
        # it was read by a worker that knows the definition before
        syncing.sync_service(service, by=BY, now=NOW)
    found = Service.objects.get()
    assert (found.period, found.failures, found.code) == ("2023", 0, "")
    assert not found.is_active
    server.wrong.clear()
    with as_role("worker"):
        assert syncing.sync_service(service, by=BY, now=NOW).code == "service_changed"
    assert not Publication.objects.exists()


INNER = [
    *("http://data.bps.go.id/x", "https://127.0.0.1/", "https://127.1/", "https://2130706433/"),
    *("https://0x7f000001/", "https://0177.0.0.1/", "https://0x7f.1/", "https://[::1]/"),
    *("https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://localhost/"),
    *("https://localhost./", "https://LOCALHOST/", "https://db/", "https://db.internal/"),
    *("https://db.local/", "https://redis.lan:6379/", "https://10.0.0.1/", "https://10.1/"),
    *("https://169.254.169.254/latest/meta-data/", "https://192.168.0.1.", "https://①②⑦.⓪.⓪.①/"),
    *("https://user@data.bps.go.id/", "https://data.bps.go.id@127.0.0.1/", "https:///etc/passwd"),
    *("https://data.bps.go.id#@127.0.0.1/", "https://data.bps.go.id\\@127.0.0.1/", "file:///etc"),
    *("gopher://data.bps.go.id/", "https://data.bps.go.id /", "https://data.bps.go.id\n.local/"),
    *("ftp://data.bps.go.id/", "//data.bps.go.id/", "data.bps.go.id", "https://", "https://.go.id"),
    *("https://data..go.id/", "https://-data.go.id/", "https://data.bps.go.id:99999/x"),
    *("https://data.bps.go.id:0/", "https://1.0.0.127.in-addr.arpa/", "javascript:alert(1)"),
]  # fmt: skip


@pytest.mark.parametrize("url", INNER)
def test_an_inner_address_is_refused_as_it_is_written(planner, settings, url, server):
    settings.SERVICE_STAND_IN_ALLOWED = False
    answer = planner.post("/indicators/services/new/", form(server, url=url))
    assert answer.status_code == 200
    assert "This is no address of a service" in answer.content.decode()
    assert not Service.objects.exists()
    assert not ServiceHost.objects.exists()


@pytest.mark.parametrize("name", ["localtest.me", "127.0.0.1.nip.io"])
def test_a_name_that_leads_inside_is_not_asked_though_its_host_is_allowed(
    planner, signed_in, settings, server, monkeypatch, name
):
    settings.SERVICE_STAND_IN_ALLOWED = False
    # the resolver is the network's, not ours
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda *_args, **_kinds: [(2, 1, 6, "", ("127.0.0.1", 443))]
    )
    planner.post("/indicators/services/new/", form(server, url=f"https://{name}/FeatureServer"))
    allow(signed_in)
    service = Service.objects.get()
    with as_role("worker"):
        previews.preview_service(service, now=NOW)
    service.refresh_from_db()
    assert (service.code, service.preview, server.asked) == ("service_address", {}, [])


def test_a_short_name_is_given_once(server, planner):
    wanted(planner, server)
    answer = planner.post("/indicators/services/new/", form(server))
    assert "There is a service" in answer.content.decode()
    for name in ("new", "Besar", "dua kata"):
        assert planner.post("/indicators/services/new/", form(server, name=name)).status_code == 200
    assert Service.objects.count() == 1
