"""Goals, the activities under them, and the comments that evaluate both."""
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.rules.words import Arena, WorkStatus
from db.tables.held import Base, held, link
from db.tables.participant import Participant
from db.tables.person import Person


class Comment(Base):
    """On a goal or on an activity: what worked, what not, and why."""
    __tablename__ = "comment"
    __right__ = Right.COMMENTS_READ
    __table_args__ = (CheckConstraint("(goal_id is null) <> (activity_id is null)", name="comment_on_one"),
                      Index("comment_plan_id_idx", "municipality_id", "plan_id"),
                      Index("comment_goal_id_idx", "municipality_id", "goal_id", "id"),
                      Index("comment_activity_id_idx", "municipality_id", "activity_id", "id"))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    goal_id: Mapped[UUID | None] = held(Right.NEVER, to="goal")
    activity_id: Mapped[UUID | None] = held(Right.NEVER, to="activity")
    author_id: Mapped[UUID] = held(Right.NEVER, to="person")
    body: Mapped[str] = held(Right.COMMENTS_READ)
    created_at: Mapped[datetime] = held(Right.COMMENTS_READ)
    author: Mapped[Person] = link("Comment.author_id")


class Activity(Base):
    __tablename__ = "activity"
    __right__ = Right.ACTIVITIES_READ
    __order__ = "position"
    __table_args__ = (Index("activity_goal_id_idx", "municipality_id", "goal_id", "position", "id"),
                      Index("activity_plan_id_idx", "municipality_id", "plan_id"))
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    goal_id: Mapped[UUID] = held(Right.NEVER, to="goal")
    responsible_id: Mapped[UUID | None] = held(Right.NEVER, to="participant")
    position: Mapped[int] = held(Right.ACTIVITIES_READ, Integer)
    arena: Mapped[Arena] = held(Right.ACTIVITIES_READ)
    title: Mapped[str] = held(Right.ACTIVITIES_READ)
    description: Mapped[str | None] = held(Right.ACTIVITIES_READ)
    deadline: Mapped[date | None] = held(Right.ACTIVITIES_READ)
    status: Mapped[WorkStatus] = held(Right.ACTIVITIES_READ)
    version: Mapped[int] = held(Right.ACTIVITIES_READ, Integer, default=1)
    responsible: Mapped[Participant | None] = link("Activity.responsible_id")
    comments: Mapped[list[Comment]] = link("Comment.activity_id")


class Goal(Base):
    __tablename__ = "goal"
    __right__ = Right.GOALS_READ
    __order__ = "position"
    __table_args__ = (Index("goal_plan_id_idx", "municipality_id", "plan_id", "position", "id"),)
    plan_id: Mapped[UUID] = held(Right.NEVER, to="plan")
    position: Mapped[int] = held(Right.GOALS_READ, Integer)
    arena: Mapped[Arena] = held(Right.GOALS_READ)
    title: Mapped[str] = held(Right.GOALS_READ)
    description: Mapped[str | None] = held(Right.GOALS_READ)
    deadline: Mapped[date | None] = held(Right.GOALS_READ)
    status: Mapped[WorkStatus] = held(Right.GOALS_READ)
    version: Mapped[int] = held(Right.GOALS_READ, Integer, default=1)
    activities: Mapped[list[Activity]] = link("Activity.goal_id")
    comments: Mapped[list[Comment]] = link("Comment.goal_id")
