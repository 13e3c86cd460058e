-- Purpose: count the persons and families that reverting a Change leaves as they are.
--
-- Tables: person, family. Result: persons, families
-- Plan: one table
SELECT (SELECT count(*) FROM {person} WHERE obstacle <> ''),
       (SELECT count(*) FROM {family} WHERE obstacle <> '')
