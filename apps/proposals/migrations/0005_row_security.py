"""The second gate: files, proposals and what belongs to them, by region and by sender."""

from django.db import migrations

SQL = """
-- Files of the user who asks, for those who send without seeing everybody's proposals.
CREATE FUNCTION portal_own_batches() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(id), '{}') FROM proposals_batch WHERE user_id = portal_user()
$$;

ALTER TABLE proposals_batch ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_batch TO portal_web
    USING (portal_within(region_id, (SELECT portal_scope('batch'))));
CREATE POLICY worker_all ON proposals_batch TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_proposal ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_proposal TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal')))
           OR batch_id = ANY ((SELECT portal_own_batches())::bigint[]));
CREATE POLICY worker_all ON proposals_proposal TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_decision ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_decision TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_decision TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_decree ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_decree TO portal_web
    USING (portal_within(region_id, (SELECT portal_scope('decree'))));
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

ALTER TABLE proposals_fix ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_fix TO portal_web
    USING (batch_id IN (SELECT id FROM proposals_batch));
CREATE POLICY worker_all ON proposals_fix TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_fixedrow ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_fixedrow TO portal_web
    USING (batch_id IN (SELECT id FROM proposals_batch));
CREATE POLICY worker_all ON proposals_fixedrow TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_droppedrow ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_droppedrow TO portal_web
    USING (batch_id IN (SELECT id FROM proposals_batch));
CREATE POLICY worker_all ON proposals_droppedrow TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_formdraft ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_own ON proposals_formdraft TO portal_web
    USING (user_id = (SELECT portal_user())
           AND portal_within(region_id, (SELECT portal_scope('batch'))));
CREATE POLICY worker_all ON proposals_formdraft TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_upload ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_own ON proposals_upload TO portal_web
    USING ('user:' || user_id = (SELECT current_setting('portal.actor', true)));
CREATE POLICY worker_all ON proposals_upload TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_amendment ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_amendment TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_amendment TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_civilmatch ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_civilmatch TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_civilmatch TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE proposals_registeredmatch ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_scope ON proposals_registeredmatch TO portal_web
    USING (portal_within(village_id, (SELECT portal_scope('proposal'))));
CREATE POLICY worker_all ON proposals_registeredmatch TO portal_worker
    USING (true) WITH CHECK (true);

ALTER TABLE proposals_exportrequest ENABLE ROW LEVEL SECURITY;
CREATE POLICY web_reads ON proposals_exportrequest FOR SELECT TO portal_web
    USING (user_id = (SELECT portal_user())
           OR portal_within(region_id, (SELECT portal_scope('proposal'))));
CREATE POLICY web_asks ON proposals_exportrequest FOR INSERT TO portal_web
    WITH CHECK (user_id = (SELECT portal_user()) AND answered_by_id IS NULL);
CREATE POLICY web_answers ON proposals_exportrequest FOR UPDATE TO portal_web
    USING (user_id <> (SELECT portal_user())
           AND portal_within(region_id, (SELECT portal_scope('proposal'))))
    WITH CHECK (answered_by_id = (SELECT portal_user()));
CREATE POLICY worker_all ON proposals_exportrequest TO portal_worker
    USING (true) WITH CHECK (true);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_scopes"), ("proposals", "0004_guards")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
