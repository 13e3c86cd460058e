-- The rows of a snapshot of the register become records.
-- Parameters: source, dataset, number, first (id before the first). Tables: into, picture, keys (row,
-- name_key, mother_key).
-- Plan: by rows
INSERT INTO {into} (
    id, source_id, dataset_id, number, source_ref, nik, kk, name, name_key, mother_name, mother_key,
    birth_place, birth_date, sex, village_code, address, rt, rw, relation, occupation, is_deceased,
    programmes, digest)
SELECT %(first)s + s.row, %(source)s, %(dataset)s, %(number)s, s.source_ref, s.nik, s.kk, s.name,
       k.name_key, s.mother_name, k.mother_key, s.birth_place, s.birth_date, s.sex, s.village_code,
       s.address, s.rt, s.rw, s.relation, s.occupation, false, s.programmes, s.digest
  FROM {picture} AS s JOIN {keys} AS k USING (row)
 ORDER BY s.row
