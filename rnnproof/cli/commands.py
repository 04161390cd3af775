"""The group of commands: what it says of one that does not exist."""

from __future__ import annotations

from typing import Any

import click

from rnnproof.errors import nearest


class Commands(click.Group):
    """A group that suggests the nearest command for one that it does not know."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command, or a message with the nearest."""
        name = args[0] if args else ""
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            ctx.fail(f"there is no command {name}{nearest(name, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)
