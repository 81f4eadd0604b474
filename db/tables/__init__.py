"""All that is kept; importing this maps every table."""
from db.tables import (
    alert,
    archive,
    consent,
    consent_template,
    declaration,
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
    plan_template,
    reconciliation,
    reminder,
    replay,
    statistics,
    target,
    task,
    unit,
)
from db.tables.held import Base

__all__ = ["Base", "alert", "archive", "consent", "consent_template", "declaration", "deletion", "delivery",
           "document", "goal", "grant", "handover", "log", "move", "municipality", "participant", "person",
           "plan", "plan_template", "reconciliation", "reminder", "replay", "statistics", "target", "task",
           "unit"]
