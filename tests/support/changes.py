"""One change of every kind, aimed at a row by its id; and the ids that a change may name beside it."""
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from db.seal import synthetic
from tests.support.questions import SCHEMA

NEVER_WAS = UUID(int=7)
SAID = "{ __typename errors { code field message } }"
CHILD, PARENT = (f'{{identityNumber: "{synthetic(born, 0)}", name: "Nora Vik", mobile: "+4740000000"}}'
                 for born in (date(2017, 3, 4), date(1987, 3, 4)))
AIMED = {  # change → the noun it is aimed at, and its arguments
    "updateOverview": ("Plan", 'input: {planId: "%s", version: 1, strengths: "S"}'),
    "closePlan": ("Plan", 'planId: "%s", reason: OTHER'), "reopenPlan": ("Plan", 'planId: "%s"'),
    "archivePlan": ("Plan", 'planId: "%s"'), "draftConsent": ("Plan", 'input: {planId: "%s", text: "T"}'),
    "createGoal": ("Plan", 'input: {planId: "%s", arena: HOME, title: "T"}'),
    "addParticipant": ("Plan", 'input: {planId: "%s", personId: "Person:x", role: PROVIDER}'),
    "endParticipant": ("Participant", 'participantId: "%s"'),
    "sendConsent": ("Consent", 'consentId: "%s"'), "declineConsent": ("Consent", 'consentId: "%s"'),
    "withdrawConsent": ("Consent", 'consentId: "%s"'),
    "signConsent": ("Consent", 'input: {consentId: "%s", method: DEMO_BANKID, textHash: "x"}'),
    "updateGoal": ("Goal", 'input: {goalId: "%s", version: 1, title: "T"}'),
    "createActivity": ("Goal", 'input: {goalId: "%s", arena: HOME, title: "T"}'),
    "updateActivity": ("Activity", 'input: {activityId: "%s", version: 1, title: "T"}'),
    "addComment": ("Activity", 'input: {on: "%s", body: "B"}'),
    "retryDelivery": ("Delivery", 'deliveryId: "%s"'), "cancelDelivery": ("Delivery", 'deliveryId: "%s"'),
    "createPlan": ("Unit", f'input: {{unitId: "%s", owner: {CHILD}, guardians: [{PARENT}]}}')}
BESIDE = (  # by the stafettholder, of their plan and goal and unit
    ("addParticipant", "Person", 'input: {{planId: "{plan}", personId: "%s", role: PROVIDER}}'),
    ("draftConsent", "Person", 'input: {{planId: "{plan}", text: "T", names: [{{personId: "%s"}}]}}'),
    ("draftConsent", "Unit", 'input: {{planId: "{plan}", text: "T", names: [{{unitId: "%s"}}]}}'),
    ("draftConsent", "ConsentTemplate", 'input: {{planId: "{plan}", templateId: "%s"}}'),
    ("createActivity", "Participant",
     'input: {{goalId: "{goal}", arena: HOME, title: "T", deadline: "2027-01-01", responsibleId: "%s"}}'),
    ("createPlan", "Person",
     f'input: {{{{unitId: "{{unit}}", stafettholderId: "%s", owner: {{{CHILD}}}, guardians: [{{{PARENT}}}]}}}}'))


def all_changes() -> set[str]:
    assert SCHEMA.mutation_type is not None
    return set(SCHEMA.mutation_type.fields)


def document(change: str, arguments: str, ids: list[str]) -> str:
    """The same change to each id in turn, each in a transaction of its own."""
    fields: Iterator[str] = (f"a{n}: {change}({arguments % i}) {SAID}" for n, i in enumerate(ids))
    return f"mutation {{ {' '.join(fields)} }}"
