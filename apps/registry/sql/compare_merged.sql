-- Persons to be merged, value by value: the kept person's value, the dropped person's value, and
-- the
-- action. A gap of the kept person is filled by the first dropped one with a value; a different
-- value
-- is kept as a claim. An address in another family is not compared with the address in this one.
--
-- Parameters: keeps, drops (bigint[] of one length; a kept person's dropped ones in their order)
-- Result: keep_id, drop_id, field, kept, dropped, action (same, fill, claim), village_id (where the
--         kept person lives), origin_id (the Change that brought the dropped value)
-- Index: the primary keys of registry_person and registry_family (OFFSET 0: looked up by key).
WITH pair AS MATERIALIZED (
    SELECT * FROM unnest(%(keeps)s::bigint[], %(drops)s::bigint[])
             WITH ORDINALITY AS pair (keep_id, drop_id, turn)
), value AS (
    SELECT pair.*, k.village_id, v.field, coalesce(v.kept, '') AS kept, v.dropped,
           coalesce((d.origins ->> v.field)::bigint, d.change_id) AS origin_id,
           v.field NOT IN ('kk', 'village', 'name')
           AND (v.field <> 'relation' OR k.family_id = d.family_id) AS is_fillable
      FROM pair
     CROSS JOIN LATERAL (SELECT * FROM registry_person WHERE id = keep_id OFFSET 0) AS k
     CROSS JOIN LATERAL (SELECT * FROM registry_person WHERE id = drop_id OFFSET 0) AS d
     CROSS JOIN LATERAL (SELECT kk FROM registry_family WHERE id = k.family_id OFFSET 0) AS kf
     CROSS JOIN LATERAL (SELECT kk FROM registry_family WHERE id = d.family_id OFFSET 0) AS df
     CROSS JOIN LATERAL (VALUES
               ('nik', k.nik, d.nik),
               ('kk', kf.kk, df.kk),
               ('village', k.village_id, d.village_id),
               ('name', k.name, d.name),
               ('title', k.title, d.title),
               ('birth_place', k.birth_place, d.birth_place),
               ('birth_date', k.birth_date::text, d.birth_date::text),
               ('sex', k.sex, d.sex),
               ('mother_name', k.mother_name, d.mother_name),
               ('relation', k.relation, d.relation),
               ('occupation', k.occupation, d.occupation),
               ('marital_status', k.marital_status, d.marital_status),
               ('disability_kind', k.disability_kind, d.disability_kind),
               ('ppks', array_to_string(k.ppks, ';'), array_to_string(d.ppks, ';'))
           ) AS v (field, kept, dropped)
     WHERE v.dropped <> ''
), filler AS (
    SELECT *, min(turn) FILTER (WHERE kept = '' AND is_fillable)
                  OVER (PARTITION BY keep_id, field) AS filled_in_turn
      FROM value
), outcome AS (
    SELECT *, max(dropped) FILTER (WHERE turn = filled_in_turn)
                  OVER (PARTITION BY keep_id, field) AS filling
      FROM filler
)
SELECT keep_id, drop_id, field, kept, dropped,
       CASE WHEN turn = filled_in_turn THEN 'fill'
            WHEN dropped = coalesce(nullif(kept, ''), filling) THEN 'same'
            ELSE 'claim' END AS action,
       village_id, origin_id
  FROM outcome
