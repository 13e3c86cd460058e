-- Active facilities with their places. A facility's island is that of its village, else of the land
-- at its point.
-- Parameters: facilities (numbers; null: all that have usable stock). Result: number, longitude,
-- latitude, island (null: not known), regency ('' without a village).
-- Index: commandcentre_islandpiece's GiST.
SELECT f.id, ST_X(f.location), ST_Y(f.location),
       coalesce(p.island, (SELECT i.island FROM commandcentre_islandpiece AS i
                            WHERE ST_Intersects(i.piece, ST_Transform(f.location, 3857)) LIMIT 1)),
       coalesce(left(f.village_id, 5), '')
  FROM commandcentre_facility AS f
  LEFT JOIN commandcentre_villageplace AS p ON p.village_id = f.village_id
 WHERE CASE WHEN %(facilities)s::bigint[] IS NULL
            THEN f.is_active AND f.id IN (SELECT facility_id FROM commandcentre_usable_stock)
            ELSE f.id = ANY (%(facilities)s) END
 ORDER BY f.id
