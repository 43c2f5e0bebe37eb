"""The outermost Django application."""

import gc

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.db.backends.signals import connection_created

from cardgen import traces
from cardgen.celery import app
from cardgen.configuration import deployment, statement_logging
from toolkit.bound_numbers import bind_numbers
from toolkit.words import say_ours


class CardgenConfig(AppConfig):
    """Loads the Celery application, so that shared tasks ring through it."""

    name = "cardgen"
    verbose_name = "cardgen"
    celery_app = app

    def ready(self) -> None:
        """Keep numbers out of SQL, say things in our words, look for garbage from now on.

        What is loaded stays to the end, so nobody looks there. Starting and ending took 1.4 s of
        CPU with such looks, and takes 0.9 without.
        """
        connection_created.connect(bind_numbers)
        say_ours()
        checks.register(checks.Tags.database)(statement_logging.told)
        checks.register(checks.Tags.security, deploy=True)(deployment.named_hosts)
        if settings.CARDGEN_TRACES:
            traces.switch_on(settings.CARDGEN_TRACES)
        gc.freeze()
        gc.enable()
