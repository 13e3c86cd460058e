"""The cell of a point on the map, and the record of which regency's proposals changed when."""

import django.db.models.expressions
from django.db import migrations, models

CELL = """
-- The map tile of zoom 12 (Web Mercator) that contains a point: column * 4096 + row.
CREATE FUNCTION portal_tile_cell(place geometry) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN place IS NOT NULL THEN
    least(4095, greatest(0, floor((ST_X(place) + 180) / 360 * 4096)))::integer * 4096
    + least(4095, greatest(0, floor((1 - asinh(tan(radians(
        least(85.05, greatest(-85.05, ST_Y(place)))))) / pi()) / 2 * 4096)))::integer END
$$;
"""
INDEX = """
CREATE INDEX proposals_proposal_cell ON proposals_proposal (tile_cell)
    WHERE tile_cell IS NOT NULL;
"""
CHANGES = """
CREATE FUNCTION proposals_note_regencies(codes text[]) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    DELETE FROM proposals_regencychange WHERE id IN (
        SELECT id FROM proposals_regencychange
        WHERE regency = ANY (codes) AND at < now() - interval '1 hour' FOR UPDATE SKIP LOCKED);
    INSERT INTO proposals_regencychange (regency, at)
        SELECT code, clock_timestamp() FROM unnest(codes) AS code;
$$;
REVOKE ALL ON FUNCTION proposals_note_regencies(text[]) FROM PUBLIC;

CREATE FUNCTION proposals_note_added() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_regencies(ARRAY(SELECT DISTINCT left(village_id, 5) FROM added));
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_note_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_regencies(ARRAY(
        SELECT left(village_id, 5) FROM added UNION SELECT left(village_id, 5) FROM removed));
    RETURN NULL;
END $$;
CREATE FUNCTION proposals_note_removed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM proposals_note_regencies(ARRAY(SELECT DISTINCT left(village_id, 5) FROM removed));
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION proposals_note_added(), proposals_note_changed(), proposals_note_removed()
    FROM PUBLIC;

CREATE TRIGGER proposal_added AFTER INSERT ON proposals_proposal
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_added();
CREATE TRIGGER proposal_changed AFTER UPDATE ON proposals_proposal
    REFERENCING NEW TABLE AS added OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_changed();
CREATE TRIGGER proposal_removed AFTER DELETE ON proposals_proposal
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION proposals_note_removed();
"""
NO_CHANGES = """
DROP TRIGGER proposal_added ON proposals_proposal;
DROP TRIGGER proposal_changed ON proposals_proposal;
DROP TRIGGER proposal_removed ON proposals_proposal;
DROP FUNCTION proposals_note_added();
DROP FUNCTION proposals_note_changed();
DROP FUNCTION proposals_note_removed();
DROP FUNCTION proposals_note_regencies(text[]);
"""
# A partition takes the generated column and its index, and is noted when it is attached: its rows
# come without triggers. As in 0003 and 0007 otherwise.
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
    EXECUTE format('CREATE TABLE staging.%I (LIKE public.proposals_proposal INCLUDING DEFAULTS'
                   ' INCLUDING CONSTRAINTS{generated},'
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
    ELSE
        EXECUTE format('CREATE UNIQUE INDEX %I ON staging.%I (id)', staged || '_pkey', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (batch_id, row_number)', staged);
        EXECUTE format('CREATE INDEX ON staging.%I (village_id, status, id) INCLUDE (step_at)',
                       staged);
        {index}
    END IF;
END $$;

CREATE OR REPLACE FUNCTION proposals_attach_partition(number integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    staged text := 'partition_' || number;
    name text := 'proposals_proposal_' || number;
    low bigint := number::bigint * 10000000000;
    {codes}
BEGIN
    EXECUTE format('LOCK TABLE staging.%I IN ACCESS EXCLUSIVE MODE', staged);
    EXECUTE format('REVOKE ALL ON staging.%I FROM portal_worker', staged);
    EXECUTE format('ALTER TABLE staging.%I ADD PRIMARY KEY USING INDEX %I', staged, staged || '_pkey');
    EXECUTE format('ALTER TABLE staging.%I SET SCHEMA public', staged);
    EXECUTE format('ALTER TABLE public.%I RENAME TO %I', staged, name);
    EXECUTE format('ALTER TABLE public.proposals_proposal ATTACH PARTITION public.%I'
                   ' FOR VALUES FROM (%s) TO (%s)', name, low, low + 10000000000);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT partition_range', name);
    {note}
END $$;
"""
_PLACES = ("generated", "index", "codes", "note")


def _partitions(*texts: str) -> str:
    functions = PARTITIONS
    for place, text in zip(_PLACES, texts, strict=True):
        functions = functions.replace("{" + place + "}", text)
    return functions


WITH_CELLS = _partitions(
    " INCLUDING GENERATED",
    "EXECUTE format('CREATE INDEX ON staging.%I (tile_cell) WHERE tile_cell IS NOT NULL', staged);",
    "codes text[];",
    "EXECUTE format('SELECT array_agg(DISTINCT left(village_id, 5)) FROM public.%I', name)"
    " INTO codes;\n    PERFORM proposals_note_regencies(codes);",
)


class Migration(migrations.Migration):
    dependencies = [("proposals", "0011_claims")]

    operations = [
        migrations.RunSQL(CELL, "DROP FUNCTION portal_tile_cell(geometry)"),
        migrations.AddField(
            model_name="proposal",
            name="tile_cell",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    django.db.models.expressions.F("location"), function="portal_tile_cell"
                ),
                output_field=models.IntegerField(null=True),
            ),
        ),
        migrations.RunSQL(INDEX, "DROP INDEX proposals_proposal_cell"),
        migrations.CreateModel(
            name="RegencyChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "regency",
                    models.CharField(db_collation="C", max_length=5, verbose_name="regency"),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
            ],
            options={
                "verbose_name": "change in a regency",
                "verbose_name_plural": "changes in regencies",
                "indexes": [
                    models.Index(fields=["regency", "id"], name="proposals_regencychange_of")
                ],
            },
        ),
        migrations.RunSQL(CHANGES, NO_CHANGES),
        migrations.RunSQL(WITH_CELLS, _partitions("", "", "", "")),
    ]
