-- The codes of the villages in which the register changed after some events, or their proposals.
-- Parameters: person_event, family_event, enrolment_event (the last events that are counted),
-- villages (codes of those whose proposals changed), day. Result: code.
-- A person or family that moved left the village of the event before. Writers of the register run
-- one after the other, so that the numbers of their events are in the order of their commits.
-- Indexes: the keys of the events, those on their object, registry_person_pkey.
WITH person AS MATERIALIZED (
    SELECT pgh_obj_id, village_id FROM registry_personevent WHERE pgh_id > %(person_event)s
), family AS MATERIALIZED (
    SELECT pgh_obj_id, village_id FROM registry_familyevent WHERE pgh_id > %(family_event)s
), enrolment AS MATERIALIZED (
    SELECT person_id, village_id FROM registry_enrolmentevent WHERE pgh_id > %(enrolment_event)s
), touched AS (
    SELECT village_id FROM person
    UNION
    SELECT b.village_id
      FROM (SELECT DISTINCT pgh_obj_id FROM person) AS o
     CROSS JOIN LATERAL (
           SELECT village_id FROM registry_personevent
            WHERE pgh_obj_id = o.pgh_obj_id AND pgh_id <= %(person_event)s
            ORDER BY pgh_id DESC LIMIT 1) AS b
    UNION
    SELECT village_id FROM family
    UNION
    SELECT b.village_id
      FROM (SELECT DISTINCT pgh_obj_id FROM family) AS o
     CROSS JOIN LATERAL (
           SELECT village_id FROM registry_familyevent
            WHERE pgh_obj_id = o.pgh_obj_id AND pgh_id <= %(family_event)s
            ORDER BY pgh_id DESC LIMIT 1) AS b
    UNION
    SELECT village_id FROM enrolment
    UNION
    SELECT p.village_id
      FROM (SELECT DISTINCT person_id FROM enrolment) AS o
      JOIN registry_person AS p ON p.id = o.person_id
)
SELECT r.code
  FROM regions_region AS r
 WHERE r.level = 'village' AND (r.valid_from IS NULL OR r.valid_from <= %(day)s)
   AND (r.valid_until IS NULL OR r.valid_until > %(day)s)
   AND r.code IN (SELECT village_id FROM touched UNION SELECT unnest(%(villages)s::text[]))
