"""What a row's reviewer may know of its file, which may be that of a wider region than theirs.

Row-level security shows a file to those who see its region. Whoever sees one of its rows reads the
cell texts of that row, and which minutes count for it.
"""

from django.db import migrations

SQL = """
-- Whether the rows of a batch have been in a cycle, so that the minutes of that cycle count for
-- them: its own one, and those that closed since it was received; while it waits to be submitted,
-- also later ones. Without a cycle (NULL): whether the batch has none.
CREATE FUNCTION proposals_was_in_cycle(batch bigint, cycle bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce((
        SELECT CASE WHEN asked.id IS NULL THEN b.cycle_id IS NULL
                    ELSE own.id = asked.id
                         OR asked.cutoff_date
                                >= (b.received_at AT TIME ZONE 'Asia/Jakarta')::date
                            AND (own.id IS NULL OR b.status = 'ready'
                                 OR asked.cutoff_date < own.cutoff_date) END
          FROM proposals_batch b
               LEFT JOIN casework_cycle own ON own.id = b.cycle_id
               LEFT JOIN casework_cycle asked ON asked.id = proposals_was_in_cycle.cycle
         WHERE b.id = proposals_was_in_cycle.batch), false)
$$;

-- The file of a row that the caller's scope shows: where it is, how it is read, and its cycle. Of
-- rows that were typed, the other ones are empty.
CREATE FUNCTION proposals_file_of_row(proposal bigint)
    RETURNS TABLE (id bigint, region_id text, status text, cycle_id bigint,
                   agency_id bigint, file text,
                   file_size bigint, file_kind text, header jsonb, header_line smallint,
                   mapping jsonb, row_values jsonb)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT b.id, b.region_id, b.status, b.cycle_id, b.agency_id, b.file, b.file_size, b.file_kind, b.header,
           b.header_line, b.mapping,
           coalesce((SELECT jsonb_agg(CASE WHEN e.number = p.row_number THEN e.cells
                                           ELSE '{}'::jsonb END ORDER BY e.number)
                       FROM jsonb_array_elements(b.row_values)
                            WITH ORDINALITY AS e (cells, number)), '[]'::jsonb)
      FROM proposals_proposal p JOIN proposals_batch b ON b.id = p.batch_id
     WHERE p.id = proposals_file_of_row.proposal
       AND portal_within(p.village_id, portal_scope('proposal'))
$$;
"""
BACK = """
DROP FUNCTION proposals_was_in_cycle(bigint, bigint);
DROP FUNCTION proposals_file_of_row(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0013_corrected_documents"),
        ("proposals", "0029_judged_again"),
    ]

    operations = [migrations.RunSQL(SQL, BACK)]
