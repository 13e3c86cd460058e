-- A value that differs after each committed change of the proposals of some regencies.
-- Parameters: prefixes (codes of regencies or what they begin with, none within another; '' is the
-- country). Result: highest number, sum of the numbers, moment of the last.
-- Index: proposals_regencychange_of. Cost: the rows of the last hour; each tile asks.
SELECT coalesce(max(c.id), 0), coalesce(sum(c.id), 0)::text, coalesce(max(c.at)::text, '')
FROM unnest(%(prefixes)s::text[]) AS p (code)
-- digits and full stops are before letters
JOIN proposals_regencychange AS c ON c.regency >= p.code AND c.regency < p.code || 'A';
