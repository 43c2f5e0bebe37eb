"""The pages of one's own account."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordChangeView, RedirectURLMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cardgen.access.account.quota import quota_of
from cardgen.access.handed_over import chosen, must_choose
from jobs import watching
from toolkit.actor import actor_of
from toolkit.rights import MEANINGS, Right, rights_of
from uniqueness import trail


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show who one is, what one may, and what is taken of one's quotas."""
    user = _user(request)
    rights = rights_of(user)
    context = {
        "roles": list(user.groups.order_by("name").values_list("name", flat=True)),
        "teams": watching.team_names(user),
        "every_right": set(rights) == set(Right),
        "rights": [(right, MEANINGS[right]) for right in Right if right in rights],
    }
    return render(request, "account.html", context | quota_of(user))


class PasswordView(RedirectURLMixin, PasswordChangeView):
    """Change one's own password; the session goes on, those elsewhere end.

    Who was sent here from another page goes back to it.
    """

    template_name = "password.html"
    next_page = "account-page"

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Tell the page whether nothing else can be done before."""
        return super().get_context_data(first=must_choose(self.request.session), **options)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Keep it, and write down that it was changed."""
        answer = super().form_valid(form)
        chosen(self.request.session)
        actor = actor_of(self.request)
        trail.note(
            actor=actor,
            action="change_password",
            subject=f"user {actor.name}",
            reason="changed by the user, who knew the old one",
        )
        messages.success(self.request, "Your password is changed.")
        return answer


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 (the table of rights came first; this tells mypy)
    return user
