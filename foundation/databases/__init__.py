"""Django's two database engines, with one thing more: whoever asked to be is called before a transaction is committed.

`DATABASES["ENGINE"]` names the packages; what there is to do before a commit is said by the app that registers it.
"""
