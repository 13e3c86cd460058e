"""A delivery whose columns were matched wrongly is taken back, and loaded with the right ones."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Entry
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.proposals.models import CivilMatch, Proposal
from apps.reconciliation.deliveries import datasets, reverting
from apps.reconciliation.linkage import runs
from apps.reconciliation.models import Dataset, Record, Run, Source
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import persona
from tests.proposals.factory import batch, proposal
from tests.reconciliation.sample_deliveries import as_csv, held, load, loaded, receive, row, rows

pytestmark = pytest.mark.django_db
Status = Dataset.Status


def steward():
    with as_role("owner"):
        return persona("steward")


def at(name, *args):
    return reverse(f"reconciliation:{name}", args=args)


def everything():
    """Every record with all that it says."""
    with as_role("worker"):
        return list(Record.objects.order_by("pk").values())


def again(dataset):
    return Dataset.objects.select_related("source").get(pk=dataset.pk)


def worked(job):
    with as_role("worker"):
        do(job)
    job.refresh_from_db()
    return job


def taken_back(dataset):
    job = worked(reverting.enqueue_revert(dataset=dataset, by=steward(), now=timezone.now()))
    assert job.status == "done", job.message_code
    return again(dataset)


def second_delivery():
    """One changed, one gone, one new; the mother's name was taken for the person's."""
    given = [*rows(3), row(9004, ALAMAT="JL. BARU 2"), row(9100)]
    return receive(as_csv(given), mapping={"name": "NAMA_LGKP_IBU", "mother_name": "NAMA_LGKP"})


def a_run(dataset, status="done"):
    with as_role("worker"):
        run, _job = runs.enqueue_run(left=dataset, by=None, by_name="tests", now=timezone.now())
        for step in {"done": ["running", "done"], "stopped": ["running", "stopped"]}.get(
            status, []
        ):
            Run.objects.filter(pk=run.pk).update(status=step, settings={"model": {"wrong": 1}})
    return Run.objects.get(pk=run.pk)


def test_the_records_are_as_before_the_delivery_and_it_is_loaded_again_with_the_right_columns():
    first = loaded(rows(5))
    before = everything()
    second = load(second_delivery())
    assert held(second)[0].name == "CONTOH IBU"
    back = taken_back(second)
    assert everything() == before
    assert (back.status, back.counts, back.rows_read) == (Status.TAKEN_BACK, {}, 0)
    assert Source.objects.get().mapping == first.mapping
    job = datasets.resume(
        dataset=back,
        by=steward(),
        now=timezone.now(),
        mapping={"name": "NAMA_LGKP", "mother_name": "NAMA_LGKP_IBU"},
    )
    right = load(datasets.Received(back, job, False))
    assert (right.status, right.number) == (Status.LOADED, 2)
    assert right.counts == {
        "rows": 5, "new": 1, "changed": 1, "gone": 1, "unchanged": 3, "repeats": 0,
    }  # fmt: skip
    assert {one.source_ref for one in held(right)} == {"C9001", "C9002", "C9003", "C9004", "C9100"}


def test_the_first_delivery_of_a_source_leaves_nothing():
    back = taken_back(loaded(rows(3)))
    assert everything() == []
    assert Source.objects.get().mapping == {}
    # the next one is compared with nothing
    assert loaded(rows(2)).counts["new"] == 2
    assert back.number == 1


def test_loaded_again_after_a_later_delivery_it_comes_behind_it():
    loaded(rows(2))
    back = taken_back(loaded(rows(3)))
    loaded(rows(4))
    job = datasets.resume(dataset=back, by=None, by_name="tests", now=timezone.now())
    last = load(datasets.Received(back, job, False))
    assert (last.number, last.counts["gone"]) == (4, 1)
    assert len(held(last)) == 3


def test_who_took_it_back_is_on_record():
    dataset = taken_back(loaded(rows(3)))
    with as_role("owner"):
        said = Entry.objects.about(dataset.subject).filter(details__step="take_back")
        assert set(said.values_list("action", "actor")) == {
            ("change", f"user:{steward().pk}"),
            ("run", f"user:{steward().pk}"),
        }
        assert said.get(action="run").details["records_gone"] == 3


@pytest.mark.parametrize(
    ("status", "code"), [("done", "dataset_used"), ("asked", "dataset_in_run")]
)
def test_a_run_that_has_compared_it_is_named(status, code):
    dataset = loaded(rows(3))
    run = a_run(dataset, status)
    with pytest.raises(DomainError) as refused:
        reverting.enqueue_revert(dataset=dataset, by=steward(), now=timezone.now())
    assert (refused.value.code, refused.value.params) == (code, {"run": run.pk})
    assert str(run.pk) in refused.value.text


def test_a_run_that_came_meanwhile_keeps_it():
    dataset = loaded(rows(3))
    job = reverting.enqueue_revert(dataset=dataset, by=steward(), now=timezone.now())
    a_run(dataset)
    assert (worked(job).status, job.message_code) == ("failed", "dataset_used")
    assert len(held(again(dataset))) == 3


def test_a_run_of_which_nothing_counts_does_not_keep_it_and_trains_again():
    dataset = loaded(rows(3))
    run = a_run(dataset, "stopped")
    back = taken_back(dataset)
    run.refresh_from_db()
    assert run.settings == {}
    with pytest.raises(DomainError, match="^dataset_not_loaded$"):
        runs.resume(run, steward(), by_name="Penata")
    with pytest.raises(DomainError, match="^dataset_not_loaded$"):
        runs.enqueue_run(left=back, by=None, by_name="tests", now=timezone.now())


def test_only_the_newest_of_a_source_is_taken_back():
    first, second = loaded(rows(3)), loaded(rows(4))
    with pytest.raises(DomainError) as refused:
        reverting.enqueue_revert(dataset=first, by=steward(), now=timezone.now())
    assert (refused.value.code, refused.value.params) == ("dataset_not_newest", {"number": 2})
    taken_back(second)
    assert taken_back(first).status == Status.TAKEN_BACK


def test_who_asks_twice_gets_one_job():
    dataset = loaded(rows(3))
    asked = {
        reverting.enqueue_revert(dataset=dataset, by=steward(), now=timezone.now()).pk
        for _ in range(2)
    }
    assert len(asked) == 1


def test_what_it_said_of_proposals_that_wait_is_forgotten():
    dataset = loaded(rows(3))
    with as_role("owner"):
        of = batch(persona("regency_officer"), status="submitted")
        waits, is_through = proposal(of, status="endorsed"), proposal(of, status="determined")
        for one in (waits, is_through):
            CivilMatch.objects.create(
                proposal=one, village_id=one.village_id, status="not_matched",
                source="DUKCAPIL:1", checked_at=timezone.now(),
            )  # fmt: skip
    taken_back(dataset)
    with as_role("owner"):
        assert list(CivilMatch.objects.values_list("proposal", flat=True)) == [is_through.pk]
        assert Proposal.objects.count() == 2


def test_the_same_file_brought_again_leads_to_the_columns():
    content = as_csv(rows(3))
    back = taken_back(load(receive(content)))
    same = receive(content)
    assert (same.dataset.pk, same.dataset.status, same.is_new) == (
        *(back.pk, Status.TAKEN_BACK),
        False,
    )
    mended = receive(content, mapping={"name": "NAMA_LGKP", "nik": "NIK"})
    assert load(mended).status == Status.LOADED


def test_on_the_page_it_is_taken_back_watched_and_matched_again(signed_in):
    browser = signed_in("steward")
    dataset = loaded(rows(3))
    page = browser.get(at("dataset", dataset.pk)).content.decode()
    assert at("dataset-take-back", dataset.pk) in page
    browser.post(at("dataset-take-back", dataset.pk))
    waiting = browser.get(at("dataset", dataset.pk)).content.decode()
    assert at("dataset-progress", dataset.pk) in waiting
    assert at("dataset-cancel", dataset.pk) not in waiting
    worked(Job.objects.get(kind=reverting.TAKE_BACK_DATASET))
    assert browser.get(at("dataset-progress", dataset.pk))["HX-Refresh"] == "true"
    page = browser.get(at("dataset", dataset.pk)).content.decode()
    assert at("dataset-columns", dataset.pk) in page
    header = dataset.header
    chosen = {f"column_{name}": str(header.index(h)) for name, h in dataset.mapping.items()}
    browser.post(at("dataset-columns", dataset.pk), chosen)
    load(datasets.Received(dataset, datasets.job_of(dataset), False))
    assert again(dataset).status == Status.LOADED


def test_the_page_says_why_it_is_not_taken_back(signed_in):
    browser = signed_in("steward")
    dataset = loaded(rows(3))
    run = a_run(dataset)
    page = browser.get(at("dataset", dataset.pk))
    assert at("dataset-take-back", dataset.pk) not in page.content.decode()
    assert page.context["hindrance"] in page.content.decode()
    assert str(run.pk) in page.context["hindrance"]
    answer = browser.post(at("dataset-take-back", dataset.pk), follow=True)
    assert [str(one) for one in answer.context["messages"]] == [page.context["hindrance"]]
    assert again(dataset).status == Status.LOADED
