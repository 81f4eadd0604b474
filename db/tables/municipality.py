"""The municipality, which is the tenant, and its settings."""
from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, Integer, Text, UniqueConstraint, false, func
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.tables.held import Base, held, made
from db.tables.plan_template import PlanTemplate


class Municipality(Base):
    __tablename__ = "municipality"
    __right__ = Right.PUBLIC
    __table_args__ = (UniqueConstraint("municipality_id"), UniqueConstraint("number"),
                      CheckConstraint("consent_age in (15, 16)"), CheckConstraint("threshold >= 3"),
                      CheckConstraint("invitation_days > 0", name="municipality_invitation_days"))
    number: Mapped[str] = held(Right.PUBLIC)  # *kommunenummer*
    organisation_number: Mapped[str] = held(Right.PUBLIC)
    name: Mapped[str] = held(Right.PUBLIC)
    language: Mapped[str] = held(Right.PUBLIC)
    consent_age: Mapped[int] = held(Right.PUBLIC, Integer, default=15)
    guardians_sign_too: Mapped[bool] = held(Right.PUBLIC, default=True)  # beside an owner of 15 or 16 to 17
    consent_days: Mapped[int] = held(Right.PUBLIC, Integer, default=365)
    invitation_days: Mapped[int] = held(Right.PUBLIC, Integer, default=30)
    reminder_days: Mapped[list[int]] = held(Right.PUBLIC, ARRAY(Integer), default=lambda: [60, 30, 7])
    # days of the year, "MM-DD", on which plans that have changed are archived; chosen when
    archive_dates: Mapped[list[str]] = held(Right.PUBLIC, ARRAY(Text), server_default="{06-01,12-01}")
    archive_dates_since: Mapped[datetime] = held(Right.NEVER, server_default=func.now())
    sends_conclusions: Mapped[bool] = held(Right.PUBLIC, default=False, server_default=false())
    threshold: Mapped[int] = held(Right.PUBLIC, Integer, default=5)  # smaller counts are suppressed
    plan_templates = made(PlanTemplate)
    # names of targets: where plans are archived, and what carries notices to people
    archive: Mapped[str | None] = held(Right.NEVER)
    sms: Mapped[str | None] = held(Right.NEVER)
    email: Mapped[str | None] = held(Right.NEVER)
