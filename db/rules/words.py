"""The words of the field that have a fixed list: said once, used by rules, tables and schema alike."""
from enum import StrEnum


class PlanType(StrEnum):
    STAFETTLOGG = "STAFETTLOGG"
    INDIVIDUAL_PLAN = "INDIVIDUAL_PLAN"
    INDIVIDUAL_EDUCATION_PLAN = "INDIVIDUAL_EDUCATION_PLAN"


class PlanStatus(StrEnum):
    DRAFT = "DRAFT"
    AWAITING_CONSENT = "AWAITING_CONSENT"
    ACTIVE = "ACTIVE"
    PASSIVE = "PASSIVE"
    CLOSED = "CLOSED"


class CloseReason(StrEnum):
    GOALS_REACHED = "GOALS_REACHED"
    INDIVIDUAL_PLAN_OPENED = "INDIVIDUAL_PLAN_OPENED"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    MOVED_AWAY = "MOVED_AWAY"
    OTHER = "OTHER"


class Role(StrEnum):
    """A person's part in one plan."""
    OWNER = "OWNER"
    GUARDIAN = "GUARDIAN"
    STAFETTHOLDER = "STAFETTHOLDER"
    PROVIDER = "PROVIDER"
    NEXT_OF_KIN = "NEXT_OF_KIN"


class ParticipantState(StrEnum):
    """Invited: has not accepted yet, or not declared confidentiality, and sees nothing of the plan."""
    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class HandoverState(StrEnum):
    """Of the baton on its way to a successor; forced: given by those who lead, without an answer."""
    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    LAPSED = "LAPSED"
    FORCED = "FORCED"


class DeletionState(StrEnum):
    """Of a request that a plan be deleted; of one that was granted nothing is left."""
    ASKED = "ASKED"
    WITHDRAWN = "WITHDRAWN"
    REFUSED = "REFUSED"


class Post(StrEnum):
    """A role outside plans, held in a municipality, a unit group or a unit."""
    LOCAL_ADMINISTRATOR = "LOCAL_ADMINISTRATOR"
    GROUP_ADMINISTRATOR = "GROUP_ADMINISTRATOR"
    UNIT_ADMINISTRATOR = "UNIT_ADMINISTRATOR"
    PLAN_CREATOR = "PLAN_CREATOR"
    ANALYST = "ANALYST"


class ConsentState(StrEnum):
    DRAFT = "DRAFT"
    SENT = "SENT"
    IN_FORCE = "IN_FORCE"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    SUPERSEDED = "SUPERSEDED"


class SigningMethod(StrEnum):
    """How a consent was signed; DEMO_BANKID is taken in demo mode alone."""
    DEMO_BANKID = "DEMO_BANKID"
    BANKID = "BANKID"
    PAPER = "PAPER"


class Direction(StrEnum):
    """Which way a text runs: left to right, or right to left."""
    LTR = "LTR"
    RTL = "RTL"


class FormLanguage(StrEnum):
    """What the text of one consent is written in; a template's can be in others (`rules.language`)."""
    NB = "nb"
    NN = "nn"
    EN = "en"
    AR = "ar"
    FA_AF = "fa-AF"  # Dari, as CLDR has it
    PS = "ps"
    SO = "so"
    TI = "ti"
    TR = "tr"


class DocumentKind(StrEnum):
    """A PDF beside a consent: what somebody has signed on paper; the whole form, as all have signed it."""
    PAPER = "PAPER"
    SIGNED_FORM = "SIGNED_FORM"


class VerifiedKind(StrEnum):
    """What a hash is of: the form as it was to be signed, or a PDF beside it."""
    FORM = "FORM"
    PAPER = "PAPER"
    SIGNED_FORM = "SIGNED_FORM"


class WorkStatus(StrEnum):
    """Of a goal or an activity."""
    OPEN = "OPEN"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class Arena(StrEnum):
    HOME = "HOME"
    SCHOOL = "SCHOOL"
    PARTNER = "PARTNER"


