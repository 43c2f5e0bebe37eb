"""Foreign keys point down, like imports; what is written down is what is there."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

ORDER = ["generation", "uniqueness", "jobs", "access"]
ROOT: Path = settings.BASE_DIR


def test_foreign_keys_point_down():
    for model in (m for m in apps.get_models() if m._meta.app_label in ORDER):
        own = ORDER.index(model._meta.app_label)
        for field in model._meta.get_fields():
            target = field.related_model if field.concrete and field.is_relation else None
            if target is not None and target._meta.app_label in ORDER:
                assert ORDER.index(target._meta.app_label) <= own, f"{model} points up at {target}"


def test_every_environment_variable_is_documented():
    files = [ROOT / "cardgen/settings.py", *(ROOT / "cardgen/configuration").glob("*.py")]
    code = "".join(file.read_text() for file in files)
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', code)) | {"DATABASE_URL"}
    documented = set(
        re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE)
    )
    assert read == documented


def test_the_catalogue_is_the_projects_own():
    for path in ROOT.glob("*/**/*.py"):
        if ".venv" not in path.parts and path.name != "test_layers.py":
            assert "../shared" not in path.read_text(), path
