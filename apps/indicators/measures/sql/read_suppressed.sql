-- Which tables of counts are hidden in which regions.
-- Result: tables, and the regions in which just these are hidden, as an array.
SELECT tables, array_agg(region_id) FROM indicators_suppressedregion GROUP BY tables
