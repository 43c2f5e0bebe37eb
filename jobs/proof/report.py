"""An audit's report: in words for people, as JSON for programs."""

from collections.abc import Iterator
from typing import Any

from jobs.proof.proving import Proof
from toolkit.wording import counted
from uniqueness.proof.findings import Check

_SURE = "Every number occurs once, and every card is the one that its key gives."
_FAST = "Every number occurs once. What the cards say was not compared (--fast)."
_PART = "All of them are in their place, and every card is the one that its key gives."
_ANEW = (
    "Make the filters anew first: cardgen sync_bloom --rebuild. Then prove again. Until then a"
    " check may call a number of ours a stranger's. Minting may go on: layers 1 to 3 refuse a"
    " second card. Keep this report, and find out how a filter could lack one."
)
_FAST_PART = "All of them are in their place. What the cards say was not compared (--fast)."


def lines(report: Proof) -> Iterator[str]:
    """Write the report for people."""
    totals, cards = report.totals, report.findings.cards
    where = f"{counted(totals.ranges, 'range')}, {counted(totals.jobs, 'job')}{_where(report)}"
    yield f"{counted(cards, 'card')} in {where}, as of {report.at:%Y-%m-%d %H:%M:%S} UTC."
    yield "SOMETHING IS WRONG; see FAILED below." if report.failed else _verdict(report)
    yield ""
    for check in Check:
        yield from _check(report, check)
    yield ""
    rate = cards / max(report.seconds, 0.001)
    yield f"{report.seconds:.1f} s, {rate:,.0f} cards a second"


def what_to_do(report: Proof) -> str:
    """Tell whoever runs cardgen what a failure asks for."""
    failed = f"FAILED: {len(report.failed)} of {len(Check)} checks."
    if report.failed == [Check.FILTERS]:
        return f"{failed} {_ANEW}"
    return (
        f"{failed} Stop minting (pause the jobs or stop"
        " the workers), change nothing in the database, keep this report and a backup, and look at"
        " what the report names: cards handed out from there may not be unique."
    )


def as_dict(report: Proof) -> dict[str, Any]:
    """Write the report for programs."""
    issuer_range, owner = report.scope.issuer_range, report.scope.owner
    return {
        "ok": not report.failed,
        "range": issuer_range.name if issuer_range else None,
        "job": str(owner) if owner else None,
        "fast": report.fast,
        "at": report.at.isoformat(),
        "seconds": round(report.seconds, 3),
        "cards": report.findings.cards,
        "counted": report.totals.cards,
        "ranges": report.totals.ranges,
        "jobs": report.totals.jobs,
        "chunks": report.totals.chunks,
        "checks": [_check_dict(report, check) for check in Check],
    }


def _verdict(report: Proof) -> str:
    if report.scope.whole:
        return _FAST if report.fast else _SURE
    return _FAST_PART if report.fast else _PART


def _where(report: Proof) -> str:
    if report.scope.owner:
        return f" (job {report.scope.owner} alone)"
    issuer_range = report.scope.issuer_range
    return f" (range {issuer_range.name} alone)" if issuer_range else ""


def _check(report: Proof, check: Check) -> Iterator[str]:
    count = report.findings.counts[check]
    if check in report.omitted:
        yield f"  --      {check}: {report.omitted[check]}"
    elif not count:
        yield f"  ok      {check}"
    else:
        yield f"  FAILED  {check}: {count:,} wrong"
        names = report.findings.names[check]
        yield from (f"            {name}" for name in names)
        if count > len(names):
            yield f"            and {count - len(names):,} more"


def _check_dict(report: Proof, check: Check) -> dict[str, Any]:
    omitted = report.omitted.get(check)
    count = report.findings.counts[check]
    return {
        "check": check.key,
        "says": str(check),
        "ok": None if omitted else not count,
        "omitted": omitted,
        "wrong": count,
        "first": report.findings.names.get(check, []),
    }
