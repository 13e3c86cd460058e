-- The number of the state of the map that is shown, as `regions.editions.shapes.current_set` reads it.
-- Parameters: none. Result: one number, 0 without any. Cost: a few rows.
SELECT coalesce(max(id), 0) FROM regions_shapeset WHERE ready_at IS NOT NULL;
