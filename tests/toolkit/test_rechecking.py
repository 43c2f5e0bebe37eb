"""A download ends between two pieces once its caller may no more."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.exceptions import APIException

from cardgen.access.models import ApiKey
from jobs import work
from tests.support.answers import body_of
from tests.support.work import LONG
from toolkit import rechecking

HOW = {
    "revoked": lambda: ApiKey.objects.update(revoked_at=timezone.now()),
    "suspended": lambda: ApiKey.objects.update(suspended_at=timezone.now()),
    "expired": lambda: ApiKey.objects.update(expires_at=timezone.now()),
    "a lost scope": lambda: ApiKey.objects.update(scopes=["jobs:read"]),
    "deactivated": lambda: User.objects.update(is_active=False),
    "a lost role": lambda: User.groups.through.objects.all().delete(),
}


@pytest.fixture
def download(submit, api, monkeypatch):
    """A download that has begun, and is asked about at every piece."""
    monkeypatch.setattr(rechecking, "RECHECK_SECONDS", 0.0)
    job = submit(count=20)
    work.work(duration=LONG)
    return api.get(f"/api/v1/cards/jobs/{job.id}/result?format=csv")


def test_it_goes_on_while_nothing_has_changed(download):
    assert body_of(download).count(b"\n") == 21


@pytest.mark.parametrize("how", HOW)
def test_it_ends_when_the_right_is_gone(download, how):
    HOW[how]()
    with pytest.raises(APIException):
        body_of(download)
