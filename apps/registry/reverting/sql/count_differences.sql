-- Purpose: how many rows reverting a Change removes, ends, reopens, restores or leaves; the same acts
--   as list_differences.
--
-- Tables: person, family, enrolment. Result: what, act, count
-- Plan: by rows
SELECT what, act, count(*)
  FROM (SELECT 'person' AS what,
               CASE WHEN obstacle <> '' THEN 'stay' WHEN before IS NULL THEN 'remove'
                    WHEN old_status = 'active' AND status <> 'active' THEN 'reopen'
                    ELSE 'restore' END AS act
          FROM {person}
         UNION ALL
        SELECT 'family',
               CASE WHEN obstacle <> '' THEN 'stay' WHEN before IS NULL THEN 'end'
                    WHEN old_is_active AND NOT is_active THEN 'reopen' ELSE 'restore' END
          FROM {family}
         UNION ALL
        SELECT 'enrolment',
               CASE WHEN before IS NULL THEN 'end' WHEN old_until IS NULL AND until IS NOT NULL
                    THEN 'reopen' ELSE 'restore' END
          FROM {enrolment}) AS found
 GROUP BY what, act
 ORDER BY what, act
