"""The site: settings, addresses, the workbench and whatever joins the apps together.

It may import all of the apps; none imports it.
"""
