"""A report as JSON: schema rnnproof-report/1, or rnnproof-matrix/1 for several."""

from __future__ import annotations

import json
from typing import Any

from rnnproof.model.report import Matrix, Report, matrix_as_json, report_as_json


def as_json(result: Report | Matrix) -> str:
    """The text of the document; numbers that are not finite are strings."""
    data: dict[str, Any] = matrix_as_json(result) if isinstance(result, Matrix) else report_as_json(result)
    return json.dumps(data, indent=2, allow_nan=False, ensure_ascii=False)
