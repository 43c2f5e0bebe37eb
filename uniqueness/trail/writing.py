"""Lines of the audit trail, and their words: no card number may stand in what is kept and shown."""

from collections.abc import Mapping

from toolkit.actor import Actor
from toolkit.refusals import Mistake
from uniqueness.models import AuditEntry
from uniqueness.numbers import holds_card_number

_SHORTEST_REASON = 10
_LONGEST = 64
Values = Mapping[str, object]


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


def note(
    *,
    actor: Actor,
    action: str,
    subject: str,
    reason: str,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """Add a line to the audit trail, in the caller's transaction.

    Do it last: until the commit nobody else can add one.

    :param reason: for what is no change, what was done
    :param before: what is changed, as it was; plain values for JSON
    :param after: and as it is from now on
    """
    AuditEntry.objects.create(
        actor=actor.name,
        user_id=actor.user_id,
        key_id=actor.key_id,
        address=actor.address,
        request_id=actor.request_id,
        via=actor.via,
        action=action,
        subject=subject[:_LONGEST],
        reason=reason.strip(),
        before=before,
        after=after,
    )
