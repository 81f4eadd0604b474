"""What posts outside plans are for, and what they reach: a unit, a group, the municipality (domain.md §2)."""
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from db.rules.errors import Refused
from db.rules.rights import Right
from db.rules.words import Post

LEADS = frozenset({Post.UNIT_ADMINISTRATOR, Post.GROUP_ADMINISTRATOR, Post.LOCAL_ADMINISTRATOR})
SEARCHES = LEADS | {Post.PLAN_CREATOR}  # for persons
COUNTS = LEADS | {Post.ANALYST}


@dataclass(frozen=True)
class Assigned:
    """A post that somebody holds: in a unit, in a group, or (neither given) in the whole municipality."""
    post: Post
    unit: UUID | None
    group: UUID | None

    def reaches(self, unit: UUID | None, group: UUID | None) -> bool:
        """Whether it reaches a unit of a group, a group, or the whole, where neither is given."""
        if self.unit is None and self.group is None:
            return True
        return self.unit == unit if self.unit else self.group == group


def may_count(posts: Collection[Assigned], unit: UUID | None, group: UUID | None) -> bool:
    """Whether statistics of a place are told."""
    return any(one.post in COUNTS and one.reaches(unit, group) for one in posts)


def check_leads(posts: Collection[Post], field: str) -> None:
    """`posts` are those that reach the plan's unit."""
    if not LEADS & set(posts):
        raise Refused("NOT_ALLOWED", field)


def check_holds_or_leads(mask: Right, posts: Collection[Post], field: str) -> None:
    """By the one who holds the baton, or by those who lead the plan's unit."""
    if not mask & Right.ADMINISTRATION_WRITE:
        check_leads(posts, field)


def check_keeps(posts: Collection[Post], field: str) -> None:
    """Templates and settings are the local administrators' to keep, and they decide what is deleted
    (domain.md §2, §10)."""
    if Post.LOCAL_ADMINISTRATOR not in posts:
        raise Refused("NOT_ALLOWED", field)
