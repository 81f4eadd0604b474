"""All that is kept; importing this maps every table."""
from db.tables import (
    consent,
    deletion,
    delivery,
    document,
    goal,
    grant,
    handover,
    log,
    move,
    municipality,
    participant,
    person,
    plan,
    reminder,
    replay,
    statistics,
    unit,
)
from db.tables.held import Base

__all__ = ["Base", "consent", "deletion", "delivery", "document", "goal", "grant", "handover", "log", "move",
           "municipality", "participant", "person", "plan", "reminder", "replay", "statistics", "unit"]
