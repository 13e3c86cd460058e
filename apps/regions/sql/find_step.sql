-- Whether a step is finished. Tables: done. Parameters: step. Result: a row when it is.
SELECT 1 FROM {done} WHERE step = %(step)s;
