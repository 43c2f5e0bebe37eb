"""The Celery application: a bell, never a store of work."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cardgen.settings")

app = Celery("cardgen")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
