"""Generators of clients understand the document, and what they write compiles."""

import compileall
import shutil
import subprocess
import sys
from pathlib import Path

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


def node(script: str, *arguments: str, at: Path) -> None:
    """Run one of the programs of tests/clients/package.json, which `make test` installs."""
    folder = settings.BASE_DIR / ".venv"
    command = [folder / "bin/node", folder / "node/node_modules" / script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=at)
    assert done.returncode == 0, done.stdout + done.stderr


def test_openapi_typescript_writes_what_tsc_accepts(tmp_path):
    document = settings.BASE_DIR / "docs" / "openapi.yaml"
    node("openapi-typescript/bin/cli.js", str(document), "--output", "api.ts", at=tmp_path)
    shutil.copy(settings.BASE_DIR / "tests/clients/order.ts", tmp_path)
    node("typescript/bin/tsc", "--strict", "--skipLibCheck", "--noEmit", "order.ts", at=tmp_path)
