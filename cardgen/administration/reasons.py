"""Why something is done that is not done by mistake: the form, and the page that asks."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class ReasonForm(forms.Form):
    """The reason; the service decides what counts as one."""

    reason = forms.CharField(
        max_length=2_000,
        label="Why",
        help_text="10 characters or more. It stands in the audit trail, with your name.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SwitchForm(ReasonForm):
    """The state that was wanted when the page was opened: others may have switched since."""

    on = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, on: bool) -> None:
        """Offer to switch on, or off."""
        super().__init__(data, initial={"on": on})

    @property
    def turns_on(self) -> bool:
        """Tell which of the two is asked for."""
        self.is_valid()
        return bool(self.cleaned_data["on"] if self.is_bound else self.initial["on"])


def ask(
    request: HttpRequest,
    *,
    subject: str,
    verb: str,
    words: str,
    back: str,
    form: forms.Form | None = None,
) -> HttpResponse:
    """Show what would be done to the subject, and one button that does it.

    :param back: where the other button leads
    """
    context = {"subject": subject, "verb": verb, "words": words, "back": back, "form": form}
    status = 422 if form is not None and form.errors else 200
    return render(request, "administration_sure.html", context, status=status)
