"""Notices: one line per subject, one's own alone, and an e-mail a day without anybody in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone, translation
from django.utils.html import escape

from apps.casework import cycles, digest, notices
from apps.casework.models import Cycle, MailPreference, Notice
from tests.base import NOW

pytestmark = pytest.mark.django_db
PLACE = "/proposals/notices/"
MORNING = NOW.replace(hour=1)  # eight o'clock in Jakarta


def tell(user, count=1, subject="proposals.Returned", now=NOW, **more):
    notices.write_notices(
        {user.pk: count},
        kind=Notice.Kind.ROWS_RETURNED,
        subject=subject,
        url="/proposals/returned/",
        now=now,
        **more,
    )


@pytest.fixture
def officer(person, role):
    user = person("regency_officer")
    with role("owner"):
        user.email = "petugas@example.test"
        user.save(update_fields=["email"])
    return user


def test_more_of_the_same_adds_to_the_unread_notice(officer):
    tell(officer, 3)
    tell(officer, 2)
    assert [row.count for row in Notice.objects.of(officer)] == [5]


def test_what_was_read_is_not_touched_again(officer):
    tell(officer, 3)
    notices.read(notice=Notice.objects.get(), now=NOW)
    tell(officer, 2)
    assert sorted(row.count for row in Notice.objects.of(officer)) == [2, 3]


def withdraw(user, count, told_at=NOW):
    notices.withdraw_notices(
        {user.pk: count},
        kind=Notice.Kind.ROWS_RETURNED,
        subject="proposals.Returned",
        told_at=told_at,
    )


def test_what_is_undone_is_taken_off_its_notice_and_a_notice_of_nothing_is_gone(officer):
    tell(officer, 3)
    tell(officer, 1, subject="proposals.Other")
    withdraw(officer, 1)
    assert sorted(row.count for row in Notice.objects.of(officer)) == [1, 2]
    withdraw(officer, 2)
    assert [row.subject for row in Notice.objects.of(officer)] == ["proposals.Other"]
    withdraw(officer, 2)


def test_what_was_read_since_is_not_taken_off_a_later_notice(officer):
    tell(officer, 3)
    notices.read(notice=Notice.objects.get(), now=NOW + timedelta(minutes=1))
    tell(officer, 2, now=NOW + timedelta(minutes=2))
    withdraw(officer, 3, told_at=NOW)
    assert sorted(row.count for row in Notice.objects.of(officer)) == [2, 3]
    withdraw(officer, 1, told_at=NOW + timedelta(minutes=2))
    assert sorted(row.count for row in Notice.objects.of(officer)) == [1, 3]


def test_notices_for_nobody_cost_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        notices.write_notices({}, kind=Notice.Kind.BATCH_READY, subject="x", url="/", now=NOW)


def test_the_badge_counts_and_the_page_lists_unread_notices(officer, signed_in):
    tell(officer, 7)
    browser = signed_in("regency_officer")
    page = browser.get(PLACE)
    assert '<b class="unread-count">1</b>' in page.content.decode()
    with translation.override("id"):
        assert escape(notices.words(Notice.objects.get())) in page.content.decode()


def test_opening_a_notice_reads_it_and_leads_on(officer, signed_in):
    tell(officer)
    notice = Notice.objects.get()
    answer = signed_in("regency_officer").post(f"{PLACE}{notice.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, "/proposals/returned/")
    assert Notice.objects.of(officer).unread().count() == 0


def test_another_persons_notice_is_not_found(officer, signed_in):
    tell(officer)
    notice = Notice.objects.get()
    assert signed_in("verifier").post(f"{PLACE}{notice.pk}/").status_code == 404
    assert Notice.objects.of(officer).unread().count() == 1


def test_all_that_was_shown_is_read_and_what_came_later_is_not(officer, signed_in):
    tell(officer, subject="a")
    shown = Notice.objects.get().pk
    tell(officer, subject="b")
    signed_in("regency_officer").post(f"{PLACE}read/", {"until": shown})
    assert [row.subject for row in Notice.objects.of(officer).unread()] == ["b"]


def test_the_pages_of_notices_cost_the_same_however_many_there_are(
    officer, signed_in, django_assert_max_num_queries
):
    for number in range(60):
        tell(officer, subject=f"s{number}")
    browser = signed_in("regency_officer")
    with django_assert_max_num_queries(16):
        page = browser.get(PLACE)
    assert len(page.context["rows"]) == 50
    assert len(browser.get(f"{PLACE}?{page.context['page'].after}").context["rows"]) == 10


# --- the e-mail ---


def test_the_mail_says_how_much_and_where_and_nothing_about_anybody(officer, role):
    tell(officer, 12, file="usulan SITI AMINAH.csv")
    with role("worker"):
        assert digest.send_digests(now=MORNING) == 1
    (sent,) = mail.outbox
    assert sent.to == ["petugas@example.test"]
    assert "12" in sent.body
    assert "/proposals/notices/" in sent.body
    assert "SITI" not in sent.body + sent.subject
    assert officer.full_name not in sent.body


def test_a_second_round_on_the_same_day_sends_nothing(officer, role):
    tell(officer)
    with role("worker"):
        digest.send_digests(now=MORNING)
    tell(officer, subject="later")
    with role("worker"):
        assert digest.send_digests(now=MORNING + timedelta(hours=5)) == 0
        assert digest.send_digests(now=MORNING + timedelta(days=1)) == 1
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("hour", [18, 22])
def test_no_mail_is_sent_before_six_in_the_morning(officer, role, hour):
    tell(officer)
    with role("worker"):
        assert digest.send_digests(now=NOW.replace(hour=hour)) == 0


def test_a_person_who_switched_mails_off_gets_none(officer, signed_in, role):
    tell(officer)
    signed_in("regency_officer").post(f"{PLACE}mail/", {"language": "en"})
    with role("worker"):
        assert digest.send_digests(now=MORNING) == 0
    assert Notice.objects.of(officer).unread().count() == 1


@pytest.mark.parametrize(("language", "words"), [("en", "Good morning"), ("id", "")])
def test_the_mail_speaks_the_chosen_language(officer, signed_in, role, language, words):
    form = {"language": language, "wants_digest": "on"}
    signed_in("regency_officer").post(f"{PLACE}mail/", form)
    assert MailPreference.objects.get().language == language
    tell(officer)
    with role("worker"):
        digest.send_digests(now=MORNING)
    assert words in mail.outbox[0].body


def test_a_mail_that_could_not_be_sent_is_sent_in_the_next_round(officer, role, settings):
    tell(officer)
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with role("worker"):
        with pytest.raises(OSError):
            digest.send_digests(now=MORNING)
        settings.EMAIL_BACKEND = backend
        assert digest.send_digests(now=MORNING) == 1


# --- before a cut-off ---


def test_the_regional_chain_is_warned_once_three_days_before(person, role):
    for name in ("regency_officer", "verifier", "province_monitor", "determiner"):
        person(name)
    today = timezone.localdate()
    closes = today + timedelta(days=3)
    with role("owner"):
        Cycle.objects.update(
            opens_date=today, cutoff_date=closes, draw_date=closes + timedelta(days=1)
        )
    now = timezone.now()
    with role("worker"):
        assert cycles.warn_of_cutoff(now=now - timedelta(days=1)) == 0
        assert cycles.warn_of_cutoff(now=now) == 2
        assert cycles.warn_of_cutoff(now=now) == 0
    Notice.objects.update(read_at=now)
    with role("worker"):
        assert cycles.warn_of_cutoff(now=now + timedelta(days=2)) == 0
    assert str(closes.day) in notices.words(Notice.objects.first())
