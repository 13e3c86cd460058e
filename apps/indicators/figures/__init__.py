"""Published figures: a file becomes releases that are in force, or waits for a planner.

`intake` stores the file, `reading` reads it as a job, `region_codes` and `region_names` find the
regions, `review` holds a planner's answers, `releases` puts figures in force.
"""
