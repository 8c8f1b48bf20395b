"""What is read across all apps for whoever looks at many branches: the town's desk, its indicators, its papers.

Values only, read for all branches at once; addresses and words of a page are the workbench's.
"""
