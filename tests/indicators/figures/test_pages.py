"""A planner's way: upload a table, answer what is open, see it in force, put a former one back."""

from __future__ import annotations

import pytest
from django.contrib.admin.utils import quote
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import override

from apps.audit.models import Entry
from apps.audit.subjects import Actor
from apps.common import errors
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.indicators.figures.indicators import change_indicator
from apps.indicators.models import Indicator, KnownName, Publication, Release, Value
from apps.jobs import work
from apps.jobs.models import Job
from tests.conftest import as_role
from tests.indicators.figures.tables import HEADER, ROWS, figures, load, write

pytestmark = pytest.mark.django_db
FORM = {
    "source": "BPS, Data dan Informasi Kemiskinan 2021", "period": "2021", "published_date": "",
    "code_system": "kemendagri", "vintage": "",
}  # fmt: skip
Status = Publication.Status


def table(*rows: str, header: str = HEADER, name: str = "p0.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([header, *rows]).encode() + b"\n")


def work_off() -> None:
    """What the worker does with the job that waits."""
    with as_role("worker"):
        job = Job.objects.filter(status=Job.Status.WAITING).latest("pk")
        work.run(job.pk, job.kind)


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_an_uploaded_table_is_in_force_after_the_work(signed_in):
    planner = signed_in("planner")
    answer = planner.post(reverse("indicators:upload"), {**FORM, "file": table(*ROWS)}, follow=True)
    page = answer.redirect_chain[-1][0]
    assert 'id="progress"' in text(answer)
    work_off()
    shown = text(planner.get(page))
    assert "Persentase penduduk miskin (P0)" in shown
    assert figures()["97.01"] == 18.98
    release = Release.objects.get()
    release_page = text(planner.get(reverse("indicators:release", args=[release.pk])))
    assert "Kabupaten Barat Lor" in release_page
    assert "18,98" in release_page
    assert FORM["source"] in release_page


def test_a_planner_answers_the_open_row_and_puts_the_figures_in_force(signed_in):
    planner = signed_in("planner")
    rows = ["NUSA BARAT,Barat Purba,18.0,", *ROWS[1:]]
    answer = planner.post(reverse("indicators:upload"), {**FORM, "file": table(*rows)}, follow=True)
    page = answer.redirect_chain[-1][0]
    work_off()
    shown = text(planner.get(page))
    assert "Barat Purba" in shown
    publication = Publication.objects.get()
    [row] = publication.open_rows.all()
    assert f'name="region_{row.pk}" value="97.01"' in shown
    planner.post(
        reverse("indicators:publication-answers", args=[publication.pk]),
        {f"region_{row.pk}": "97.01"},
    )
    assert "Kabupaten Barat Lor" in text(planner.get(page))
    planner.post(reverse("indicators:publication-finish", args=[publication.pk]))
    work_off()
    assert figures()["97.01"] == 18.0
    assert KnownName.objects.get().region_id == "97.01"


def test_another_region_is_given_by_its_code_and_an_unknown_one_refused(signed_in):
    planner = signed_in("planner")
    rows = ["NUSA BARAT,Barat Purba,18.0,", *ROWS[1:]]
    planner.post(reverse("indicators:upload"), {**FORM, "file": table(*rows)})
    work_off()
    publication = Publication.objects.get()
    [row] = publication.open_rows.all()
    address = reverse("indicators:publication-answers", args=[publication.pk])
    wrong = {f"region_{row.pk}": "other", f"other_{row.pk}": "99.99"}
    assert "99.99" in text(planner.post(address, wrong, follow=True))
    row.refresh_from_db()
    assert row.region_id is None
    planner.post(address, wrong | {f"other_{row.pk}": "97.01"})
    row.refresh_from_db()
    assert row.region_id == "97.01"


def waiting(planner, *rows: str) -> Publication:
    """A publication of these rows and the last three of the table, read."""
    planner.post(reverse("indicators:upload"), {**FORM, "file": table(*rows, *ROWS[2:])})
    work_off()
    return Publication.objects.latest("pk")


def answered(planner, publication: Publication, **answers: str) -> str:
    """Send answers by line (`line2="97.01"`), as the page does."""
    rows = {f"line{row.line}": row.pk for row in publication.open_rows.all()}
    sent = {f"region_{rows[line]}": answer for line, answer in answers.items()}
    address = reverse("indicators:publication-answers", args=[publication.pk])
    return text(planner.post(address, sent, follow=True))


def test_an_answer_is_taken_back_before_the_figures_are_in_force(signed_in):
    planner = signed_in("planner")
    publication = waiting(planner, "NUSA BARAT,Barat Purba,18.0,", ROWS[1])
    page = answered(planner, publication, line2="98.01")
    [row] = publication.open_rows.all()
    assert f'name="region_{row.pk}" value="again"' in page
    assert not KnownName.objects.exists()
    page = answered(planner, publication, line2="again")
    assert f'name="region_{row.pk}" value="97.01"' in page
    answered(planner, publication, line2="97.01")
    planner.post(reverse("indicators:publication-finish", args=[publication.pk]))
    work_off()
    assert figures()["97.01"] == 18.0
    assert KnownName.objects.get().region_id == "97.01"


def test_the_names_of_a_discarded_publication_are_not_known(signed_in):
    planner = signed_in("planner")
    publication = waiting(planner, "NUSA BARAT,Barat Purba,18.0,", ROWS[1])
    answered(planner, publication, line2="98.01")
    planner.post(reverse("indicators:publication-discard", args=[publication.pk]))
    again = waiting(planner, "NUSA BARAT,Barat Purba,18.0,", ROWS[1])
    assert again.pk != publication.pk
    assert again.open_rows.get().region_id is None


def test_a_name_that_was_confirmed_wrongly_is_forgotten_and_the_file_read_anew(signed_in):
    planner = signed_in("planner")
    rows = "NUSA BARAT,Barat Purba,18.0,", ROWS[1]
    publication = waiting(planner, *rows)
    answered(planner, publication, line2="97.01")
    planner.post(reverse("indicators:publication-finish", args=[publication.pk]))
    work_off()
    name = KnownName.objects.get()
    forget = reverse("admin:indicators_knownname_forget", args=[quote(name.pk)])
    assert name.written in text(planner.post(forget, follow=True))
    assert not KnownName.objects.exists()
    entry = Entry.objects.filter(subject__startswith="indicators.KnownName").latest("pk")
    assert entry.details["step"] == "forgotten"
    assert entry.details["region"] == "97.01"
    for more in ({}, {"is_anew": "on"}):
        assert Publication.objects.latest("pk").pk == publication.pk
        file = table(*rows, *ROWS[2:])
        planner.post(reverse("indicators:upload"), {**FORM, **more, "file": file})
    work_off()
    anew = Publication.objects.latest("pk")
    assert anew.pk != publication.pk
    assert anew.open_rows.get().region_id is None


def test_one_answer_that_is_wrong_costs_none_of_the_others(signed_in):
    planner = signed_in("planner")
    rows = [f"NUSA BARAT,Barat {name},18.0," for name in ("Purba", "Kuno")]
    publication = waiting(planner, *rows, "NUSA TIMUR,Timur Purba,9.0,")
    open_rows = {row.line: row.pk for row in publication.open_rows.all()}
    sent = {
        f"region_{open_rows[2]}": "97.01",
        f"region_{open_rows[3]}": "other", f"other_{open_rows[3]}": "99.99",
        f"region_{open_rows[4]}": "other", f"other_{open_rows[4]}": "",
    }  # fmt: skip
    address = reverse("indicators:publication-answers", args=[publication.pk])
    page = text(planner.post(address, sent, follow=True))
    known = dict(publication.open_rows.values_list("line", "region_id"))
    assert known == {2: "97.01", 3: None, 4: None}
    with override("id"):
        told = [
            errors.text(code, {"line": line, "value": value, "region": "99.99"})
            for code, line, value in (
                ("figures_answer_region", 3, "Barat Kuno"),
                ("figures_answer_code", 4, "Timur Purba"),
            )
        ]
    assert all(one in page for one in told)


def test_columns_that_are_not_known_are_chosen_on_a_page(signed_in):
    planner = signed_in("planner")
    rows = [f"{row.rpartition(',')[0]},{row.rpartition(',')[2]}" for row in ROWS]
    file = table(*rows, header="a,b,nilai,d")
    answer = planner.post(reverse("indicators:upload"), {**FORM, "file": file}, follow=True)
    page = answer.redirect_chain[-1][0]
    assert page.endswith("/columns/")
    assert 'name="indicator_2"' in text(answer)
    assert 'name="indicator_1"' not in text(answer)
    twice = {"column_region_code": "3", "indicator_3": "poverty_rate"}
    assert 'role="alert"' in text(planner.post(page, twice))
    assert Publication.objects.get().values == {}
    planner.post(
        page,
        {"code_system": "kemendagri", "column_region_code": "3", "indicator_2": "poverty_rate"},
    )
    work_off()
    assert figures()["98.02"] == 7.5


def test_a_former_release_is_put_back_on_its_page(signed_in, tmp_path):
    load(write(tmp_path))
    former = Release.objects.get()
    load(write(tmp_path, [ROWS[0].replace("18.98", "17.5"), *ROWS[1:]], name="b.csv"))
    planner = signed_in("planner")
    history = text(planner.get(reverse("indicators:indicator", args=["poverty_rate"])))
    assert history.count("BPS, 2021") == 2
    planner.post(reverse("indicators:release-in-force", args=[former.pk]))
    assert figures()["97.01"] == 18.98
    former.refresh_from_db()
    assert former.is_current
    assert former.current_by.startswith("Planner")


def test_officers_see_figures_and_change_nothing(signed_in, tmp_path):
    load(write(tmp_path))
    officer = signed_in("regency_officer")
    assert "poverty_rate" in text(officer.get(reverse("indicators:indicators")))
    release = Release.objects.get()
    page = text(officer.get(reverse("indicators:release", args=[release.pk])))
    assert "20,36" in page
    assert reverse("indicators:release-in-force", args=[release.pk]) not in page
    for name in ("upload", "publications", "services"):
        assert officer.get(reverse(f"indicators:{name}")).status_code == 403


def test_an_indicator_is_added_once(signed_in):
    planner = signed_in("planner")
    form = {"code": "stunting", "name": "Stunting", "kind": "rate", "unit": "%", "decimals": "1"}
    asked = text(planner.post(reverse("indicators:indicator-new"), form))
    assert "id_limits_error" in asked  # nobody guesses whether it is a share
    form |= {"limits": "share"}
    people = text(planner.post(reverse("indicators:indicator-new"), form | {"unit": "jiwa"}))
    assert "id_limits_error" in people
    assert not Indicator.objects.filter(pk="stunting").exists()
    planner.post(reverse("indicators:indicator-new"), form)
    assert Indicator.objects.get(pk="stunting").origin == "published"
    again = planner.post(reverse("indicators:indicator-new"), form)
    assert again.status_code == 200
    assert Indicator.objects.filter(pk="stunting").count() == 1


def changed_form(**more):
    """The form of the poverty rate, as its page offers it."""
    known = Indicator.objects.get(pk="poverty_rate")
    names = ("name", "name_en", "kind", "unit", "limits", "decimals", "denominator")
    return {name: getattr(known, name) for name in (*names, "publisher", "method")} | more


def test_what_stands_under_every_map_is_changed_and_recorded(signed_in, tmp_path):
    load(write(tmp_path))
    planner = signed_in("planner")
    planner.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    edit = reverse("indicators:indicator-edit", args=["poverty_rate"])
    assert edit in text(planner.get(reverse("indicators:indicator", args=["poverty_rate"])))
    kept = planner.get("/maps/values.json?measure=poverty_rate&level=regency")["ETag"]
    form = changed_form(name_en="Share of poor people", denominator="penduduk, Maret", decimals="1")
    planner.post(edit, form | {"unit": "permil", "kind": "amount"})
    known = Indicator.objects.get(pk="poverty_rate")
    # its releases are in per cent
    assert (known.unit, known.kind, known.decimals) == ("%", "rate", 1)
    page = text(planner.get("/maps/?measure=poverty_rate&level=regency"))
    assert "Share of poor people" in page
    assert "Denominator: penduduk, Maret" in page
    again = planner.get("/maps/values.json?measure=poverty_rate&level=regency")
    assert again["ETag"] != kept
    assert "19.0 %" in again.json()["texts"]
    entry = Entry.objects.filter(subject="indicators.Indicator:poverty_rate").latest("pk")
    assert entry.details["changed"]["decimals"] == [2, 1]


def test_a_sensitive_figure_is_taken_off_the_maps_of_villages(signed_in, tmp_path):
    load(write(tmp_path))
    with as_role("owner"):
        Release.objects.update(levels=["regency", "village"])
        Value.objects.create(release=Release.objects.get(), region_id=CODES["A"], value=77)
    planner = signed_in("planner")
    villages = "/maps/values.json?measure=poverty_rate&within=97.01&level=village"
    assert "77,00 %" in planner.get(villages).json()["texts"]
    edit = reverse("indicators:indicator-edit", args=["poverty_rate"])
    planner.post(edit, changed_form(is_sensitive="on"))
    assert "77,00 %" not in planner.get(villages).json()["texts"]


def test_kind_and_unit_are_changed_before_there_are_figures(signed_in):
    planner = signed_in("planner")
    edit = reverse("indicators:indicator-edit", args=["poverty_rate"])
    planner.post(edit, changed_form(unit="permil", limits="open"))
    assert Indicator.objects.get(pk="poverty_rate").unit == "permil"
    with as_role("owner"):
        Indicator.objects.filter(pk="poverty_gap").update(origin="register")
    other = reverse("indicators:indicator-edit", args=["poverty_gap"])
    assert planner.get(other).status_code == 404
    assert signed_in("regency_officer").get(edit).status_code == 403


def test_figures_that_came_meanwhile_lock_kind_and_unit(tmp_path):
    load(write(tmp_path))
    with as_role("owner"), pytest.raises(DomainError) as refused:
        change_indicator(
            Indicator.objects.get(pk="poverty_rate"), by=Actor("command:tests"), unit="permil"
        )
    assert refused.value.code == "figures_indicator_in_use"
