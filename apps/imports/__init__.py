"""What every import of an office's file has in common: cell readers, the village resolver, the pass
from a file into a staging table, the choice of columns, the list of refused rows.

The sandboxed reader and the staging tables themselves are below (`common.tabular`,
`common.staging`), as is the recognition of columns (`common.text.column_likeness`). Who imports
what, and what its rows become, is the user's.
"""