class AddressProtection(StrEnum):
    """*Adressesperre*: code 7 is confidential, code 6 strictly confidential."""
    NONE = "NONE"
    CONFIDENTIAL = "CONFIDENTIAL"
    STRICTLY_CONFIDENTIAL = "STRICTLY_CONFIDENTIAL"


class AccessLevel(StrEnum):
    NONE = "NONE"
    READ = "READ"
    WRITE = "WRITE"


class AccessReason(StrEnum):
    """Why an element is open to the viewer, or why it is not."""
    CONSENT = "CONSENT"
    ROLE = "ROLE"
    NO_CONSENT = "NO_CONSENT"
    AWAITING_SIGNATURE = "AWAITING_SIGNATURE"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    PLAN_PASSIVE = "PLAN_PASSIVE"
    NOT_IN_TYPE = "NOT_IN_TYPE"
    INVITED = "INVITED"


class SeenBy(StrEnum):
    """Who sees something of a person: by their part in a plan, by a post, or by searching."""
    FAMILY = "FAMILY"
    STAFETTHOLDER = "STAFETTHOLDER"
    PROVIDER = "PROVIDER"
    NAMED_FOR_WHEREABOUTS = "NAMED_FOR_WHEREABOUTS"
    LEADER = "LEADER"
    SEARCHER = "SEARCHER"


class Channel(StrEnum):
    """How a notice reaches a person; SMS is recommended."""
    SMS = "SMS"
    EMAIL = "EMAIL"


class NoticeKind(StrEnum):
    """Of what sort the news is; more than this no notice tells."""
    CONSENT_TO_SIGN = "CONSENT_TO_SIGN"
    CONSENT_SIGNED = "CONSENT_SIGNED"
    CONSENT_DECLINED = "CONSENT_DECLINED"
    CONSENT_WITHDRAWN = "CONSENT_WITHDRAWN"
    BATON_PROPOSED = "BATON_PROPOSED"
    BATON_ANSWERED = "BATON_ANSWERED"
    BATON_GIVEN = "BATON_GIVEN"
    CONSENT_EXPIRES = "CONSENT_EXPIRES"
    SIGNERS_CHANGE = "SIGNERS_CHANGE"
    INVITATION = "INVITATION"
    DECLARATION_TO_SIGN = "DECLARATION_TO_SIGN"
    DELETION_ASKED = "DELETION_ASKED"
    DELETION_REFUSED = "DELETION_REFUSED"
    DELETION_DONE = "DELETION_DONE"
    TASK_WAITS = "TASK_WAITS"
    TASK_DUE = "TASK_DUE"
    TASK_OVERDUE = "TASK_OVERDUE"
    ALERT = "ALERT"
    ALERT_OVER = "ALERT_OVER"


class ArchiveTrigger(StrEnum):
    """Why a version was ordered; campaign: on one of the days in the year on which plans are archived."""
    BY_HAND = "BY_HAND"
    AFTER_MEETING = "AFTER_MEETING"
    CAMPAIGN = "CAMPAIGN"
    CLOSING = "CLOSING"


class OverdueReason(StrEnum):
    """Why a plan should have been archived; stopped: a version was rejected or given up, and a person must
    look."""
    STOPPED = "STOPPED"
    CLOSING = "CLOSING"
    CAMPAIGN = "CAMPAIGN"


class LogAction(StrEnum):
    """Ask: a service's fagsystem asked whether there is a plan, and was told that there is; open: it opened
    the plan in somebody's name. Task: somebody was shown whom a fagsystem is to be told of, and nothing of
    the plan's content; send: had the conclusion of a meeting sent into it."""
    READ = "READ"
    ARCHIVE = "ARCHIVE"
    ASK = "ASK"
    OPEN = "OPEN"
    TASK = "TASK"
    SEND = "SEND"


class SystemAct(StrEnum):
    """What a system client asks for by itself."""
    HAS_STAFETTLOGG = "HAS_STAFETTLOGG"
    CREATE_PLAN = "CREATE_PLAN"
