-- Purpose: one entry, and its number without reading the row back: who writes an entry may not be who
--   reads it, and RETURNING asks the policy of reading.
-- Parameters: the columns of audit_entry. Result: id.
-- Plan: by key
WITH given AS (SELECT nextval(pg_get_serial_sequence('public.audit_entry', 'id')) AS id), written AS (
    INSERT INTO public.audit_entry (id, at, action, actor, actor_name, subject, subject_name,
                                    region_code, reason, address, request_id, details)
    SELECT id, %(at)s, %(action)s, %(actor)s, %(actor_name)s, %(subject)s, %(subject_name)s,
           %(region_code)s, %(reason)s, %(address)s::inet, %(request_id)s, %(details)s
      FROM given)
SELECT id FROM given
