"""The site as a Django app, so that its commands, its checks and its templates are found."""

from django.apps import AppConfig


class ScoringSiteConfig(AppConfig):
    """Joins the apps together; has no tables."""

    name = "scoring_site"
