"""Number systems in which an equation can be evaluated."""
