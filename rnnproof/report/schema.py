"""The JSON Schemas that ship with the package: of a report, of several, of a counterexample."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator
from referencing import Registry, Resource

SCHEMAS = {
    "rnnproof-report/1": "report.schema.json",
    "rnnproof-matrix/1": "matrix.schema.json",
    "rnnproof-counterexample/1": "counterexample.schema.json",
}


def schema(name: str) -> dict[str, Any]:
    """The schema that a document's own ``schema`` names."""
    return dict(json.loads(files("rnnproof.report").joinpath(SCHEMAS[name]).read_text("utf-8")))


def validator(name: str) -> Validator:
    """What checks a document against a schema: ``validator("rnnproof-report/1").validate(document)``."""
    resources = [(file, Resource.from_contents(schema(known))) for known, file in SCHEMAS.items()]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator(schema(name), registry=registry)
