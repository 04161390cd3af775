"""rnnproof.verify without the diagnoses: what a law says of a target does not depend on them, and they take long."""

from rnnproof.adapters.resolve import resolve
from rnnproof.model.event import Found
from rnnproof.usecases.options import options_of
from rnnproof.usecases.read_as import Readings
from rnnproof.usecases.verify import examine, report_of


def verify(target, network=None, *, dialect=None, properties=None, dtype=None, seed=0, max_examples=None):
    """The report, each finding as ``rnnproof.verify`` gives it, but for what a failure's diagnosis would be."""
    options = options_of(properties, dtype, seed, max_examples, "quick")
    resolved, readings = resolve(target, network, dialect), Readings()
    events = examine(resolved, options, readings=readings)
    found = tuple(event.finding for event in events if isinstance(event, Found))
    return report_of(readings.read(resolved), found, options.seed, 0.0)
