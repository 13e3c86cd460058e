-- The batches that counted stock names for the first time, still empty.
-- Tables: given.
-- Plan: by rows
INSERT INTO commandcentre_stockitem (facility_id, good_id, batch_label, expiry_date, on_hand,
                                     reserved)
SELECT facility_id, good_id, coalesce(batch_label, ''), expiry_date, 0, 0 FROM {given}
ON CONFLICT (facility_id, good_id, batch_label, expiry_date) DO NOTHING
