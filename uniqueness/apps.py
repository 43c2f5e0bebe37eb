"""Django application `uniqueness`."""

from django.apps import AppConfig


class UniquenessConfig(AppConfig):
    """`uniqueness`: see the package's docstring."""

    name = "uniqueness"
