-- Removes the cells of every edition of ours that hold counted families of a village whose number is
-- hidden.
-- Plan: one table
DELETE FROM indicators_pocketarea AS a
 USING indicators_pocketedition AS e
 WHERE e.id = a.edition_id AND e.origin = 'computed'
   AND EXISTS (SELECT FROM indicators_pocketvillage AS v
                WHERE v.edition_id = a.edition_id AND v.village_id = ANY (a.villages::text[])
                  AND v.hidden && ARRAY['families', 'counted']::varchar[])
