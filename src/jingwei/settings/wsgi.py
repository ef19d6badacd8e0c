"""What granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingwei.settings")
application = get_wsgi_application()

from jingwei.portal import warm  # noqa: E402  (models can be imported only now)

warm.in_background()
