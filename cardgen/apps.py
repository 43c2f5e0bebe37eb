"""The outermost Django application."""

from django.apps import AppConfig

from cardgen.celery import app


class CardgenConfig(AppConfig):
    """Loads the Celery application, so that shared tasks ring through it."""

    name = "cardgen"
    verbose_name = "cardgen"
    celery_app = app
