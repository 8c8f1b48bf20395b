"""Members' claims: filed, revised, withdrawn; accepted, returned, rejected.

An accepted claim becomes a record by the verb that the recorder's own screen calls.
"""
