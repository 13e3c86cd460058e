"""The search by a part of a name reads an index of trigrams on a narrow table of names. LIKE is not
leakproof, so that row-level security keeps it from every index; a function that runs with its
owner's rights applies the policy itself.
"""

import django.db.models.deletion
from django.db import migrations, models

# As in 0001: a partitioned table takes the columns of the one that Django made.
PARTITION_NAMES = """
ALTER TABLE proposals_proposalname RENAME TO proposals_proposalname_model;
CREATE TABLE proposals_proposalname (LIKE proposals_proposalname_model) PARTITION BY RANGE (id);
DROP TABLE proposals_proposalname_model;

ALTER TABLE proposals_proposalname ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_proposalname TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal')))
           OR batch_id = ANY ((SELECT portal_own_batches())::bigint[]));
"""
# The triggers of the proposals. One of changes asks for the columns that it copies, so that a
# statement that changes a status alone does not call it. A key stays in its partition.
KEEP = """
CREATE FUNCTION proposals_add_names() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO proposals_proposalname (id, batch_id, village_id, name)
    SELECT id, batch_id, village_id, upper(name) FROM added;
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_change_name() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE proposals_proposalname
       SET id = NEW.id, batch_id = NEW.batch_id, village_id = NEW.village_id, name = upper(NEW.name)
     WHERE id = OLD.id;
    RETURN NULL;
END $$;
-- Planned anew each time: one row or a hundred thousand, of mostly one partition.
CREATE FUNCTION proposals_remove_names() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE low bigint; high bigint;
BEGIN
    SELECT min(id), max(id) INTO low, high FROM removed;
    IF low IS NOT NULL THEN
        EXECUTE 'DELETE FROM proposals_proposalname AS n USING removed AS r'
                ' WHERE n.id = r.id AND n.id BETWEEN $1 AND $2' USING low, high;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_remove_every_name() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM proposals_proposalname;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION proposals_add_names(), proposals_change_name(), proposals_remove_names(),
    proposals_remove_every_name() FROM PUBLIC;

CREATE TRIGGER name_added AFTER INSERT ON proposals_proposal
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION proposals_add_names();
CREATE TRIGGER name_changed AFTER UPDATE OF id, batch_id, village_id, name ON proposals_proposal
    FOR EACH ROW
    WHEN ((OLD.id, OLD.batch_id, OLD.village_id, OLD.name)
          IS DISTINCT FROM (NEW.id, NEW.batch_id, NEW.village_id, NEW.name))
    EXECUTE FUNCTION proposals_change_name();
CREATE TRIGGER name_removed AFTER DELETE ON proposals_proposal
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_remove_names();
CREATE TRIGGER every_name_removed AFTER TRUNCATE ON proposals_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_remove_every_name();
"""
NO_KEEPING = """
DROP TRIGGER name_added ON proposals_proposal;
DROP TRIGGER name_changed ON proposals_proposal;
DROP TRIGGER name_removed ON proposals_proposal;
DROP TRIGGER every_name_removed ON proposals_proposal;
DROP FUNCTION proposals_add_names();
DROP FUNCTION proposals_change_name();
DROP FUNCTION proposals_remove_names();
DROP FUNCTION proposals_remove_every_name();
"""
# A partition of names for each of proposals; the triggers above hold the lock that keeps others from
# writing until all names are there. Indexes are made when the rows are in.
BACKFILL = """
DO $$
DECLARE number bigint;
BEGIN
    FOR number IN SELECT substring(c.relname from '_(\\d+)$')::bigint
                    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                   WHERE i.inhparent = 'proposals_proposal'::regclass
    LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF proposals_proposalname'
                       ' FOR VALUES FROM (%s) TO (%s)', 'proposals_proposalname_' || number,
                       number * 10000000000, (number + 1) * 10000000000);
    END LOOP;
    INSERT INTO proposals_proposalname (id, batch_id, village_id, name)
    SELECT id, batch_id, village_id, upper(name) FROM proposals_proposal;
END $$;
ALTER TABLE proposals_proposalname ADD PRIMARY KEY (id);
-- Of each partition, not of the parent, which would make that of a new one when it is attached.
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                 WHERE i.inhparent = 'proposals_proposalname'::regclass
    LOOP
        EXECUTE format('CREATE INDEX %I ON %I USING gin (name gin_trgm_ops)', name || '_trigrams',
                       name);
    END LOOP;
END $$;
"""
# The names of a large batch, from its filled partition, which nobody else can write to yet. Their
# index of trigrams is made once they are attached (0023).
STAGE = """
CREATE FUNCTION proposals_stage_names(number integer) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    SET maintenance_work_mem = '256MB' AS $$
DECLARE
    staged text := 'partition_' || number;
    names text := staged || '_names';
    low bigint := number::bigint * 10000000000;
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS staging.%I', names);
    EXECUTE format('CREATE TABLE staging.%I (LIKE public.proposals_proposalname,'
                   ' CONSTRAINT names_range CHECK (id >= %s AND id < %s))',
                   names, low, low + 10000000000);
    EXECUTE format('INSERT INTO staging.%I (id, batch_id, village_id, name)'
                   ' SELECT id, batch_id, village_id, upper(name) FROM staging.%I', names, staged);
    EXECUTE format('CREATE UNIQUE INDEX %I ON staging.%I (id)', names || '_pkey', names);
END $$;
REVOKE ALL ON FUNCTION proposals_stage_names(integer) FROM PUBLIC;
"""
# As in 0012, with the table of names beside the partition; `{drop}` and so on are empty without it.
PARTITIONS = """
CREATE OR REPLACE FUNCTION proposals_create_partition(number integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    name text := 'partition_' || number;
    low bigint := number::bigint * 10000000000;
BEGIN
    IF to_regclass('public.proposals_proposal_' || number) IS NOT NULL THEN
        RAISE EXCEPTION 'partition % is attached already', number;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS staging.%I', name);
    {drop}
    EXECUTE format('CREATE TABLE staging.%I (LIKE public.proposals_proposal INCLUDING DEFAULTS'
                   ' INCLUDING CONSTRAINTS INCLUDING GENERATED,'
                   ' CONSTRAINT partition_range CHECK (id >= %s AND id < %s))',
                   name, low, low + 10000000000);
    EXECUTE format('GRANT SELECT, INSERT ON staging.%I TO portal_worker', name);
    RETURN name;
END $$;

CREATE OR REPLACE FUNCTION proposals_index_partition(number integer, half text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    SET maintenance_work_mem = '256MB' AS $$
DECLARE staged text := 'partition_' || number;
BEGIN
    IF half = 'people' THEN
        EXECUTE format('CREATE INDEX ON staging.%I (nik)', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (kk)', staged);
        {stage}
    ELSE
        EXECUTE format('CREATE UNIQUE INDEX %I ON staging.%I (id)', staged || '_pkey', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (batch_id, row_number)', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (village_id, status, id) INCLUDE (step_at)',
                       staged);
        EXECUTE format('CREATE INDEX ON staging.%I (tile_cell) WHERE tile_cell IS NOT NULL', staged);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION proposals_attach_partition(number integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    staged text := 'partition_' || number;
    name text := 'proposals_proposal_' || number;
    low bigint := number::bigint * 10000000000;
    codes text[];
    {names}
BEGIN
    EXECUTE format('LOCK TABLE staging.%I IN ACCESS EXCLUSIVE MODE', staged);
    EXECUTE format('REVOKE ALL ON staging.%I FROM portal_worker', staged);
    {attach}
    EXECUTE format('ALTER TABLE staging.%I ADD PRIMARY KEY USING INDEX %I', staged, staged || '_pkey');
    EXECUTE format('ALTER TABLE staging.%I SET SCHEMA public', staged);
    EXECUTE format('ALTER TABLE public.%I RENAME TO %I', staged, name);
    EXECUTE format('ALTER TABLE public.proposals_proposal ATTACH PARTITION public.%I'
                   ' FOR VALUES FROM (%s) TO (%s)', name, low, low + 10000000000);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT partition_range', name);
    EXECUTE format('SELECT array_agg(DISTINCT left(village_id, 5)) FROM public.%I', name)
        INTO codes;
    PERFORM proposals_note_regencies(codes);
END $$;
"""
DROP = "EXECUTE format('DROP TABLE IF EXISTS staging.%I', name || '_names');"
STAGE_NAMES = "PERFORM proposals_stage_names(number);"
NAMES = """names text := staged || '_names';
    name_partition text := 'proposals_proposalname_' || number;"""
