-- Sums what an assessment counted by programme over its villages.
-- Parameters: assessment. Result: programme, families (null where an older assessment did not count
-- them), persons; the programme with most persons first. Index: commandcentre_affected_once.
SELECT p.key AS programme, sum((a.families_by_programme ->> p.key)::bigint) AS families,
       sum(p.value::bigint) AS persons
  FROM commandcentre_affectedvillage AS a
 CROSS JOIN LATERAL jsonb_each_text(a.by_programme) AS p
 WHERE a.assessment_id = %(assessment)s
 GROUP BY p.key
 ORDER BY persons DESC, programme
