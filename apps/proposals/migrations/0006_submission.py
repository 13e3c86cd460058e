"""What submitting asks across regions, and a guard on who took the last step."""

from django.db import migrations

# The other proposal may lie outside the asker's scope; only ids of the asked batch come back.
# OFFSET 0 keeps the look-up on the index of NIKs: with the status inside, statistics from before the
# rows came have led to the index of (village, status), once through for every row.
OPEN_TWICE = """
CREATE FUNCTION proposals_open_twice(batch bigint)
    RETURNS TABLE (id bigint, village_id varchar, reason text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p.id, p.village_id,
           CASE WHEN p.is_open THEN 'open_elsewhere' ELSE 'twice_in_batch' END
      FROM (SELECT d.id, d.village_id,
                   row_number() OVER (PARTITION BY d.nik, d.programme_id
                                      ORDER BY d.row_number, d.id) AS turn,
                   EXISTS (
                       SELECT FROM (SELECT o.id, o.status FROM proposals_proposal o
                                     WHERE o.nik = d.nik AND o.programme_id = d.programme_id
                                    OFFSET 0) AS o
                        WHERE o.id <> d.id
                          AND o.status IN ('submitted', 'verified', 'endorsed', 'accepted',
                                           'returned')) AS is_open
              FROM proposals_proposal d
             WHERE d.batch_id = $1 AND d.status = 'draft') AS p
     WHERE p.turn > 1 OR p.is_open
$$;
REVOKE ALL ON FUNCTION proposals_open_twice(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION proposals_open_twice(bigint) TO portal_web, portal_worker;
"""

# Who took the last step changes only together with the status: nobody clears the way for a second
# step by writing another name first.
STEP_WITH_STATUS = """
CREATE FUNCTION proposals_step_with_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the last step changes with the status only' USING
        ERRCODE = 'check_violation', CONSTRAINT = 'proposals_step_with_status';
END $$;
CREATE TRIGGER proposals_step_with_status BEFORE UPDATE ON proposals_proposal FOR EACH ROW
    WHEN (OLD.status = NEW.status AND OLD.step_by_id IS DISTINCT FROM NEW.step_by_id)
    EXECUTE FUNCTION proposals_step_with_status();
"""


class Migration(migrations.Migration):
    dependencies = [("proposals", "0003_calendar")]

    operations = [
        migrations.RunSQL(OPEN_TWICE, "DROP FUNCTION proposals_open_twice(bigint)"),
        migrations.RunSQL(
            STEP_WITH_STATUS,
            "DROP TRIGGER proposals_step_with_status ON proposals_proposal;"
            " DROP FUNCTION proposals_step_with_status()",
        ),
    ]
