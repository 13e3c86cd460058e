-- Writes from which layer the rows came that were copied last.
-- Parameters: layer. Tables: rows. Result: none.
-- Plan: one table
UPDATE {rows} SET layer = %(layer)s WHERE layer IS NULL
