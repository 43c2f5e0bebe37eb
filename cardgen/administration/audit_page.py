"""Search of the audit trail, for people: by whole names, because indexes answer those."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from toolkit.requests import refuse_pans
from uniqueness.numbers import holds_card_number
from uniqueness.trail import Search, find, wrong_action, wrong_actor

_SHOWN = 50
_MOST_ID = 2**62


class SearchForm(forms.Form):
    """What to look for; empty fields ask for nothing."""

    actor = forms.CharField(max_length=150, required=False, label="Who (a user's whole name)")
    action = forms.CharField(max_length=64, required=False, label="What, such as revoke_key")
    subject = forms.CharField(max_length=64, required=False, label="About what, such as user ann")
    request_id = forms.CharField(max_length=64, required=False, label="Request id")
    since = forms.DateTimeField(
        required=False,
        label="From (UTC)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    until = forms.DateTimeField(
        required=False,
        label="Before (UTC)",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    after = forms.IntegerField(
        min_value=0, max_value=_MOST_ID, required=False, widget=forms.HiddenInput
    )

    def clean_actor(self) -> str:
        """Refuse a name that nobody has: nothing found would hide a misspelt one.

        :raises ValidationError: says who may be meant
        """
        return _right(self.cleaned_data["actor"], wrong_actor)

    def clean_action(self) -> str:
        """Refuse a name that nothing has.

        :raises ValidationError: says what may be meant
        """
        return _right(self.cleaned_data["action"], wrong_action)


@never_cache
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """List what was done, the newest first."""
    refuse_pans(request.GET, found=holds_card_number)
    form = SearchForm(request.GET)
    if not form.is_valid():
        return render(request, "audit.html", {"form": form, "entries": []}, status=422)
    asked = dict(form.cleaned_data)
    after = asked.pop("after")
    rows = list(find(_search(asked)).filter(id__lt=after or _MOST_ID)[: _SHOWN + 1])
    context = {
        "form": form,
        "entries": rows[:_SHOWN],
        "here": _query(request),
        "after": rows[_SHOWN - 1].pk if len(rows) > _SHOWN else None,
        "first_page": after is None,
        "searched": any(asked.values()),
    }
    return render(request, "audit.html", context)


def _right(name: str, wrong: Callable[[str], str]) -> str:
    if told := name and wrong(name):
        raise forms.ValidationError(told)
    return name


def _search(asked: dict[str, Any]) -> Search:
    return Search(**{name: value or None for name, value in asked.items()})


def _query(request: HttpRequest) -> str:
    given = {name: str(value) for name, value in request.GET.items()}
    return urlencode({name: value for name, value in given.items() if name != "after" and value})
