-- Why nothing can be stored. Tables: shapes. Result: features, with an unknown code, without a
-- usable polygon, an example of a code.
SELECT count(*), count(*) FILTER (WHERE region IS NULL), count(*) FILTER (WHERE reason IS NOT NULL),
       left(min(code) FILTER (WHERE region IS NULL AND code <> ''), 40)
FROM {shapes};
