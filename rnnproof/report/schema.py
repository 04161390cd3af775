"""The JSON Schema that ships with the package: of a report, several, a counterexample, a score; it stands alone."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

FILE = "report.schema.json"
# What a document's own key ``schema`` says, and where that stands in the file.
SCHEMAS = {
    "rnnproof-report/1": "report",
    "rnnproof-matrix/1": "matrix",
    "rnnproof-counterexample/1": "counterexample",
    "rnnproof-score/1": "score",
}


def schema() -> dict[str, Any]:
    """The schema of whatever rnnproof writes as JSON."""
    return dict(json.loads(files("rnnproof.report").joinpath(FILE).read_text("utf-8")))


def validator(name: str) -> Validator:
    """What checks a document against a schema: ``validator("rnnproof-report/1").validate(document)``."""
    return Draft202012Validator({"$ref": f"#/$defs/{SCHEMAS[name]}", "$defs": schema()["$defs"]})
