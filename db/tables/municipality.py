"""The municipality, which is the tenant, and its settings."""
from sqlalchemy import CheckConstraint, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped

from db.rules.rights import Right
from db.tables.held import Base, held


class Municipality(Base):
    __tablename__ = "municipality"
    __right__ = Right.PUBLIC
    __table_args__ = (UniqueConstraint("municipality_id"), UniqueConstraint("number"),
                      CheckConstraint("consent_age in (15, 16)"), CheckConstraint("threshold >= 3"))
    number: Mapped[str] = held(Right.PUBLIC)  # *kommunenummer*
    organisation_number: Mapped[str] = held(Right.PUBLIC)
    name: Mapped[str] = held(Right.PUBLIC)
    language: Mapped[str] = held(Right.PUBLIC)
    consent_age: Mapped[int] = held(Right.PUBLIC, Integer, default=15)
    guardians_sign_too: Mapped[bool] = held(Right.PUBLIC, default=True)  # beside an owner of 15 or 16 to 17
    consent_days: Mapped[int] = held(Right.PUBLIC, Integer, default=365)
    threshold: Mapped[int] = held(Right.PUBLIC, Integer, default=5)  # smaller counts are suppressed
    archive: Mapped[str | None] = held(Right.NEVER)  # the name of the target that its plans are archived in
