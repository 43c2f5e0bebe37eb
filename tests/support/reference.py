"""The API's document as it is committed, read once for all tests: docs/openapi.yaml."""

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

COMMITTED: Path = settings.BASE_DIR / "docs" / "openapi.yaml"
# By the parser in C: the one in Python takes four times as long, 0.5 s of CPU.
DOCUMENT: dict[str, Any] = yaml.load(COMMITTED.read_text(), Loader=yaml.CSafeLoader)
