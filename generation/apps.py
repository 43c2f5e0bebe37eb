"""Django application `generation`."""

from django.apps import AppConfig


class GenerationConfig(AppConfig):
    """`generation`: see the package's docstring."""

    name = "generation"
