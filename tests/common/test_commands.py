"""Commands: one language a run, and repeating what is so already is no fault."""

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.common import commands
from tests.conftest import as_role
from tests.proposals.sending import as_csv, row

pytestmark = pytest.mark.django_db
OURS = ("apps.", "portal")
# The demo is no tool: it plays a story in the portal's own language.
NO_TOOL = {"demo"}


@pytest.fixture(autouse=True)
def portal_speaks_indonesian():
    with translation.override("id"):
        yield


def test_every_command_derives_from_the_shared_base():
    ours = {name: app for name, app in get_commands().items() if app.startswith(OURS)}
    assert len(ours) > 8
    for name in set(ours) - NO_TOOL:
        assert isinstance(load_command_class(ours[name], name), commands.Command), name


class Lazy(commands.Command):
    said = _("There is no user %(name)s.")

    def handle(self, *args, **options):
        self.stdout.write(self.said)
        raise CommandError(self.said, returncode=2)


def test_lazy_texts_and_refusals_are_in_that_language_outside_too():
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command(Lazy(), stdout=out)
    assert out.getvalue().strip() == str(refused.value) == "There is no user %(name)s."
    assert refused.value.returncode == 2
    assert str(Lazy.said) != str(refused.value), "the portal itself has another language"


def test_a_refusal_of_a_command_is_wholly_english(person, tmp_path):
    person("regency_officer")
    path = tmp_path / "usulan.csv"
    path.write_bytes(as_csv([row()]).replace(b",NAMA,", b",A1,", 1))
    with as_role("worker"), pytest.raises(CommandError) as refused:
        call_command("import_batch", path, "--as", "regency_officer-97.01")
    assert str(refused.value).startswith("Columns that were not found: NAMA. Line 1 of usulan.csv")


def grant(*arguments):
    out = StringIO()
    with as_role("worker"):
        nik = "9701010101779001"
        call_command("grant", "budi", "verifier", "97.01", "--nik", nik, *arguments, stdout=out)
    return out.getvalue()


def test_granting_an_existing_grant_again_succeeds():
    first = grant("--create", "--until", "2027-03-31")
    for arguments in ((), ("--until", "2027-03-31"), ("--create",)):
        again = grant(*arguments, "--json")
        assert "That is so already; nothing was changed." in again
        assert json.loads(again.splitlines()[-1])["is_new"] is False
    assert first.splitlines()[0] == again.splitlines()[0]


def test_granting_until_another_day_is_still_refused():
    grant("--create", "--until", "2027-03-31")
    with pytest.raises(CommandError) as refused:
        grant("--until", "2027-04-30")
    assert refused.value.returncode == 2


@pytest.mark.parametrize("name", ["import_register", "import_dataset", "import_boundaries"])
def test_a_file_that_is_not_there_is_refused_in_the_same_words(name, tmp_path):
    path = tmp_path / "hilang.csv"
    options = {
        "import_register": ["--source", "DTKS"],
        "import_dataset": ["--source", "PLN"],
        "import_boundaries": ["--edition", "Juli", "--published", "2026-07-01"],
    }[name]
    with pytest.raises(CommandError) as refused:
        call_command(name, path, *options)
    assert (str(refused.value), refused.value.returncode) == (f"There is no file {path}.", 2)


def test_a_folder_is_a_file_only_for_formats_that_are_folders(tmp_path):
    assert commands.need_file(tmp_path, may_be_folder=True) == tmp_path
    with pytest.raises(CommandError, match="There is no file"):
        commands.need_file(tmp_path)


def test_the_exit_code_of_a_refusal_is_named_in_one_place():
    root = Path(commands.__file__).resolve().parents[2]
    found = [
        str(path.relative_to(root))
        for folder in ("apps", "portal")
        for path in (root / folder).rglob("*.py")
        if re.search(r"returncode=\d|^REFUSED = ", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert found == []
