"""Facilities, stock and responders: the standard goods, the ledger's only writer, and the import of
the offices' files. A facility's usable stock is the view `commandcentre_usable_stock`.
"""
