"""What every noun of the schema shares: ids, Relay's connections, and how a change says no."""
from typing import Generic, TypeVar

import strawberry
from strawberry import ID

import schema.words  # noqa: F401  an enum gets its name here, before the first type that shows it

T = TypeVar("T")


@strawberry.interface(description="Anything with an id of its own.")
class Node:
    id: ID


@strawberry.type(description="Where a page lies in its list (Relay cursor connections).")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type(description="A page of a list, with how many rows there are that the viewer may see.")
class Connection(Generic[T]):
    edges: list[Edge[T]]
    page_info: PageInfo
    total_count: int


@strawberry.type(description="Why a change was not made. Nothing of it was.")
class UserError:
    code: str = strawberry.field(description="For machines; stable.")
    field: str = strawberry.field(description="The input field it concerns, with dots inside.")
    message: str = strawberry.field(description="For people, in the viewer's language.")
