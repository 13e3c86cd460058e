"""The dashboard's cards about regions: the funnel, the trend per day, findings, and their map.

Each card is a page of its own and a fragment of the home page. A card shows counts of the regions
one level below the user's scope, or below a region in it, and keeps them for a minute.
"""
