"""Lines of the audit trail, and their words: no card number may stand in what is kept and shown."""

from toolkit.refusals import Mistake
from uniqueness.models import AuditEntry
from uniqueness.numbers import holds_card_number

_SHORTEST_REASON = 10


class ReasonMissing(Mistake):
    """The change needs a reason that tells a later reader something."""

    code = "reason_missing"


class PanInReason(Mistake):
    """A card number stands in a reason, which is kept for good."""

    code = "pan_in_reason"


def require_reason(reason: str) -> None:
    """Refuse a reason that says nothing, or too much.

    :raises ReasonMissing: if it has fewer than ten characters
    :raises PanInReason: if it holds a card number
    """
    if len(reason.strip()) < _SHORTEST_REASON:
        raise ReasonMissing(
            f"Say why, in at least {_SHORTEST_REASON} characters: it stands in the audit trail."
        )
    if holds_card_number(reason):
        raise PanInReason(
            "A card number seems to stand in the reason, and it is kept in the audit trail for"
            " good: tell it without."
        )


def note(*, actor: str, action: str, subject: str, reason: str) -> None:
    """Add a line to the audit trail, in the caller's transaction."""
    AuditEntry.objects.create(actor=actor, action=action, subject=subject, reason=reason.strip())
