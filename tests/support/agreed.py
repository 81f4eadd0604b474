"""The agreed rights, a second time: what opens the rows of a noun, and what in them asks for another."""
from db.rules.rights import Right

ROWS = {
    "Municipality": Right.PUBLIC, "UnitGroup": Right.PUBLIC,
    "Unit": Right.PUBLIC, "ConsentTemplate": Right.PUBLIC,
    "PlanTemplate": Right.PUBLIC, "TemplateElement": Right.PUBLIC, "ElementSwitch": Right.NEVER,
    "Person": Right.SHELL, "Assignment": Right.OWN,
    "Plan": Right.SHELL, "ElementAccess": Right.SHELL,
    "Overview": Right.OVERVIEW_READ, "LevelChange": Right.OVERVIEW_READ, "StatusChange": Right.TIMELINE_READ,
    "UnitChange": Right.TIMELINE_READ,
    "Participant": Right.PARTICIPANTS_READ, "Handover": Right.PARTICIPANTS_READ,
    "Goal": Right.GOALS_READ, "Activity": Right.ACTIVITIES_READ, "Comment": Right.COMMENTS_READ,
    "Consent": Right.CONSENT_READ, "ConsentSignature": Right.CONSENT_READ,
    "ConsentName": Right.CONSENT_READ, "ConsentText": Right.CONSENT_READ,
    "ConsentDocument": Right.CONSENT_READ, "ConsentRestriction": Right.CONSENT_READ,
    "DeletionRequest": Right.SHELL,
    "Delivery": Right.DELIVERIES, "DeliveryAttempt": Right.DELIVERIES,
    "AccessLog": Right.ACCESS_LOG_READ, "Target": Right.PUBLIC, "Alert": Right.PUBLIC,
    "Reconciliation": Right.PUBLIC,
    "AccessGrant": Right.NEVER, "SearchLog": Right.NEVER, "Upload": Right.NEVER, "Replay": Right.NEVER,
    "StatisticsRelease": Right.NEVER, "Reminder": Right.NEVER,
    "DeclarationText": Right.NEVER, "Declaration": Right.NEVER}
BESIDES = {
    "Person.birth_date": Right.OVERVIEW_READ,
    "Person.email": Right.CONTACT, "Person.mobile": Right.CONTACT, "Person.telephone": Right.CONTACT,
    "Person.work_email": Right.CONTACT, "Person.work_mobile": Right.CONTACT,
    "Person.work_telephone": Right.CONTACT, "Person.version": Right.EDIT_PERSON,
    "Person.position": Right.POSITION, "Person.workplace": Right.WHEREABOUTS,
    "Person.hides_mobile": Right.OWN, "Person.hides_telephone": Right.OWN,
    "Person.shows_private": Right.OWN,
    "Person.language": Right.OWN, "Person.channel": Right.OWN,
    "Plan.level": Right.OVERVIEW_READ, "Plan.next_evaluation_date": Right.OVERVIEW_READ,
    "Plan.unit": Right.WHEREABOUTS, "Participant.unit": Right.WHEREABOUTS,
    "UnitChange.unit": Right.WHEREABOUTS, "UnitChange.reason": Right.WHEREABOUTS,
    "ConsentName.unit": Right.WHEREABOUTS, "Delivery.unit": Right.WHEREABOUTS,
    "Consent.ended_by": Right.CONSENT_READ, "Consent.entered_by": Right.CONSENT_READ}
NOBODYS = {  # nor are keys
    "Person.identity_sealed", "Person.identity_mark", "Person.address_protection", "Person.joined_at",
    "Participant.link_number", "Participant.link_hash",
    "Municipality.archive", "Municipality.sms", "Municipality.email", "Unit.fagsystem",
    "ConsentName.held_back", "ConsentSignature.signed_in_at", "ConsentDocument.sealed",
    "Plan.recorded_status", "Plan.protected", "Plan.next_change_at", "Plan.revision", "Plan.deleted_at",
    "AccessLog.hour", "AccessLog.elements",
    "Delivery.elements", "Delivery.revision", "Delivery.leased_until", "Delivery.body_sealed",
    "Delivery.steps", "Delivery.turn_at", "Target.taken_until"}
