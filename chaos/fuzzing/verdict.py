"""Whether an answer is one that the service may give to anything (R15)."""

import json

from chaos.fuzzing.wire import WireRequest
from chaos.world.web import Answer

_MEMBERS = ("type", "title", "status", "code", "detail")  # RFC 9457, and `code`
_REFUSED = 400
_BROKEN = 500


def is_refused(answer: Answer) -> bool:
    """Tell whether nothing may have been done."""
    return answer.status >= _REFUSED


def wrong_with(request: WireRequest, answer: Answer) -> str:
    """Say what is wrong; nothing if all is well."""
    if answer.status == 0:
        return "was not answered"
    if answer.status >= _BROKEN:
        return f"was answered {answer.status}: {answer.body[:200].decode(errors='replace')}"
    if not is_refused(answer):
        return ""
    if not answer.is_problem:
        return f"was refused with {answer.status} as {answer.media_type or 'nothing'}"
    return "" if request.method == "HEAD" or _is_whole(answer) else "was refused without a reason"


def _is_whole(answer: Answer) -> bool:
    try:
        body = json.loads(answer.body)
    except ValueError:
        return False
    return all(name in body for name in _MEMBERS) and body["status"] == answer.status
