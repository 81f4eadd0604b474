"""What every mutation is called with."""
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Info

from resolvers.context import Context

if TYPE_CHECKING:
    from schema.plan import Plan

Call = Info[Context, None]
PlanRef = Annotated["Plan", strawberry.lazy("schema.plan")] | None  # the plan's own module imports this one


def given(values: Any, *but: str) -> dict[str, Any]:
    """What an input gives, by attribute; what is left out is not in it, null is None."""
    return {name: value for name, value in vars(values).items()
            if name not in but and value is not strawberry.UNSET}
