"""The texts of the status page about files and backup: what, where, what to do."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.operations.leftovers import Stop

STOPPED: Final[dict[str, Promise]] = {
    "mark_unreadable": _(
        "The mark of the storage folder (MEDIA_ROOT/.database.json) cannot be read. Nothing was"
        " moved. Look who wrote to the folder, then: manage.py tidy --confirm."
    ),
    "older_database": _(
        "This database is older than the files in MEDIA_ROOT: the audit trail had come further on"
        " %(since)s. Nothing was moved. After a restore: manage.py tidy --confirm."
    ),
    "other_database": _(
        "The files in MEDIA_ROOT were written by another database. Nothing was moved. Give this"
        " portal a folder of its own; if the folder is right: manage.py tidy --confirm."
    ),
    "other_place": _(
        "This database is a copy, or was restored or moved: another server wrote to MEDIA_ROOT on"
        " %(since)s. Nothing was moved. Give a copy a folder of its own; if this is the true one:"
        " manage.py tidy --confirm."
    ),
    "too_many": _(
        "No row names %(going)s of %(whole)s files in MEDIA_ROOT, more than a fifth. Nothing was"
        " moved. Look whether the database is the right one and complete, then: manage.py tidy."
    ),
    "unclaimed": _(
        "No row names %(going)s of %(whole)s files in MEDIA_ROOT, and the folder does not say whose"
        " it is. Nothing was moved. Look whether the database is the right one, then:"
        " manage.py tidy."
    ),
}


def stopped(stop: Stop) -> str:
    """The sentence for one stop."""
    return str(STOPPED[stop.code]) % stop.params


BACKUP: Final[dict[str, Promise]] = {
    "backup_old": _(
        "There is no base backup of the last 26 hours. Look why the nightly `manage.py backup`"
        " failed, and make one."
    ),
    "check_failed": _(
        "The last check found the backup damaged. Make a whole new one at once: manage.py backup"
        " --full, then --verify."
    ),
    "database_damaged": _(
        "A table or an index of the running database is damaged. Look at what `manage.py backup"
        " --examine` names; an index is rebuilt by REINDEX, a table is restored from the backup."
    ),
    "drill_failed": _("The last restore drill failed. Look at its log: bin/restore-drill."),
    "drill_old": _("There was no restore drill for more than a week: bin/restore-drill."),
    "examination_old": _(
        "The database's tables and indexes were not examined for more than a week: manage.py backup"
        " --examine."
    ),
    "mark_old": _(
        "For more than five minutes nothing new has come into the backup. Look whether `manage.py"
        " backup --follow` runs, and at the database's archive_command."
    ),
}
