"""Who is affected: the villages that a hazard meets, the registered people in them, their needs.

`assessment` counts by set-based SQL, as a job; `needs` are the minimum standards per day; `alarm`
says how urgent a hazard is.
"""
