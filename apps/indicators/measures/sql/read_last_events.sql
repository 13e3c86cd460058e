-- The numbers of the last events of the register. Index: the keys of the events.
-- Result: person_event, family_event, enrolment_event.
SELECT coalesce((SELECT max(pgh_id) FROM registry_personevent), 0),
       coalesce((SELECT max(pgh_id) FROM registry_familyevent), 0),
       coalesce((SELECT max(pgh_id) FROM registry_enrolmentevent), 0)
