-- Purpose: steps per day and status for the trend of the home page, counts only. Neither
--   an undo nor the step that it undid counts.
-- Parameters: scope text[] (dotted codes, 'ID' is the country), since timestamptz, zone (of the days).
-- Result: day, the status that was reached, how many steps.
-- Index: proposals_decision_village, once for each village of the scope; proposals_decision_undo.
SELECT day, status, steps FROM proposals_daily_steps(%(scope)s, %(since)s, %(zone)s)
