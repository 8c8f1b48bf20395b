"""One deed of many members recorded in one go.

Before it is saved it shows what the deed adds to each under the caps.
"""
