"""Row-level security, the rule of two people, and the doors through which the worker makes shelves."""

from django.db import migrations

SECURITY = """
ALTER TABLE proposals_batch ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_batch TO portal_web
    USING (portal_within(region_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_batch TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_proposal ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_proposal TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_proposal TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_decision ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_decision TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_decision TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_decree ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_decree TO portal_web
    USING (portal_within(region_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_decree TO portal_worker USING (true) WITH CHECK (true);

-- findings and held rows belong to whoever sees their batch
ALTER TABLE proposals_finding ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_finding TO portal_web
    USING (batch_id IN (SELECT id FROM proposals_batch) OR EXISTS (
        SELECT FROM proposals_proposal p
         WHERE p.batch_id = proposals_finding.batch_id
           AND p.row_number = proposals_finding.row_number));
CREATE POLICY worker_all ON proposals_finding TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_heldrow ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_heldrow TO portal_web
    USING (batch_id IN (SELECT id FROM proposals_batch));
CREATE POLICY worker_all ON proposals_heldrow TO portal_worker USING (true) WITH CHECK (true);
"""

# Forward steps only: an undo goes back by its own person and restores who stood there before.
TWO_PEOPLE = """
CREATE FUNCTION proposals_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'nobody takes two consecutive steps on one proposal (% to %)',
        OLD.status, NEW.status USING ERRCODE = 'check_violation', CONSTRAINT = 'proposals_two_people';
END $$;
CREATE TRIGGER proposals_two_people BEFORE UPDATE ON proposals_proposal FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status
          AND (OLD.status, NEW.status) IN (('submitted', 'verified'), ('verified', 'endorsed'),
                                           ('endorsed', 'accepted'), ('accepted', 'determined'))
          AND (NEW.step_by_id IS NULL OR NEW.step_by_id = OLD.step_by_id))
    EXECUTE FUNCTION proposals_two_people();
"""

# The worker may not run DDL in the public schema; it asks the owner through these.
SHELVES = """
CREATE SEQUENCE proposals_shelf_seq MINVALUE 1 MAXVALUE 900000000;

-- A bare table for one large batch, without indexes, which the worker fills.
CREATE FUNCTION proposals_open_shelf(shelf integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE name text := 'shelf_' || shelf;
BEGIN
    IF to_regclass('public.proposals_proposal_' || shelf) IS NOT NULL THEN
        RAISE EXCEPTION 'shelf % is attached already', shelf;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS staging.%I', name);
    EXECUTE format('CREATE TABLE staging.%I (LIKE public.proposals_proposal INCLUDING DEFAULTS'
                   ' INCLUDING CONSTRAINTS)', name);
    EXECUTE format('GRANT SELECT, INSERT ON staging.%I TO portal_worker', name);
    RETURN name;
END $$;

-- Index it, promise its range, and hang it under the parent: the last, short step.
CREATE FUNCTION proposals_attach_shelf(shelf integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    staged text := 'shelf_' || shelf;
    name text := 'proposals_proposal_' || shelf;
    low bigint := shelf::bigint * 10000000000;
BEGIN
    EXECUTE format('REVOKE ALL ON staging.%I FROM portal_worker', staged);
    EXECUTE format('ALTER TABLE staging.%I ADD PRIMARY KEY (id)', staged);
    EXECUTE format('CREATE INDEX ON staging.%I (batch_id, row_number)', staged);
    EXECUTE format('CREATE INDEX ON staging.%I (nik)', staged);
    EXECUTE format('CREATE INDEX ON staging.%I (kk)', staged);
    EXECUTE format('CREATE INDEX ON staging.%I (village_id, status, id)', staged);
    EXECUTE format('ALTER TABLE staging.%I ADD CONSTRAINT %I CHECK (id >= %s AND id < %s)',
                   staged, 'shelf_range', low, low + 10000000000);
    EXECUTE format('ALTER TABLE staging.%I SET SCHEMA public', staged);
    EXECUTE format('ALTER TABLE public.%I RENAME TO %I', staged, name);
    EXECUTE format('ANALYZE public.%I', name);
    EXECUTE format('ALTER TABLE public.proposals_proposal ATTACH PARTITION public.%I'
                   ' FOR VALUES FROM (%s) TO (%s)', name, low, low + 10000000000);
    EXECUTE format('ALTER TABLE public.%I DROP CONSTRAINT shelf_range', name);
END $$;
REVOKE ALL ON FUNCTION proposals_open_shelf(integer), proposals_attach_shelf(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proposals_open_shelf(integer), proposals_attach_shelf(integer)
    TO portal_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0001_initial"), ("accounts", "0002_scope")]

    operations = [
        migrations.RunSQL(SECURITY, migrations.RunSQL.noop),
        migrations.RunSQL(TWO_PEOPLE, migrations.RunSQL.noop),
        migrations.RunSQL(SHELVES, migrations.RunSQL.noop),
    ]
