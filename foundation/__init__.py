"""What knows no table and no word of the domain: append-only models, encryption, files, workbooks, the clock.

Every app above may import it; it imports none of them.
"""
