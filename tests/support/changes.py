"""A change of every kind, aimed at a row by its id; and some that name another row beside it."""
from datetime import date
from uuid import UUID

from db.seal import synthetic
from tests.support.questions import SCHEMA

NEVER_WAS = UUID(int=7)
RIGHT = synthetic(date(2018, 5, 4), 20)  # nobody's
SAID = "{ __typename errors { code field message } }"
CHILD, PARENT, ANOTHER = (
    f'{{identityNumber: "{synthetic(born, 0)}", name: "Nora Vik", mobile: "+4740000000"}}'
    for born in (date(2017, 3, 4), date(1987, 3, 4), date(1986, 3, 4)))
DRAFTED = 'input: {{planId: "{plan}", texts: [{{language: NB, text: "T"}}]'
FAMILY = f"owner: {CHILD}, guardians: [{PARENT}]"
AIMED: dict[str, tuple[str | None, str]] = {  # change → what it is aimed at, if at a row; its arguments
    "createPlan": ("Unit", f'input: {{unitId: "%s", {FAMILY}}}'),
    "updateOverview": ("Plan", 'input: {planId: "%s", version: 1, strengths: "S"}'),
    "changeLevel": ("Plan", 'planId: "%s", level: 0, reason: "R"'),
    "movePlan": ("Plan", 'planId: "%s", unitId: "Unit:x", reason: "R"'),
    "closePlan": ("Plan", 'planId: "%s", reason: OTHER'),
    "reopenPlan": ("Plan", 'planId: "%s"'),
    "archivePlan": ("Plan", 'planId: "%s"'),
    "requestDeletion": ("Plan", 'planId: "%s", reason: "R"'),
    "withdrawDeletionRequest": ("DeletionRequest", 'requestId: "%s"'),
    "refuseDeletion": ("DeletionRequest", 'requestId: "%s", reason: "R"'),
    "deletePlan": ("Plan", 'planId: "%s"'),
    "draftConsent": ("Plan", 'input: {planId: "%s", texts: [{language: NB, text: "T"}]}'),
    "createGoal": ("Plan", 'input: {planId: "%s", arena: HOME, title: "T"}'),
    "addParticipant": ("Plan", 'input: {planId: "%s", personId: "Person:x", role: PROVIDER}'),
    "addGuardian": ("Plan", f'input: {{planId: "%s", person: {ANOTHER}}}'),
    "updateParticipant": ("Participant", 'participantId: "%s", version: 1, responsibility: "R"'),
    "updatePerson": ("Participant", 'input: {participantId: "%s", version: 1, mobile: "+4740000009"}'),
    "correctIdentityNumber": ("Person", f'personId: "%s", identityNumber: "{RIGHT}", reason: "R"'),
    "endParticipant": ("Participant", 'participantId: "%s"'),
    "inviteParticipant": ("Plan", 'planId: "%s", personId: "Person:x"'),
    "acceptInvitation": ("Participant", 'code: "%s"'),
    "signDeclaration": ("Participant", 'hash: "%s"'),
    "proposeStafettholder": ("Plan", 'input: {planId: "%s", personId: "Person:x", reason: "R"}'),
    "replaceStafettholder": ("Plan", 'input: {planId: "%s", personId: "Person:x", reason: "R"}'),
    "acceptStafettholder": ("Handover", 'handoverId: "%s"'),
    "declineStafettholder": ("Handover", 'handoverId: "%s"'),
    "sendConsent": ("Consent", 'consentId: "%s"'),
    "renewConsent": ("Consent", 'consentId: "%s"'),
    "declineConsent": ("Consent", 'consentId: "%s"'),
    "withdrawConsent": ("Consent", 'consentId: "%s"'),
    "signConsent": ("Consent", 'input: {consentId: "%s", method: DEMO_BANKID, hash: "x"}'),
    "signConsentOnPaper": ("Consent", (
        'input: {consentId: "%s", personId: "Person:x", hash: "x", signedOn: "2026-11-22", '
        'paper: "Upload:x"}')),
    "sendConclusion": ("Plan", 'planId: "%s", heldOn: "2026-11-20", conclusion: "C"'),
    "switchConclusions": (None, "on: true"),
    "confirmDelivery": ("Delivery", 'deliveryId: "%s", reference: "7"'),
    "rejectDelivery": ("Delivery", 'deliveryId: "%s", reason: UNKNOWN_PERSON'),
    "updateGoal": ("Goal", 'input: {goalId: "%s", version: 1, title: "T"}'),
    "createActivity": ("Goal", 'input: {goalId: "%s", arena: HOME, title: "T"}'),
    "updateActivity": ("Activity", 'input: {activityId: "%s", version: 1, title: "T"}'),
    "addComment": ("Activity", 'input: {on: "%s", body: "B"}'),
    "retryDelivery": ("Delivery", 'deliveryId: "%s"'),
    "cancelDelivery": ("Delivery", 'deliveryId: "%s"'),
    "pauseTarget": ("Target", 'targetId: "%s"'),
    "resumeTarget": ("Target", 'targetId: "%s"'),
    "retryDeliveries": (None, "filter: {}"),
    "createPlanFromSystem": (None, (  # no person is a system
        'input: {unitId: "Unit:x", planCreatorIdentityNumber: "x", '
        'owner: {identityNumber: "x", name: "N"}}')),
    "chooseForArchive": (None, "input: {planType: STAFETTLOGG, element: OVERVIEW, on: false}"),
    "setArchiveDates": (None, 'dates: ["05-20", "12-01"]'),
    "publishConsentTemplate": (
        None, 'input: {planType: STAFETTLOGG, texts: [{language: "nn", title: "T", text: "T"}]}'),
    "switchElement": (None, "input: {planType: STAFETTLOGG, element: MAPPING, on: true}")}
