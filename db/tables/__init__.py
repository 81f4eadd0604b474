"""All that is kept; importing this maps every table."""
from db.tables import (
    consent,
    delivery,
    goal,
    grant,
    handover,
    log,
    municipality,
    participant,
    person,
    plan,
    reminder,
    replay,
    unit,
)
from db.tables.held import Base

__all__ = ["Base", "consent", "delivery", "goal", "grant", "handover", "log", "municipality", "participant",
           "person", "plan", "reminder", "replay", "unit"]
