"""The workbench of branches and the town: a folder per job, what they share in `base/`; `register` joins them.

Job folders never import each other; they link by the names of addresses.
"""