BESIDE = {  # changes by the stafettholder of the plan (and what is in it) → the noun that is named beside
    "a participant": (
        "Person", "addParticipant", 'input: {{planId: "{plan}", personId: "%s", role: PROVIDER}}'),
    "whom an invitation is sent to": ("Person", "inviteParticipant", 'planId: "{plan}", personId: "%s"'),
    "whom the baton is proposed to": (
        "Person", "proposeStafettholder", 'input: {{planId: "{plan}", personId: "%s", reason: "R"}}'),
    "whom a consent names": (
        "Person", "draftConsent", f'{DRAFTED}, names: [{{{{personId: "%s"}}}}]}}}}'),
    "who is meant by one without a number": (  # the name and birth date of one who is found by no search
        "Person", "createPlan", (
            'input: {{unitId: "{unit}", owner: {{name: "Bo Strand", birthDate: "2019-01-09", '
            f'existingId: "%s"}}}}, guardians: [{{{PARENT}}}]}}}}')),
    "whose word a withdrawal is": ("Person", "withdrawConsent", 'consentId: "{consent}", personId: "%s"'),
    "which service it names": (
        "Unit", "draftConsent", f'{DRAFTED}, names: [{{{{unitId: "%s"}}}}]}}}}'),
    "where a plan moves": ("Unit", "movePlan", 'planId: "{plan}", unitId: "%s", reason: "R"'),
    "which plan follows": (
        "Plan", "closePlan", 'planId: "{plan}", reason: INDIVIDUAL_PLAN_OPENED, successorId: "%s"'),
    "its template": ("ConsentTemplate", "draftConsent", 'input: {{planId: "{plan}", templateId: "%s"}}'),
    "who answers for an activity": ("Participant", "createActivity", (
        'input: {{goalId: "{goal}", arena: HOME, title: "T", deadline: "2027-01-01", responsibleId: "%s"}}')),
    "a new plan's stafettholder": ("Person", "createPlan", (
        'input: {{unitId: "{unit}", stafettholderId: "%s", {family}}}'))}


def all_changes() -> set[str]:
    assert SCHEMA.mutation_type is not None
    return set(SCHEMA.mutation_type.fields)


def document(change: str, arguments: str, ids: list[str]) -> str:
    """The same change to each id in turn, each in a transaction of its own."""
    fields = (f"a{n}: {change}({arguments % key}) {SAID}" for n, key in enumerate(ids))
    return f"mutation {{ {' '.join(fields)} }}"
