"""The committed OpenAPI document is valid and tells the truth."""

from pathlib import Path

import yaml
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from openapi_spec_validator import validate

COMMITTED: Path = settings.BASE_DIR / "docs" / "openapi.yaml"


def test_the_document_is_valid_openapi_31():
    document = yaml.safe_load(COMMITTED.read_text())
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_the_document_is_the_one_this_code_serves():
    served = SchemaGenerator().get_schema(request=None, public=True)
    assert yaml.safe_load(COMMITTED.read_text())["paths"].keys() == served["paths"].keys()


def test_every_operation_describes_its_errors():
    document = yaml.safe_load(COMMITTED.read_text())
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert "application/problem+json" in operation["responses"]["default"]["content"], (
                f"{method} {path}"
            )
