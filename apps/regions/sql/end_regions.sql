-- Ends the codes in force that the lists lack, within the provinces and levels of the lists.
-- Parameters: day (the first on which the code is no longer in force). Result: how many ended.
WITH spoken AS (
    SELECT DISTINCT substr(code, 1, 2) AS province, length(code) AS size FROM wanted_regions
), ended AS (
    UPDATE regions_region AS r SET valid_until = %(day)s
    FROM spoken AS s
    WHERE substr(r.code, 1, 2) = s.province AND length(r.code) = s.size
        AND (r.valid_until IS NULL OR r.valid_until > %(day)s)
        AND NOT EXISTS (SELECT FROM wanted_regions AS w WHERE w.code = r.code)
    RETURNING 1
)
SELECT count(*) FROM ended;
