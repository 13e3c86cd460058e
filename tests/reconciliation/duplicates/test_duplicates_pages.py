"""The stewards' pages of duplicates, and how the register shows who was merged into whom."""

import re

import pytest

from apps.audit.models import Entry
from apps.jobs.models import Job
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import persona
from tests.reconciliation.sample_duplicates import a_merge, confirmed, joined, judged
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
LIST, MERGED = "/reconciliation/duplicates/", "/reconciliation/duplicates/merged/"


@pytest.fixture
def steward(signed_in):
    return signed_in("steward", name="penata")


@pytest.fixture
def pair():
    with as_role("owner"):
        keep = a_person(name="SITI AMINAH", programme="PKH")
        drop = a_person("97.02.01.2001", name="SITI AMINAH", programme="SEMBAKO")
        joined(keep, drop)
    return keep, drop


def hidden(answer):
    """What a page's form sends back unchanged."""
    found = re.findall(r'type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', answer.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def work(answer):
    """Do the job to whose page an answer leads; the page as it then is."""
    job = Job.objects.get(pk=int(answer.url.rstrip("/").rpartition("/")[2]))
    with as_role("worker"):
        do(job)
    job.refresh_from_db()
    return job


def test_before_any_run_the_list_says_what_to_do(steward):
    assert steward.get(LIST).context["compared"].run is None
    assert "empty" in steward.get(LIST).content.decode()


def test_the_list_shows_groups_with_masked_numbers_and_leaves_an_entry(steward, pair):
    keep, drop = pair
    text = steward.get(LIST).content.decode()
    assert text.count("SITI AMINAH") >= 2
    assert keep.nik not in text
    assert keep.masked_nik in text
    assert f"/person/{keep.pk}/" in text
    entry = Entry.objects.filter(action="read").latest("pk")
    assert entry.details["criteria"] == ["duplicates"]
    assert entry.details["persons"] == sorted([keep.pk, drop.pk])


@pytest.mark.parametrize(
    ("query", "count"),
    [("status=linked", 1), ("status=same", 0), ("region=97.02", 1), ("region=98", 0),
     ("region=x", 0), ("status=none", 0), ("page=9", 1)],
)  # fmt: skip
def test_the_list_narrows_and_never_widens(steward, pair, query, count):
    assert steward.get(f"{LIST}?{query}").context["groups"] == count


def test_side_by_side_says_what_differs_what_moves_and_who_is_kept(steward, pair):
    keep, drop = pair
    answer = steward.get(f"{LIST}person/{drop.pk}/")
    text = answer.content.decode()
    assert answer.context["group"].keep_id == keep.pk
    assert drop.masked_nik in text
    assert drop.nik not in text
    assert drop.family.kk not in text
    assert "≠" in text
    assert {line.label for line in answer.context["moves"]} >= {"SEMBAKO", "NIK", "No. KK"}
    read = Entry.objects.filter(action="read", details__at="duplicates")
    assert {entry.subject for entry in read} == {
        f"registry.Person:{keep.pk}",
        f"registry.Person:{drop.pk}",
    }


def test_a_group_is_merged_by_a_button_and_undone_by_another(steward, pair):
    keep, drop = pair
    address = f"{LIST}person/{keep.pk}/"
    answer = steward.post(address, hidden(steward.get(address)) | {"reason": ""})
    job = work(answer)
    assert job.status == "done"
    page = steward.get(answer.url)
    assert page.context["merged_id"] == job.result["change"]
    assert steward.get(address).status_code == 404  # no duplicate any more
    assert str(job.result["change"]) in steward.get(MERGED).content.decode()
    merged = f"{MERGED}{job.result['change']}/"
    assert steward.get(merged).context["may_undo"]
    wrong = steward.post(merged, {"keep": str(keep.pk), "reason": ""})
    assert wrong.context["form"].errors["reason"]
    assert steward.post(merged, {"reason": "keliru"}).context["form"].non_field_errors()
    undone = work(steward.post(merged, {"keep": str(keep.pk), "reason": "keliru"}))
    assert (undone.status, undone.result["persons_restored"]) == ("done", 1)
    assert not steward.get(merged).context["may_undo"]
    assert steward.get(f"{LIST}jobs/{undone.pk}/").status_code == 200


def test_keeping_the_other_one_is_shown_before_it_is_done(steward, pair):
    keep, drop = pair
    shown = steward.get(f"{LIST}person/{keep.pk}/?keep={drop.pk}")
    assert shown.context["persons"][0] == drop
    sent = hidden(shown)
    assert sent["keep"] == str(drop.pk)
    work(steward.post(f"{LIST}person/{keep.pk}/", sent))
    with as_role("owner"):
        keep.refresh_from_db()
    assert keep.merged_into_id == drop.pk


def test_what_was_not_shown_is_refused_on_the_page(steward, pair):
    keep, drop = pair
    address = f"{LIST}person/{keep.pk}/"
    sent = hidden(steward.get(address))
    answer = steward.post(address, sent | {"keep": str(drop.pk)})
    assert answer.context["form"].non_field_errors()
    assert not Job.objects.exists()
    assert steward.post(address, {"keep": "1"}).status_code == 404
    assert steward.post(address, {"keep": str(keep.pk)}).context["form"].errors["seen"]


def test_everything_under_a_filter_is_counted_and_then_merged(steward, pair):
    with as_role("owner"):
        joined(a_person(), a_person())
        torn = a_person(), a_person()
        judged(joined(*torn), persona("steward", name="rekan"), "not_same")
    shown = steward.get(f"{LIST}merge/")
    assert [count for _words, count in shown.context["left_out"]] == [1]
    assert hidden(shown)["expected"] == "2"
    job = work(steward.post(f"{LIST}merge/", hidden(shown)))
    assert (job.status, job.result["persons_merged"]) == ("done", 2)
    assert steward.get(f"{LIST}merge/").context["shown"].pairs == []


def test_what_the_civil_register_tells_apart_is_not_merged(steward, pair):
    keep, drop = pair
    with as_role("owner"):
        confirmed(keep)
    address = f"{LIST}person/{keep.pk}/"
    offered = hidden(steward.get(address))  # from before the civil register said so
    with as_role("owner"):
        confirmed(drop)
    shown = steward.get(address)
    assert not shown.context["may_merge"]
    assert "dua orang yang hidup" in shown.content.decode()
    sent = steward.post(address, offered | {"reason": "salah ketik"})
    assert sent.context["form"].non_field_errors()


@pytest.mark.parametrize("role", ["pusdatin_verifier", "regency_officer", "administrator"])
def test_nobody_but_stewards_opens_these_pages(signed_in, pair, role):
    browser = signed_in(role)
    for address in (LIST, f"{LIST}merge/", f"{LIST}person/{pair[0].pk}/", MERGED):
        assert browser.get(address).status_code in (403, 404)


# --- how the register shows it ---


@pytest.fixture
def merged(pair):
    keep, drop = pair
    with as_role("worker"):
        a_merge(keep, drop)
    return pair


def test_a_merged_person_leads_to_the_kept_one_and_keeps_its_history(signed_in, merged):
    keep, drop = merged
    browser = signed_in("determiner")
    page = browser.get(f"/admin/registry/person/{drop.pk}/change/")
    assert page.context["survivor"] == keep
    assert f"/admin/registry/person/{keep.pk}/change/" in page.content.decode()
    assert len(page.context["timeline"]) == 2


def test_the_kept_person_lists_those_who_were_merged_into_it(signed_in, merged):
    keep, drop = merged
    page = signed_in("determiner").get(f"/admin/registry/person/{keep.pk}/change/")
    assert list(page.context["merged"]) == [drop]
    lost = {line.field for line in page.context["lines"] if line.lost}
    assert lost >= {"nik", "kk", "village"}


def test_a_search_for_the_number_of_a_merged_person_leads_to_the_kept_one(signed_in, merged):
    keep, drop = merged
    form = {"nik": drop.nik, "kk": "", "name": "", "birth_date": ""}
    page = signed_in("determiner").post("/admin/registry/person/", form)
    assert page.context["found"] == [(drop, keep)]
    assert f"/admin/registry/person/{keep.pk}/change/" in page.content.decode()


def test_an_officer_is_not_told_of_a_person_of_another_region(signed_in, merged):
    keep, drop = merged
    browser = signed_in("verifier", "97.02")
    page = browser.get(f"/admin/registry/person/{drop.pk}/change/")
    assert (page.status_code, page.context["survivor"]) == (200, None)
    assert str(keep.pk) not in re.findall(r"/person/(\d+)/change", page.content.decode())
    own = signed_in("verifier", "97.01").get(f"/admin/registry/person/{keep.pk}/change/")
    assert list(own.context["merged"]) == []
