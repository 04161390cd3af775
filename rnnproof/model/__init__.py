"""Plain immutable data, validated when built: equations, cells, networks, cases, traces, verdicts."""
