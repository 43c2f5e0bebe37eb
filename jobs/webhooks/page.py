"""The pages of one's webhooks, for people: register, look at deliveries, send again, delete."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.models import MAX_URL, Event
from jobs.webhooks import hooks
from toolkit.refusals import Refusal
from toolkit.rights import Right, has_right

_SHOWN = 50
_MOST_DIGITS = 11
_MEANINGS = {
    Event.JOB_FINISHED: "one of your jobs has ended",
    Event.ANOMALY_FOUND: "something unlike normal use was seen",
}


class WebhookForm(forms.Form):
    """Where to send what; the service decides what can be."""

    url = forms.CharField(
        max_length=MAX_URL,
        label="Address",
        help_text="https or http, a public host. Its first message must be answered.",
        widget=forms.URLInput(attrs={"placeholder": "https://ci.example.com/cardgen"}),
    )
    events = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, label="Tell it when", initial=[Event.JOB_FINISHED]
    )

    def __init__(self, *data: Any, user: User) -> None:
        """Offer what the user may be told."""
        super().__init__(*data)
        reserved = set() if has_right(user, Right.ANOMALIES) else {Event.ANOMALY_FOUND}
        events: Any = self.fields["events"]
        events.choices = [(one.value, _MEANINGS[one]) for one in Event if one not in reserved]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the user's webhooks, and register one; its secret is shown this once."""
    user = _user(request)
    form = WebhookForm(*([request.POST] if request.method == "POST" else []), user=user)
    secret = ""
    if form.is_bound and form.is_valid():
        secret = _registered(form, user=user)
    context = {
        "form": WebhookForm(user=user) if secret else form,
        "secret": secret,
        "webhooks": hooks.webhooks_of(user),
    }
    return render(request, "webhooks.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Show what one webhook was told, the newest first."""
    found = get_object_or_404(hooks.webhooks_of(_user(request)), id=webhook_id)
    given = request.GET.get("after", "")
    after = (
        int(given) if given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS else None
    )
    rows, more = hooks.deliveries(found, after=after, limit=_SHOWN)
    context = {"webhook": found, "deliveries": rows, "after": more, "first_page": after is None}
    return render(request, "webhook.html", context)


@never_cache
@require_POST
def send_test(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Send a test message; before the challenge is answered, the challenge."""
    if hooks.send_test(webhook_id, owner=_user(request)) is None:
        raise Http404
    messages.success(request, "A message is on its way: reload in a moment to see its answer.")
    return redirect("webhook-page", webhook_id=webhook_id)


@never_cache
@require_POST
def resend(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Send a delivery once more."""
    try:
        delivery = hooks.resend(delivery_id, owner=_user(request))
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return redirect("webhooks-page")
    if delivery is None:
        raise Http404
    messages.success(request, "It is sent again within seconds.")
    if delivery.job_id and request.POST.get("back") == "job":
        return redirect("job-page", job_id=delivery.job_id)
    return redirect("webhook-page", webhook_id=delivery.webhook_id)


@never_cache
@require_POST
def delete(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Delete a webhook with its deliveries."""
    if not hooks.delete(webhook_id, owner=_user(request)):
        raise Http404
    messages.success(request, "The webhook is deleted.")
    return redirect("webhooks-page")


def _registered(form: WebhookForm, *, user: User) -> str:
    """Register it and return its secret, or tell the form what is wrong."""
    asked = form.cleaned_data
    events = [Event(event) for event in asked["events"]]
    try:
        return hooks.register(owner=user, url=asked["url"], events=events).secret
    except Refusal as refusal:
        form.add_error("url" if refusal.code == "webhook_url_refused" else None, refusal.detail)
        return ""


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (the table of rights came first; this tells mypy)
    return user
