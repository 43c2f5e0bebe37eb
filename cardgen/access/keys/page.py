"""The page of one's API keys, for people: make, look, rotate, revoke."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cardgen.access.keys.making import (
    DEFAULT_SCOPES,
    KeyOrder,
    create_key,
    keys_of,
    revoke_keys,
    rotate_key,
)
from cardgen.access.models import LONGEST_KEY_NAME, ApiKey
from toolkit.actor import actor_of
from toolkit.refusals import Refusal
from toolkit.rights import MEANINGS, Right, rights_of

_OVERLAP = timedelta(days=1)
_MOST_DAYS = 3_650


class KeyForm(forms.Form):
    """What a key is to be like; the service decides what can be."""

    name = forms.CharField(max_length=LONGEST_KEY_NAME, label="What it is for")
    scopes = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, label="What it may do", initial=sorted(DEFAULT_SCOPES)
    )
    days = forms.IntegerField(
        min_value=1, max_value=_MOST_DAYS, initial=90, required=False, label="Works for (days)"
    )
    networks = forms.CharField(
        max_length=900,
        required=False,
        label="From these addresses alone",
        help_text="such as 192.0.2.7 or 10.0.0.0/8, with spaces between them; empty: from all",
    )

    def __init__(self, *data: Any, user: User) -> None:
        """Offer what the user may do."""
        super().__init__(*data)
        offered = [right for right in Right if right in rights_of(user)]
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(right.value, f"{right}: {MEANINGS[right]}") for right in offered]

    def order(self) -> KeyOrder:
        """Return what is asked for."""
        asked = self.cleaned_data
        days = asked["days"]
        return KeyOrder(
            name=asked["name"],
            scopes=frozenset(map(Right, asked["scopes"])),
            networks=tuple(asked["networks"].replace(",", " ").split()),
            expires_at=timezone.now() + timedelta(days=days) if days else None,
        )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """List the user's keys, and make one; a new one is shown this once."""
    user = _user(request)
    form = KeyForm(*([request.POST] if request.method == "POST" else []), user=user)
    made = None
    if form.is_bound and form.is_valid():
        try:
            made = create_key(user=user, order=form.order(), actor=actor_of(request))
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
    status = 422 if form.errors else 200
    shown = KeyForm(user=user) if made else form
    return _page(request, form=shown, key=made.key if made else "", status=status)


@never_cache
@require_POST
def rotate(request: HttpRequest, key_id: int) -> HttpResponse:
    """Show a new key like an old one, which works on for a day."""
    try:
        made = rotate_key(_own(request, key_id), overlap=_OVERLAP, actor=actor_of(request))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("keys-page")
    return _page(request, form=KeyForm(user=_user(request)), key=made.key)


@never_cache
@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """Revoke a key."""
    key = _own(request, key_id)
    revoke_keys(ApiKey.objects.filter(pk=key.pk), actor=actor_of(request))
    messages.success(request, f"{key.name} is revoked.")
    return redirect("keys-page")


def _page(request: HttpRequest, *, form: KeyForm, key: str, status: int = 200) -> HttpResponse:
    now = timezone.now()
    rows = [(row, _is_live(row, now)) for row in keys_of(_user(request))]
    return render(request, "keys.html", {"form": form, "key": key, "rows": rows}, status=status)


def _is_live(key: ApiKey, now: Any) -> bool:
    ended = key.revoked_at or key.is_suspended or (key.expires_at and key.expires_at <= now)
    return not ended


def _own(request: HttpRequest, key_id: int) -> ApiKey:
    user = _user(request)
    key: ApiKey = get_object_or_404(keys_of(user), pk=min(key_id, 2**63 - 1))
    key.user = user
    return key


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (the table of rights came first; this tells mypy)
    return user
