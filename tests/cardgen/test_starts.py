"""What a process loads when it starts: each millisecond is paid by every process of everybody."""

import json
import subprocess
import sys

from django.core.management import get_commands, load_command_class

from tests.support.processes import ROOT, environment
from toolkit.commands import OperatorCommand

OURS = ("cardgen", "cardgen.access", "jobs", "uniqueness")
PROGRAM = """
import gc, json, sys
import django
django.setup()
import jobs.reconciler, jobs.tasks
print(json.dumps({
    "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    "looks_for_garbage": gc.isenabled(),
    "frozen": gc.get_freeze_count(),
}))
"""


def test_a_worker_loads_no_library_of_others_and_looks_for_garbage_in_what_comes_later():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert not {"pyarrow", "twisted", "xlsxwriter"} & set(found["modules"])
    assert found["looks_for_garbage"]
    assert found["frozen"] > 100_000


def test_no_command_of_ours_checks_the_code_before_it_begins():
    ours = [(app, name) for name, app in get_commands().items() if app in OURS]
    assert len(ours) > 20
    assert all(isinstance(load_command_class(app, name), OperatorCommand) for app, name in ours)
