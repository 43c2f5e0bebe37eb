"""A generator of clients understands the document, and what it writes compiles."""

import compileall
import subprocess
import sys

from django.conf import settings

LEFT_OUT = "POST /api/v1/exclusions/import"
"""Takes a file in the body, which this generator has no words for."""


def test_openapi_python_client_writes_every_operation_but_the_upload(tmp_path):
    document, client = settings.BASE_DIR / "docs" / "openapi.yaml", tmp_path / "client"
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    done = subprocess.run(
        [*command, "--path", str(document), "--output-path", str(client)],
        capture_output=True, text=True,
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert [line for line in said.splitlines() if "WARNING" in line or "ERROR" in line] == [
        f"WARNING parsing {LEFT_OUT} within exclusions. Endpoint will not be generated."
    ]
    assert compileall.compile_dir(client, quiet=1)
    assert (client / "models" / "job_status.py").is_file()
    assert (client / "models" / "order_of_items.py").is_file()
