-- Removes the counts of villages that are not in force any more from a month.
-- Parameters: period. `{villages}` has the codes of those in force.
-- Plan: one table
DELETE FROM indicators_regioncount AS r
 WHERE r.period_start = %(period)s AND r.level = 'village'
   AND NOT EXISTS (SELECT FROM {villages} AS v WHERE v.code = r.region_id)
