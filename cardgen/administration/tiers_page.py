"""The page that switches a tier; the list of them stands on the page of administration."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cardgen.administration.posting import posted
from cardgen.administration.reasons import SwitchForm, ask
from generation import tiers
from generation.models import Tier
from toolkit.actor import actor_of
from toolkit.refusals import Refusal
from uniqueness.registry import switch_tier, switch_words


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest, tier: str) -> HttpResponse:
    """Ask why, then switch a tier on or off for everybody's new orders."""
    if tier not in tiers.ORDER:
        raise Http404
    found = Tier(tier)
    form = SwitchForm(posted(request), on=not tiers.is_enabled(found))
    on = form.turns_on
    if form.is_valid() and _switched(request, found, form):
        messages.success(request, f"The tier {tier} is {'on' if on else 'off'}.")
        return redirect("administration")
    return ask(
        request,
        subject=f"Tier {tier}",
        verb="Switch on" if on else "Switch off",
        words=switch_words(found, on=on),
        back=reverse("administration"),
        form=form,
    )


def _switched(request: HttpRequest, tier: Tier, form: SwitchForm) -> bool:
    try:
        switch_tier(tier=tier, **form.cleaned_data, actor=actor_of(request))
    except Refusal as refusal:
        form.add_error("reason", refusal.detail)
        return False
    return True
