"""What the screens of all jobs share: the admin class they stand on, filters, columns, words.

The three kinds of screen are a table (`scoped`), a page (`pages`) and a step with a form (`steps`).
"""
