"""Photos of a house: with a draft, sent with it, compared with its point, seen by whom."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import User
from apps.audit.models import Entry
from apps.casework.models import Photo
from apps.demo import country
from apps.proposals.entry import photo_views
from apps.proposals.models import Batch, Finding, FormDraft, HousePhoto, Proposal
from apps.proposals.photos import house_photos
from tests import photo_files
from tests.conftest import as_role
from tests.personas import SIBLING
from tests.proposals.forms import draft_of, house, now_is, places, save, typed, work_off
from tests.proposals.sending import point

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person):
    return person("village_officer")


@pytest.fixture
def browser(officer, signed_in):
    return signed_in("village_officer")


@pytest.fixture
def draft(officer) -> FormDraft:
    return draft_of(officer)


def where(letter: str = "A", east: float = 0.3, north: float = 0.4) -> tuple[float, float]:
    """The position of a camera in the toy country: latitude, longitude."""
    spot = point(letter, east, north)
    return float(spot["latitude"]), float(spot["longitude"])


def send_photo(browser, draft, content: bytes, kind: str = "front", key=None, **headers):
    """Send a photo in parts as the script does, and finish it."""
    base = f"/proposals/drafts/{draft.pk}/photos/parts/{key or uuid4()}/"
    offset = browser.get(base).json()["offset"]
    while offset < len(content):
        answer = browser.post(
            base,
            content[offset : offset + 50_000],
            content_type="application/octet-stream",
            headers={"Upload-Offset": str(offset)},
        )
        assert answer.status_code == 200
        offset = answer.json()["offset"]
    sent = {"kind": kind, "file_name": "rumah.jpg", "size": len(content)}
    return browser.post(f"{base}finish/", sent, headers={"Accept": "application/json"})


def listed(browser, draft) -> str:
    """The list as the page gets it after a photo was sent."""
    return browser.get(f"/proposals/drafts/{draft.pk}/photos/").content.decode()


def stored(draft) -> list[HousePhoto]:
    with as_role("owner"):
        return list(HousePhoto.objects.filter(draft=draft).select_related("photo").order_by("pk"))


def test_a_photo_is_added_in_parts_and_the_list_says_how_far_its_camera_stood(browser, draft):
    typed(browser, draft)
    answer = send_photo(browser, draft, photo_files.photo(position=where()))
    assert answer.status_code == 200
    assert answer.json() == {"count": 1}
    assert "dari titik" in listed(browser, draft)
    (one,) = stored(draft)
    assert (one.kind, one.actual_village_id) == ("front", country.CODES["A"])


def test_the_same_photo_sent_twice_is_one(browser, draft):
    content = photo_files.photo()
    send_photo(browser, draft, content)
    answer = send_photo(browser, draft, content, kind="inside")
    assert answer.json()["count"] == 1
    assert [one.kind for one in stored(draft)] == ["inside"]


def test_a_finish_that_is_repeated_adds_nothing(browser, draft):
    key, content = uuid4(), photo_files.photo()
    send_photo(browser, draft, content, key=key)
    again = browser.post(
        f"/proposals/drafts/{draft.pk}/photos/parts/{key}/finish/",
        {"kind": "front", "size": len(content)},
        headers={"Accept": "application/json"},
    )
    assert (again.status_code, again.json()["count"]) == (200, 1)


def test_a_photo_goes_on_where_its_line_was_cut(browser, draft):
    content, key = photo_files.photo(), uuid4()
    base = f"/proposals/drafts/{draft.pk}/photos/parts/{key}/"
    first = browser.post(
        base,
        content[:1000],
        content_type="application/octet-stream",
        headers={"Upload-Offset": "0"},
    )
    assert first.json()["offset"] == 1000
    repeated = browser.post(
        base,
        content[:1000],
        content_type="application/octet-stream",
        headers={"Upload-Offset": "0"},
    )
    assert (repeated.status_code, repeated.json()["offset"]) == (409, 1000)
    early = browser.post(
        f"{base}finish/", {"size": len(content)}, headers={"Accept": "application/json"}
    )
    assert (early.status_code, early.json()["offset"]) == (409, 1000)
    assert send_photo(browser, draft, content, key=key).json()["count"] == 1


def test_several_photos_are_sent_by_a_plain_form(browser, draft):
    files = [
        SimpleUploadedFile(f"{shade}.jpg", photo_files.photo(shade=shade)) for shade in (1, 2)
    ] + [SimpleUploadedFile("surat.jpg", photo_files.PDF)]
    answer = browser.post(
        f"/proposals/drafts/{draft.pk}/photos/", {"photos": files, "kind": "other"}, follow=True
    )
    page = answer.content.decode()
    assert len(stored(draft)) == 2
    assert "surat.jpg" in page
    assert "PDF" in page


def test_more_photos_than_help_are_refused_in_words(browser, draft, monkeypatch):
    monkeypatch.setattr(house_photos, "MOST_PHOTOS", 1)
    send_photo(browser, draft, photo_files.photo(shade=1))
    answer = send_photo(browser, draft, photo_files.photo(shade=2))
    assert answer.status_code == 422
    assert "1" in answer.json()["wrong"]
    assert len(stored(draft)) == 1


def test_a_refused_photo_leaves_nothing_behind(browser, draft, settings):
    answer = send_photo(browser, draft, photo_files.photo() + photo_files.PDF)
    assert answer.status_code == 422
    assert "rumah.jpg" in answer.json()["wrong"]
    parts = Path(settings.MEDIA_ROOT) / photo_views.FOLDER
    assert not list(parts.glob("*"))
    assert stored(draft) == []


@pytest.mark.parametrize(
    ("position", "codes"),
    [
        (None, set()),
        ((0.3, 0.4), set()),
        ((0.35, 0.4), set()),  # 55 m: to look at, no finding yet
        ((0.8, 0.4), {"photo_far"}),  # 540 m
        ("Sydney", {"photo_abroad"}),
    ],
)
@pytest.mark.long
def test_only_a_camera_far_from_the_point_is_a_finding(browser, draft, position, codes):
    typed(browser, draft)
    spot = (-33.86, 151.2) if position == "Sydney" else position and where("A", *position)
    send_photo(browser, draft, photo_files.photo(position=spot))
    found = places(work_off(draft))
    assert found.get("house.point", set()) == codes
    page = browser.get(f"/proposals/drafts/{draft.pk}/house/").content.decode()
    assert ("tidak memuat lokasi" in page) is (position is None)
    assert ("di luar Indonesia" in page) is (position == "Sydney")


def test_a_removed_photo_takes_its_finding_and_its_file_with_it(
    browser, draft, django_capture_on_commit_callbacks
):
    typed(browser, draft)
    send_photo(browser, draft, photo_files.photo(position=where("C")))
    assert places(work_off(draft)) == {"house.point": {"photo_far"}}
    (one,) = stored(draft)
    path = Path(one.photo.file.path)
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"/proposals/drafts/{draft.pk}/photos/{one.pk}/remove/")
    assert places(work_off(draft)) == {}
    assert not path.exists()
    with as_role("owner"):
        assert not Photo.objects.filter(pk=one.photo_id).exists()


def test_a_deleted_draft_takes_its_photos_with_it(browser, draft):
    send_photo(browser, draft, photo_files.photo())
    browser.post(f"/proposals/drafts/{draft.pk}/delete/")
    with as_role("owner"):
        assert not HousePhoto.objects.exists()
        assert not Photo.objects.exists()


def submitted(browser, draft, content: bytes) -> Proposal:
    typed(browser, draft)
    send_photo(browser, draft, content)
    browser.post(f"/proposals/drafts/{draft.pk}/submit/")
    work_off(draft)
    with as_role("owner"):
        return Proposal.objects.get(batch__draft=draft)


def test_the_photos_are_sent_with_the_family_and_its_finding_is_stored(browser, draft):
    proposal = submitted(browser, draft, photo_files.photo(position=where("C")))
    with as_role("owner"):
        (found,) = Finding.objects.filter(batch=proposal.batch)
        (shown,) = house_photos.of_proposal(proposal)
    assert (found.code, found.severity, proposal.severity) == ("photo_far", 2, 2)
    assert found.params["photo_village"] == "Cemara"
    assert found.params["distance_m"] == pytest.approx(shown.distance_m, abs=0.1)
    assert (shown.band, shown.village, shown.others) == ("far", "Cemara", 0)
    assert "Cemara" in shown.sentence
    (one,) = stored(draft)
    assert one.batch_id == proposal.batch_id


def test_a_sent_familys_photo_cannot_be_removed(browser, draft):
    submitted(browser, draft, photo_files.photo())
    (one,) = stored(draft)
    answer = browser.post(
        f"/proposals/drafts/{draft.pk}/photos/{one.pk}/remove/", headers={"HX-Request": "true"}
    )
    assert 'role="alert"' in answer.content.decode()
    assert len(stored(draft)) == 1


def test_the_same_picture_at_another_family_is_told(browser, draft, officer):
    content = photo_files.photo()
    submitted(browser, draft, content)
    other = draft_of(officer)
    send_photo(browser, other, content)
    assert "1" in listed(browser, other)
    with as_role("owner"):
        (shown,) = house_photos.of_draft(now_is(other))
    assert shown.others == 1


def test_the_verifier_sees_the_photo_in_place_and_the_look_is_on_record(browser, draft, signed_in):
    proposal = submitted(browser, draft, photo_files.photo())
    (one,) = stored(draft)
    answer = signed_in("verifier").get(f"/proposals/photos/{one.pk}/")
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xff\xd8\xff")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "private, no-store"
    with as_role("owner"):
        entry = Entry.objects.filter(action="read").latest("pk")
        assert entry.subject == f"proposals.Batch:{proposal.batch_id}"
        assert entry.details["rows"] == [proposal.row_number]


@pytest.mark.parametrize(
    ("role", "region", "status"),
    [
        ("verifier", "", 200),
        ("district_monitor", "", 200),
        ("verifier", SIBLING, 404),
        ("village_officer", SIBLING, 404),
        ("user_administrator", "", 403),
    ],
)
@pytest.mark.long
def test_a_photo_is_seen_within_the_scope_alone(browser, draft, signed_in, role, region, status):
    submitted(browser, draft, photo_files.photo())
    (one,) = stored(draft)
    other = signed_in(role, region) if region else signed_in(role)
    assert other.get(f"/proposals/photos/{one.pk}/").status_code == status


def test_photos_follow_the_permission_of_their_rows(browser, draft, signed_in):
    """An administrator sees files, but no rows: photos of rows only in a file of their own."""
    proposal = submitted(browser, draft, photo_files.photo())
    (one,) = stored(draft)
    address, page = (
        f"/proposals/photos/{one.pk}/",
        f"/proposals/batches/{proposal.batch_id}/photos/",
    )
    administrator = signed_in("administrator")
    assert administrator.get(address).status_code == 404
    listed = administrator.get(page)
    assert listed.status_code == 200
    assert address not in listed.content.decode()
    assert address in signed_in("verifier").get(page).content.decode()
    with as_role("owner"):
        user = User.objects.get(username__startswith="administrator")
        Batch.objects.filter(pk=proposal.batch_id).update(user=user)
    assert administrator.get(address).status_code == 200
    assert address in administrator.get(page).content.decode()


def test_a_photo_of_a_draft_is_its_authors_alone(browser, draft, signed_in):
    send_photo(browser, draft, photo_files.photo())
    (one,) = stored(draft)
    assert browser.get(f"/proposals/photos/{one.pk}/").status_code == 200
    for role in ("verifier", "regency_officer", "pusdatin_verifier"):
        other = signed_in(role)
        assert other.get(f"/proposals/photos/{one.pk}/").status_code == 404
        assert other.get(f"/proposals/drafts/{draft.pk}/photos/").status_code in (403, 404)


def test_another_point_is_another_distance(browser, draft):
    typed(browser, draft)
    send_photo(browser, draft, photo_files.photo(position=where("C")))
    assert places(work_off(draft)) == {"house.point": {"photo_far"}}
    save(browser, draft, "house", house("C"))
    assert "photo_far" not in places(work_off(draft)).get("house.point", set())


def test_a_file_that_is_missing_on_the_disk_is_told(browser, draft):
    send_photo(browser, draft, photo_files.photo())
    (one,) = stored(draft)
    Path(one.photo.file.path).unlink()
    assert browser.get(f"/proposals/photos/{one.pk}/").status_code == 410
