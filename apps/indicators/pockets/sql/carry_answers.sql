-- Gives the unanswered differences of a pair of editions the last answer about the same village and
-- the same kind of difference that was given for another pair. "Cannot be said yet" is no answer. What
-- has ended was a difference of the register alone.
-- Parameters: published, computed (numbers of editions). Result: the lists that got answers (NULL:
-- no list), each with how many.
-- Cost: one pass over the differences; those of a pair are a few thousand.
-- Plan: by rows
WITH carried AS (
    UPDATE indicators_pocketdifference AS d
       SET answer = f.answer, remark = f.remark, answered_at = f.answered_at,
           answered_by = f.answered_by
      FROM (
        SELECT DISTINCT ON (village_id, k.kind) village_id, k.kind, answer, remark, answered_at,
               answered_by
          FROM indicators_pocketdifference AS g
         CROSS JOIN LATERAL (
               SELECT CASE g.kind WHEN 'ended' THEN 'computed' ELSE g.kind END AS kind) AS k
         WHERE answer IN ('pocket', 'no_pocket')
           AND NOT (published_id = %(published)s AND computed_id = %(computed)s)
         ORDER BY village_id, k.kind, answered_at DESC
      ) AS f
     WHERE d.published_id = %(published)s AND d.computed_id = %(computed)s
       AND d.village_id = f.village_id AND d.kind = f.kind AND d.kind NOT IN ('agree', 'ended')
       AND d.answer = ''
    RETURNING d.worklist_id
)
SELECT worklist_id, count(*)::integer FROM carried GROUP BY worklist_id
