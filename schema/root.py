"""Query and Mutation, put together from the nouns, and the schema that is served."""
from datetime import datetime

import strawberry
from strawberry import ID

from db.rules.rights import Element
from resolvers.declaration import declaration_to_sign
from resolvers.delivery import deliveries_preview
from resolvers.explain import consent_preview, explain_access
from resolvers.preview import preview_delivery
from resolvers.record import has_stafettlogg
from resolvers.statistics import statistics
from resolvers.system import system_options
from resolvers.task import fagsystem_tasks
from resolvers.verification import verify_consent
from resolvers.visibility import visibility
from schema.archive import ArchiveMutation, OverdueArchiving, OverdueFilter
from schema.conclusion import ConclusionMutation
from schema.consent import (
    Consent,
    ConsentDocument,
    ConsentMutation,
    ConsentName,
    ConsentSignature,
    ConsentText,
)
from schema.consent_template import ConsentTemplate, ConsentTemplateFilter, ConsentTemplateMutation
from schema.correction import CorrectionMutation
from schema.declaration import DeclarationForm, DeclarationMutation
from schema.deletion import DeletionMutation, DeletionRequest
from schema.delivery import (
    DeliveriesPreview,
    Delivery,
    DeliveryAttempt,
    DeliveryFilter,
    DeliveryMutation,
    DeliveryPreview,
)
from schema.execute import HubSchema
from schema.explain import AccessExplanation, PreviewedAccess
from schema.goal import Activity, Comment, Goal, GoalMutation
from schema.handover import Handover, HandoverMutation
from schema.invitation import InvitationMutation
from schema.move import MoveMutation, UnitChange
from schema.node import Connection, Node
from schema.participant import Participant, ParticipantMutation
from schema.person import Assignment, Person, PersonMutation, PersonSearch
from schema.plan import AccessLog, LevelChange, Overview, Plan, PlanFilter, PlanMutation, StatusChange
from schema.plan_template import PlanTemplateMutation
from schema.record import FagsystemRecord
from schema.statistics import HalfYearInput, Statistics, StatisticsScope
from schema.system import SystemMutation, SystemOptions, SystemRequest
from schema.target import Alert, Reconciliation, Target, TargetMutation
from schema.task import FagsystemTask, TaskMutation
from schema.unit import Municipality, Unit, UnitGroup
from schema.verification import ConsentVerification
from schema.visibility import FieldVisibility
from schema.words import DeliveryOrder, OverdueOrder, PlanOrder, SystemRequestOrder

NOUNS = [Activity, AccessLog, Alert, Assignment, Comment, Consent, ConsentDocument, ConsentName,
         ConsentSignature, ConsentTemplate, ConsentText, DeletionRequest, Delivery, DeliveryAttempt, Goal,
         Handover, LevelChange, Municipality, Overview, Participant, Person, Plan, Reconciliation,
         StatusChange, SystemRequest, Target, Unit, UnitChange, UnitGroup]
USUAL = {  # rows of a list that says no number; a full page of each would refuse ordinary questions
    "plans": 50, "deliveries": 50, "overdueArchiving": 50, "systemRequests": 50, "fagsystemTasks": 50,
    "accessLog": 50, "persons": 20, "units": 30, "consentTemplates": 5, "targets": 10, "alerts": 3,
    "reconciliations": 30,
    "participants": 8, "goals": 6, "activities": 4, "comments": 4,
    "consents": 3, "texts": 3, "signatures": 2, "names": 6, "documents": 2, "restrictions": 3,
    "statusHistory": 5, "levelHistory": 3, "unitHistory": 2, "handovers": 3, "deletionRequests": 1,
    "viewerAccess": 15, "planTemplates": 3, "elements": 15, "assignments": 3, "attempts": 3, "edges": 1}
CALLED = {"statistics": statistics, "verify_consent": verify_consent, "explain_access": explain_access,
          "consent_preview": consent_preview, "visibility": visibility,
          "declaration_to_sign": declaration_to_sign, "deliveries_preview": deliveries_preview,
          "preview_delivery": preview_delivery, "has_stafettlogg": has_stafettlogg,
          "system_options": system_options, "fagsystem_tasks": fagsystem_tasks}


@strawberry.type(description=(
    "Not yours is not found; withheld is null, and the plan's viewerAccess says why."))