# A partition that an older version had filled has no names beside it yet.
ATTACH = """IF to_regclass('staging.' || names) IS NULL THEN
        PERFORM proposals_stage_names(number);
    END IF;
    EXECUTE format('ALTER TABLE staging.%I ADD PRIMARY KEY USING INDEX %I', names, names || '_pkey');
    EXECUTE format('ALTER TABLE staging.%I SET SCHEMA public', names);
    EXECUTE format('ALTER TABLE public.%I RENAME TO %I', names, name_partition);
    EXECUTE format('ALTER TABLE public.proposals_proposalname ATTACH PARTITION public.%I'
                   ' FOR VALUES FROM (%s) TO (%s)', name_partition, low, low + 10000000000);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT names_range', name_partition);"""
_PLACES = ("drop", "stage", "names", "attach")

FIND = r"""
-- The keys of at most so many proposals with a part of a name, of those that the policy `web_scope`
-- shows. Who asks reads the rows themselves through row-level security.
-- Index: that of trigrams of each partition; one that has none yet is read.
CREATE FUNCTION proposals_find_by_name(part text, most integer) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT n.id FROM proposals_proposalname n
     WHERE n.name LIKE '%' || regexp_replace(upper(part), '([\\%_])', '\\\1', 'g') || '%'
       AND (portal_within(n.village_id, (SELECT portal_scope('proposal')))
            OR n.batch_id IN (
               SELECT b.id FROM proposals_batch b
                WHERE b.user_id = portal_user()
                  AND portal_within(b.region_id, (SELECT portal_scope('batch')))))
     LIMIT most
$$
"""


def _partitions(*texts: str) -> str:
    functions = PARTITIONS
    for place, text in zip(_PLACES, texts, strict=True):
        functions = functions.replace("{" + place + "}", text)
    return functions


class Migration(migrations.Migration):
    dependencies = [("proposals", "0019_filter_offices"), ("regions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ProposalName",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="name")),
                (
                    "batch",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="proposals.batch",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="regions.region",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a proposal",
                "verbose_name_plural": "names of proposals",
            },
        ),
        migrations.RunSQL(PARTITION_NAMES, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP, NO_KEEPING),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.RunSQL(STAGE, "DROP FUNCTION proposals_stage_names(integer)"),
        migrations.RunSQL(
            _partitions(DROP, STAGE_NAMES, NAMES, ATTACH), _partitions("", "", "", "")
        ),
        migrations.RunSQL(FIND, "DROP FUNCTION proposals_find_by_name(text, integer)"),
    ]
