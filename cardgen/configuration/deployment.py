"""What `manage.py check --deploy` says beside Django's own."""

from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004 (Django's name)


def named_hosts(**_: object) -> list[CheckMessage]:
    """Warn of a service that answers to any name: a name of others then stands in its links."""
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "CARDGEN_ALLOWED_HOSTS=cards.example"
    return [Warning("CARDGEN_ALLOWED_HOSTS allows every name.", hint=hint, id="cardgen.W001")]
