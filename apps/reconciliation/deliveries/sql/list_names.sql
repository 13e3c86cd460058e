-- The names of the next rows of a snapshot of the register.
-- Parameters: after (a row), most (how many). Tables: picture. Result: row, name, mother_name.
SELECT row, name, mother_name FROM {picture} WHERE row > %(after)s ORDER BY row LIMIT %(most)s
