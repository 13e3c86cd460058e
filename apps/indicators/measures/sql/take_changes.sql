-- Takes the villages in which proposals changed off the list.
-- Result: village_id, each once. A row that is not committed yet is not seen, and stays.
-- Plan: one table
WITH taken AS (DELETE FROM indicators_villagechange RETURNING village_id)
SELECT DISTINCT village_id::text FROM taken
