"""Forms of the admin whose changes stand in the audit trail."""

from typing import Any, ClassVar

from django.http import HttpRequest

from toolkit.actor import actor_of
from toolkit.admin import Window
from uniqueness import trail

_BEFORE = "cardgen.state_before"


class Noted(Window):
    """Writes down who makes or changes a row; subclasses say what of it is kept."""

    noun: ClassVar[str]

    def state(self, row: Any) -> dict[str, Any]:
        """What of a row the trail keeps."""
        raise NotImplementedError

    def change(self, before: dict[str, Any] | None, row: Any) -> str:
        """What a change is called; `before` is None if no form was saved, as with a password."""
        return f"change_{self.noun}"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Save, and remember how it was."""
        request.META[_BEFORE] = self._stored(obj) if change else None
        super().save_model(request, obj, form, change)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write it down in the audit trail as well."""
        self._note(request, obj, action=f"make_{self.noun}")
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write it down in the audit trail as well."""
        self._note(request, obj, action=self.change(request.META.get(_BEFORE), obj))
        return super().log_change(request, obj, message)

    def _note(self, request: HttpRequest, row: Any, *, action: str) -> None:
        trail.note(
            actor=actor_of(request),
            action=action,
            subject=f"{self.noun} {row}",
            reason="by a form of the admin",
            before=request.META.get(_BEFORE),
            after=self._stored(row),
        )

    def _stored(self, row: Any) -> dict[str, Any]:
        return self.state(self.model.objects.get(pk=row.pk))
