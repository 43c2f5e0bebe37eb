#!/usr/bin/env python3
"""Ask pip-audit for known weak spots of the locked packages: `make audit`.

Without a network pip-audit skips every package and is content. Here each package counts: exit code
0 if all were looked up and none is weak, 1 if some are weak or were skipped, 2 if none was audited.
"""

import json
import subprocess
import sys
from typing import Any

CLEAN, WEAK, NOTHING_AUDITED = 0, 1, 2


def main(locks: list[str]) -> int:
    """Audit the lock files, print what was found, return the exit code."""
    found = {(one["name"], one.get("version")): one for lock in locks for one in _audited(lock)}
    code, lines = verdict(list(found.values()))
    print("\n".join(lines))  # noqa: T201 (a program of its own)
    return code


def verdict(packages: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """Judge what pip-audit says of each package; return the exit code and the lines to print."""
    asked = [one for one in packages if "vulns" in one]
    if not asked:
        return NOTHING_AUDITED, ["audit: NOTHING AUDITED. No package could be looked up."]
    lines = [
        f"{one['name']} {one['version']}: {weak['id']}, mended in {_mended(weak)}"
        for one in asked
        for weak in one["vulns"]
    ]
    skipped = [f"{one['name']}: skipped" for one in packages if "vulns" not in one]
    end = f"audit: {len(asked)} packages looked up, {len(skipped)} skipped, {len(lines)} weak spots"
    return WEAK if lines or skipped else CLEAN, [*lines, *skipped, end]


def _mended(weak: dict[str, Any]) -> str:
    return ", ".join(weak["fix_versions"]) or "no version yet"


def _audited(lock: str) -> list[dict[str, Any]]:
    asked = ["--strict", "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", *asked, "--format", "json", "-r", lock]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 (ours)
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:  # --strict ends at the first that cannot be looked up
        sys.stderr.write(done.stderr[-1000:])
        return []
    return packages


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
