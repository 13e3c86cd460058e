"""What the database refuses whoever asks: two consecutive steps by one person, a step without a status.

Forward steps only: an undo goes back by its own person and restores who took the step before.
"""

from django.db import migrations

SQL = """
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
    dependencies = [("proposals", "0003_partitions")]

    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
