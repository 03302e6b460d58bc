"""Routes that say which of them it is."""

from __future__ import annotations

from starlette.routing import Match, Route
from starlette.types import Scope

ENDPOINT = "forecaster.endpoint"  # in a scope: the path as it is routed


class NamedRoute(Route):
    """A route of starlette, whose older releases do not tell which one answers."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As starlette has it, with its path in the scope."""
        match, found = super().matches(scope)
        return match, {**found, ENDPOINT: self.path} if found else found
