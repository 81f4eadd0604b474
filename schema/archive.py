"""When plans are archived, and which should have been."""
from datetime import datetime

import strawberry
from strawberry import ID

from db.rules.words import OverdueReason, PlanType
from resolvers import archive as acts
from resolvers.act import Done
from schema.call import Call
from schema.node import UserError
from schema.plan_template import MunicipalityRef


@strawberry.type(description="A plan that should have been archived and was not. Nobody is named.")
class OverdueArchiving:
    plan: ID | None
    type: PlanType | None
    unit: ID | None = strawberry.field(description="Null where somebody's address is protected.")
    reason: OverdueReason | None = strawberry.field(description=(
        "STOPPED: a version was rejected or given up, and holds back those after it. CLOSING: the archive "
        "has not confirmed the closing, and no service has been told of it. CAMPAIGN: it had changed when a "
        "day came."))
    since: datetime | None = strawberry.field(description=(
        "When the version was ordered that is not there; or the day, if none is."))
    version: int | None = strawberry.field(description="The last that was ordered; null: none.")
    last_archived_at: datetime | None


@strawberry.input(description="All that is given must hold.")
class OverdueFilter:
    reason: list[OverdueReason] | None = None
    type: PlanType | None = None
    unit: ID | None = None


@strawberry.type
class ArchiveDatesPayload:
    municipality: MunicipalityRef
    errors: list[UserError]


@strawberry.type
class ArchiveMutation:
    @strawberry.mutation(graphql_type=ArchiveDatesPayload | None, description=(
        "By a local administrator: the days of the year, MM-DD, two at least, on which plans that have "
        "changed are archived. They count from now on."))
    async def set_archive_dates(self, info: Call, dates: list[str]) -> Done:
        return await acts.set_archive_dates(info.context, dates)
