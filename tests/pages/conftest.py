"""A signed-in browser without JavaScript: Django's test client."""

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.fixture
def browser(user: User, catalogue: None) -> Client:
    """The session of `user`; the catalogue is loaded."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin_browser(catalogue: None) -> Client:
    """The session of an administrator."""
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client
