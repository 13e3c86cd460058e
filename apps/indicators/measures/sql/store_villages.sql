-- Stores the counts of `{counts}` for a month; rows that are the same already stay unwritten.
-- Parameters: period (first day of the month). Result: how many rows were written.
-- Plan: one table
WITH written AS (
    INSERT INTO indicators_regioncount AS r
           (period_start, level, region_id, families, families_located, families_inside,
            families_near, families_enrolled, families_without_proposal, persons, under_five,
            elderly, disability, birth_unknown, proposals_open, by_programme)
    SELECT %(period)s, 'village', region_id, families, families_located, families_inside,
           families_near, families_enrolled, families_without_proposal, persons, under_five,
           elderly, disability, birth_unknown, proposals_open, by_programme
      FROM {counts}
        ON CONFLICT (period_start, level, region_id) DO UPDATE SET
           families = excluded.families, families_located = excluded.families_located,
           families_inside = excluded.families_inside, families_near = excluded.families_near,
           families_enrolled = excluded.families_enrolled,
           families_without_proposal = excluded.families_without_proposal,
           persons = excluded.persons, under_five = excluded.under_five,
           elderly = excluded.elderly, disability = excluded.disability,
           birth_unknown = excluded.birth_unknown, proposals_open = excluded.proposals_open,
           by_programme = excluded.by_programme
     WHERE (r.families, r.families_located, r.families_inside, r.families_near,
            r.families_enrolled, r.families_without_proposal, r.persons, r.under_five, r.elderly,
            r.disability, r.birth_unknown, r.proposals_open, r.by_programme)
           IS DISTINCT FROM
           (excluded.families, excluded.families_located, excluded.families_inside,
            excluded.families_near, excluded.families_enrolled,
            excluded.families_without_proposal, excluded.persons, excluded.under_five,
            excluded.elderly, excluded.disability, excluded.birth_unknown,
            excluded.proposals_open, excluded.by_programme)
    RETURNING 1
)
SELECT count(*) FROM written
