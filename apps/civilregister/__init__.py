"""The civil register (Dukcapil): its web service, when it rests, and what its answers mean.

It knows no proposal; whoever keeps answers stands above.
"""
