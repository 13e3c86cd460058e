-- Purpose: steps per day and status for the trend of the home page, counts only; undone moves and
--   the undoing itself: an undo is no step, the step that it undid is.
-- Parameters: scope text[] (dotted codes, 'ID' is the country), since timestamptz, zone (of the days).
-- Result: day, the status that was reached, how many steps.
-- Index: proposals_decision_village, once for each village of the scope.
SELECT day, status, steps FROM proposals_daily_steps(%(scope)s, %(since)s, %(zone)s)
