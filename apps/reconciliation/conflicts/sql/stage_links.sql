-- Purpose: a delivery's records of the active persons of the register, one row for each pair.
-- Joined pairs make one person of both. Pairs under review, displaced pairs and pairs in which only
-- the NIK agrees are also staged: they are evidence that the delivery has the person.
-- Parameters: pairing, run, register. Tables: links (made here)
-- Result: table links = pair_id, basis, is_joined, is_settled, record_id, person_id, village_id,
--   the two NIKs, names, name keys and dates of birth (p_: the register's, l_: the record's)
-- Index: reconciliation_pair_queue (pairing), primary keys of records and persons.
-- Plan: by rows
CREATE UNLOGGED TABLE {links} AS
SELECT c.id AS pair_id, c.basis, c.status IN ('linked', 'same') AS is_joined,
       c.status IN ('same', 'not_same') AS is_settled,
       l.id AS record_id, p.id AS person_id, p.village_id,
       coalesce(p.nik, '') AS p_nik, p.is_nik_disputed, p.name AS p_name, r.name_key AS p_key,
       p.birth_date AS p_birth,
       l.nik AS l_nik, l.name AS l_name, l.name_key AS l_key, l.birth_date AS l_birth,
       l.village_code AS l_village, l.is_deceased, l.death_date, l.desil, l.occupation
  FROM reconciliation_pair c
  JOIN reconciliation_record l ON l.id = c.left_id
  JOIN reconciliation_record r ON r.id = c.right_id AND r.source_id = %(register)s
  JOIN registry_person p ON p.id = r.source_ref::bigint AND p.status = 'active'
 WHERE c.pairing_id = %(pairing)s AND c.run_id <= %(run)s
   AND (c.until IS NULL OR c.until > %(run)s)
   AND (c.status IN ('linked', 'same', 'review', 'unsure', 'displaced')
        OR (c.basis = 'nik_alone' AND c.status = 'not_same'))