class Query:
    viewer: Person | None = strawberry.field(description="The person who asks; null for a system client.")
    municipality: Municipality | None

    @strawberry.field
    def plan(self, id: ID) -> Plan | None: ...

    @strawberry.field(description="The plans that the viewer has any business with.")
    def plans(self, first: int | None = None, after: str | None = None,
              last: int | None = None, before: str | None = None, filter: PlanFilter | None = None,
              order_by: PlanOrder | None = None) -> Connection[Plan] | None: ...

    @strawberry.field
    def node(self, id: ID) -> Node | None: ...

    @strawberry.field(description="An employee, for those who may search for persons. Logged.")
    def person(self, id: ID) -> Person | None: ...

    @strawberry.field(description=(
        "For those who open, hold or lead plans. Logged, with who searched and who was found."))
    def persons(self, search: PersonSearch, first: int | None = None) -> list[Person] | None: ...

    @strawberry.field
    def unit(self, id: ID) -> Unit | None: ...

    @strawberry.field
    def units(self, first: int | None = None) -> list[Unit] | None: ...

    @strawberry.field
    def consent_template(self, id: ID) -> ConsentTemplate | None: ...

    @strawberry.field
    def consent_templates(self, first: int | None = None, filter: ConsentTemplateFilter | None = None,
                          ) -> list[ConsentTemplate] | None: ...

    @strawberry.field(description="For leaders and local administrators, and the stafettholder of the plan.")
    def deliveries(self, first: int | None = None, after: str | None = None,
                   last: int | None = None, before: str | None = None, filter: DeliveryFilter | None = None,
                   order_by: DeliveryOrder | None = None) -> Connection[Delivery] | None: ...

    @strawberry.field(description=(
        "For local administrators: the plans that should have been archived and were not; none for others."))
    def overdue_archiving(self, first: int | None = None, after: str | None = None,
                          last: int | None = None, before: str | None = None,
                          filter: OverdueFilter | None = None, order_by: OverdueOrder | None = None,
                          ) -> Connection[OverdueArchiving] | None: ...

    @strawberry.field(description=(
        "For local administrators: how many deliveries `retryDeliveries` would try again now; 0 for others."))
    def deliveries_preview(self, filter: DeliveryFilter | None = None) -> DeliveriesPreview | None: ...

    @strawberry.field(description=(
        "For those who answer for a delivery; null for others, and where it is done."))
    def preview_delivery(self, delivery_id: ID) -> DeliveryPreview | None: ...

    @strawberry.field(description=(
        "What the viewer's unit is to note in its own fagsystem by hand, the first due first: for the unit's "
        "leader, and for who of it takes part under the consent in force, but not an end. Logged. Null for a "
        "system client."))
    def fagsystem_tasks(self, first: int | None = None,
                        after: str | None = None) -> Connection[FagsystemTask] | None: ...

    @strawberry.field(description="For local administrators: who is told something, and how it is with them.")
    def targets(self, first: int | None = None) -> list[Target] | None: ...

    @strawberry.field(description=(
        "For local administrators: what system clients have asked for by themselves, answered or not; none "
        "for others."))
    def system_requests(self, first: int | None = None, after: str | None = None,
                        last: int | None = None, before: str | None = None,
                        order_by: SystemRequestOrder | None = None) -> Connection[SystemRequest] | None: ...

    @strawberry.field(description=(
        "For system clients: whether a person has a stafettlogg in which a unit with the organisation number "
        "of the token takes part, by the consent in force. Empty for all others: for who has none, for who "
        "is unknown. By POST, and the number by a variable. Logged. Null for a person."))
    def has_stafettlogg(self, identity_number: str) -> list[FagsystemRecord] | None: ...

    @strawberry.field(description=(
        "For system clients: the types of plan, the roles, and the units that they may open plans in, named "
        "in the language of the request. Null for a person."))
    def system_options(self) -> SystemOptions | None: ...

    @strawberry.field(description=(
        "Of what has this SHA-256, hexadecimal: a form, an uploaded paper, or a consent as a PDF. Null where "
        "nothing has. For anyone who is signed in here; whoever holds it learns no more by it."))
    def verify_consent(self, hash: str) -> ConsentVerification | None: ...

    @strawberry.field(description=(
        "Which of the viewer's own fields others see: which kinds of people, and who by each plan in which "
        "they see the participants. Null for a system client. Logged."))
    def visibility(self) -> list[FieldVisibility] | None: ...

    @strawberry.field(description=(
        "The declaration of confidentiality, in each language, that the viewer must sign before what they "
        "have accepted opens; null where nothing waits for it."))
    def declaration_to_sign(self) -> list[DeclarationForm] | None: ...

    @strawberry.field(description=(
        "Of a half-year that is over, the last by default. For leaders and analysts."))
    def statistics(self, scope: StatisticsScope | None = None,
                   period: HalfYearInput | None = None) -> Statistics | None: ...

    @strawberry.field(description=(
        "Why a person may read or write an element of a plan, or may not, now or at another moment: for "
        "those who read its consents and participants, and for anybody about themselves. Logged."))
    def explain_access(self, plan_id: ID, person_id: ID, element: Element,
                       at: datetime | None = None) -> AccessExplanation | None: ...

    @strawberry.field(description=(
        "What each person would see and be able to do, were this consent signed by all: for those who read "
        "the plan's consents and participants, of a form that does not hold yet. The family only to those "
        "who may know how old the child is. Logged."))
    def consent_preview(self, consent_id: ID) -> list[PreviewedAccess] | None: ...


@strawberry.type(description=(
    "Each change is a transaction of its own; what it refuses stands in the payload's errors."))
class Mutation(PlanMutation, PlanTemplateMutation, MoveMutation, PersonMutation, ParticipantMutation,
               InvitationMutation, DeclarationMutation, HandoverMutation, ConsentMutation,
               ConsentTemplateMutation, GoalMutation, DeliveryMutation, TaskMutation, ConclusionMutation,
               TargetMutation, ArchiveMutation, DeletionMutation, CorrectionMutation, SystemMutation):
    pass


schema = HubSchema(Query, Mutation, types=NOUNS, usual=USUAL, called=CALLED)
