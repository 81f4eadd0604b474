"""What every mutation is called with."""
from typing import Annotated, Any

import strawberry
from strawberry import Info

from resolvers.context import Context

Call = Info[Context, None]
PlanRef = Annotated["Plan", strawberry.lazy("schema.plan")] | None  # noqa: F821  the plan's own module imports this one


def given(values: Any, *but: str) -> dict[str, Any]:
    """What an input gives, by attribute; what is left out is not in it, null is None."""
    return {name: value for name, value in vars(values).items() if name not in but and value is not strawberry.UNSET}
