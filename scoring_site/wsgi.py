"""The WSGI entry point that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from scoring_site.checks import require_https

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scoring_site.settings")

application = get_wsgi_application()
require_https()
