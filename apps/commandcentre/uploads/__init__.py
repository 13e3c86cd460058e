"""Files that operators upload in the browser: received, their columns matched, imported by a job.

What reads and applies a file is the same as by command (`resources`, `hazards`, `zones`).
"""
