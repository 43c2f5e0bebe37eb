"""A receiver on loopback, which the setting allows here, and a webhook that points at it."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from jobs.webhook_models import Delivery, Event, Webhook
from jobs.webhooks import services
from jobs.webhooks.courier import Courier
from tests.webhooks.receiver import Receiver, listening

SECRET = "0123456789abcdef"


@pytest.fixture
def private_allowed(settings: Settings) -> None:
    """Let webhooks point at loopback."""
    settings.CARDGEN_WEBHOOK_PRIVATE = True


@pytest.fixture
def receiver(private_allowed: None) -> Iterator[Receiver]:
    """A server that answers 200."""
    with listening() as found:
        yield found


@pytest.fixture
def webhook(user: User, receiver: Receiver) -> Webhook:
    """The webhook of `user`."""
    return register(user, f"{receiver.url}/hook?team=a")


def register(owner: User, url: str) -> Webhook:
    events = [Event.JOB_FINISHED]
    return services.register(owner=owner, url=url, events=events, secret=SECRET).webhook


def deliver() -> int:
    """Send all that is due and wait for what becomes of it; return how many were sent."""
    courier = Courier()
    sent = courier.send_due()
    while courier.busy:
        courier.record_back(within=30)
        sent += courier.send_due()
    return sent


def make_due() -> None:
    """Let the time until the next attempt, or until the lease ends, pass."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_delivery SET not_before = now() WHERE state = 'waiting'")


def only() -> Delivery:
    """The one delivery there is."""
    return Delivery.objects.get()


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A TLS context with a certificate for `localhost` alone, and the file that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    builder = x509.CertificateBuilder(issuer_name=name, subject_name=name)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = builder.add_extension(names, critical=False).sign(key, SHA256())
    public, private = tmp_path / "certificate.pem", tmp_path / "key.pem"
    public.write_bytes(certificate.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public
