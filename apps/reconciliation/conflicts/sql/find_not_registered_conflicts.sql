-- Purpose: recipients in a programme's delivery who have no pair in the register, neither joined
-- nor under review.
-- Parameters: source, number. Tables: links, found. Result: rows of found.
-- Plan: by rows
INSERT INTO {found} (kind, pair_id, record_id, person_id, other_person_id, village_id, field, ours, theirs)
SELECT 'not_registered', NULL, l.id, NULL, NULL, l.village_code, '', '',
       left(concat_ws(', ', nullif(l.name, ''), l.birth_date::text,
                      nullif(left(l.nik, 6) || '••••••' || substr(l.nik, 13), '••••••')), 300)
  FROM reconciliation_record l
  JOIN regions_region v ON v.code = l.village_code AND v.level = 'village'
 WHERE l.source_id = %(source)s AND l.number <= %(number)s
   AND (l.until IS NULL OR l.until > %(number)s) AND NOT l.is_deceased
   AND NOT EXISTS (SELECT FROM {links} k WHERE k.record_id = l.id)
