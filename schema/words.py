"""The fixed lists of the field as GraphQL enums; orders of lists too, whose values are attributes' names."""
from enum import StrEnum

import strawberry

from db.rules import alert, delivery, rights, target, task, words


class PlanOrder(StrEnum):
    """In which order plans come; _DESC falls."""
    CREATED = "ID"
    CREATED_DESC = "ID_DESC"
    SHORT_NAME = "SHORT_NAME"
    OWNER_NAME = "OWNER_NAME"
    LEVEL_DESC = "LEVEL_DESC"
    CONSENT_EXPIRES_IN_DAYS = "CONSENT_EXPIRES_IN_DAYS"
    CHANGED_AT_DESC = "CHANGED_AT_DESC"
    LAST_ARCHIVED_AT = "LAST_ARCHIVED_AT"


class GoalOrder(StrEnum):
    POSITION = "POSITION"
    TITLE = "TITLE"
    DEADLINE = "DEADLINE"
    DEADLINE_DESC = "DEADLINE_DESC"


class CommentOrder(StrEnum):
    CREATED_AT = "CREATED_AT"
    CREATED_AT_DESC = "CREATED_AT_DESC"


class AccessLogOrder(StrEnum):
    AT = "AT"
    AT_DESC = "AT_DESC"


class DeliveryOrder(StrEnum):
    ORDERED_AT = "ORDERED_AT"
    ORDERED_AT_DESC = "ORDERED_AT_DESC"


class SystemRequestOrder(StrEnum):
    AT = "AT"
    AT_DESC = "AT_DESC"


class OverdueOrder(StrEnum):
    SINCE = "SINCE"
    SINCE_DESC = "SINCE_DESC"


strawberry.enum(words.Role, name="ParticipantRole", description="A person's part in one plan.")
strawberry.enum(words.Direction, name="TextDirection", description="Which way a text runs.")
strawberry.enum(rights.Element, name="PlanElement", description=(
    "A part of a plan that a consent opens or holds back."))
for listed in (words.PlanType, words.PlanStatus, words.CloseReason, words.ParticipantState, words.Post,
               words.HandoverState, words.ConsentState, words.SigningMethod, words.FormLanguage,
               words.DeletionState, words.DocumentKind, words.VerifiedKind, words.WorkStatus, words.Arena,
               words.AccessLevel, words.AccessReason, words.ArchiveTrigger, words.OverdueReason,
               words.LogAction, words.SystemAct, words.Channel, words.NoticeKind, words.SeenBy,
               delivery.DeliveryState, delivery.DeliveryFault, delivery.FactKind, delivery.CancelReason,
               delivery.RecordState,
               target.PauseReason, task.Rejection, alert.AlertKind,
               PlanOrder, GoalOrder, CommentOrder, AccessLogOrder, DeliveryOrder, OverdueOrder,
               SystemRequestOrder):
    strawberry.enum(listed)
