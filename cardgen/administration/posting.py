"""What a form is filled with: what was sent, or nothing."""

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    """Return the fields that were sent; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None
