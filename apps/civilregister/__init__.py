"""The civil register (Dukcapil): its web service and the meaning of answers.

It does not know proposals; the apps that store answers depend on it.
"""
