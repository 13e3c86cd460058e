"""The second gate is no wider than the first: who sees files does not see their proposals by that.

An administrator may look at files and send some, and has no page for proposals: of these the gate
shows those of the own files alone. Batches and drafts ask for the scope of files.
"""

from django.db import migrations

OWN = """
-- Files of the user who asks, for those who send without seeing everybody's proposals.
CREATE FUNCTION portal_own_batches() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(id), '{}') FROM proposals_batch WHERE user_id = portal_user()
$$;
ALTER POLICY web_scope ON proposals_batch
    USING (portal_within(region_id, (SELECT portal_scope('batch'))));
ALTER POLICY web_own ON proposals_formdraft
    USING (user_id = (SELECT portal_user())
           AND portal_within(region_id, (SELECT portal_scope('batch'))));
ALTER POLICY web_scope ON proposals_decree
    USING (portal_within(region_id, (SELECT portal_scope('decree'))));
ALTER POLICY web_scope ON proposals_proposal
    USING (portal_within(village_id, (SELECT portal_scope('proposal')))
           OR batch_id = ANY ((SELECT portal_own_batches())::bigint[]));
"""
SCOPED = """
ALTER POLICY web_scope ON proposals_batch
    USING (portal_within(region_id, (SELECT portal_scope('proposal'))));
ALTER POLICY web_own ON proposals_formdraft
    USING ('user:' || user_id = (SELECT current_setting('portal.actor', true))
           AND portal_within(region_id, (SELECT portal_scope('proposal'))));
ALTER POLICY web_scope ON proposals_decree
    USING (portal_within(region_id, (SELECT portal_scope('proposal'))));
ALTER POLICY web_scope ON proposals_proposal
    USING (portal_within(village_id, (SELECT portal_scope('proposal'))));
DROP FUNCTION portal_own_batches();
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0028_traces"), ("accounts", "0010_who_asks")]

    operations = [migrations.RunSQL(OWN, SCOPED)]
