"""The committed OpenAPI document is valid and tells the truth."""

from drf_spectacular.generators import SchemaGenerator
from openapi_spec_validator import validate

from tests.support.reference import DOCUMENT


def test_the_document_is_valid_openapi_31():
    assert DOCUMENT["openapi"].startswith("3.1")
    validate(DOCUMENT)


def test_the_document_is_the_one_this_code_serves():
    served = SchemaGenerator().get_schema(request=None, public=True)
    assert DOCUMENT["paths"].keys() == served["paths"].keys()


def test_every_operation_describes_its_errors():
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            assert "application/problem+json" in operation["responses"]["default"]["content"], (
                f"{method} {path}"
            )
