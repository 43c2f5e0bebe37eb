"""The page that switches a range; the list of them is the page of the numbers left."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cardgen.administration.posting import posted
from cardgen.administration.reasons import SwitchForm, ask
from generation.ranges import registered
from toolkit.actor import actor_of
from toolkit.refusals import Refusal
from uniqueness.registry import range_words, switch_range


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest, name: str) -> HttpResponse:
    """Ask why, then switch a range on or off for everybody's new orders."""
    found = registered(name).first()
    if found is None or found.name != name:
        raise Http404
    form = SwitchForm(posted(request), on=not found.enabled)
    on = form.turns_on
    if form.is_valid() and _switched(request, name, form):
        messages.success(request, f"The range {name} is {'on' if on else 'off'}.")
        return redirect("ranges-page")
    return ask(
        request,
        subject=f"Range {name}",
        verb="Switch on" if on else "Switch off",
        words=range_words(found, on=on),
        back=reverse("ranges-page"),
        form=form,
    )


def _switched(request: HttpRequest, name: str, form: SwitchForm) -> bool:
    try:
        switch_range(name=name, **form.cleaned_data, actor=actor_of(request))
    except Refusal as refusal:
        form.add_error("reason", refusal.detail)
        return False
    return True
