-- Active facilities with their places. A facility's island is that of its village, else of the land
-- at its point.
-- Parameters: facilities (numbers; null: all that have usable stock), keepers (with null: also those
-- of these kinds without any line of stock). Result: number, longitude, latitude, island (null: not
-- known), regency ('' without a village), whether it is one without any line of stock.
-- Index: commandcentre_islandpiece's GiST, stock by facility.
SELECT f.id, ST_X(f.location), ST_Y(f.location),
       coalesce(p.island, (SELECT i.island FROM commandcentre_islandpiece AS i
                            WHERE ST_Intersects(i.piece, ST_Transform(f.location, 3857)) LIMIT 1)),
       coalesce(left(f.village_id, 5), ''), s.is_silent
  FROM commandcentre_facility AS f
  LEFT JOIN commandcentre_villageplace AS p ON p.village_id = f.village_id
 CROSS JOIN LATERAL (
       SELECT f.kind = ANY (%(keepers)s::text[])
              AND NOT EXISTS (SELECT 1 FROM commandcentre_stockitem AS i WHERE i.facility_id = f.id)
              AS is_silent) AS s
 WHERE CASE WHEN %(facilities)s::bigint[] IS NULL
            THEN f.is_active AND (s.is_silent OR f.id IN (SELECT facility_id
                                                            FROM commandcentre_usable_stock))
            ELSE f.id = ANY (%(facilities)s) END
 ORDER BY f.id
