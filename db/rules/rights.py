"""What a person can be allowed: one bit each, and the bundles that roles give by default."""
from enum import IntFlag, StrEnum, auto


class Right(IntFlag):
    """The numbers are stored in the ledger, so new ones go last and none is ever reused."""
    PUBLIC = auto()  # what everyone who is signed in to the municipality may see
    SHELL = auto()  # that the plan exists: names, status, dates
    OVERVIEW_READ = auto()
    OVERVIEW_WRITE = auto()
    GOALS_READ = auto()
    GOALS_WRITE = auto()
    ACTIVITIES_READ = auto()
    ACTIVITIES_WRITE = auto()
    COMMENTS_READ = auto()
    COMMENTS_WRITE = auto()
    MESSAGES_READ = auto()
    MESSAGES_WRITE = auto()
    CALENDAR_READ = auto()
    CALENDAR_WRITE = auto()
    TIMELINE_READ = auto()
    TIMELINE_WRITE = auto()
    PARTICIPANTS_READ = auto()
    PARTICIPANTS_WRITE = auto()
    LIFE_AREAS_READ = auto()
    LIFE_AREAS_WRITE = auto()
    PROFESSIONAL_PLANS_READ = auto()
    PROFESSIONAL_PLANS_WRITE = auto()
    DOCUMENTS_READ = auto()
    DOCUMENTS_WRITE = auto()
    MAPPING_READ = auto()
    MAPPING_WRITE = auto()
    ACCESS_LOG_READ = auto()
    ACCESS_LOG_WRITE = auto()
    CONSENT_READ = auto()
    CONSENT_WRITE = auto()
    ADMINISTRATION_READ = auto()
    ADMINISTRATION_WRITE = auto()  # ADMINISTER of domain.md §5
    CONTACT = auto()
    WHEREABOUTS = auto()  # unit, telephone: held back where somebody's address is protected
    POSITION = auto()
    PRINT = auto()
    EDIT_PERSON = auto()
    DELIVERIES = auto()
    OWN = auto()  # what only the person themselves sees of a person
    PROTECTED = auto()  # contact details of one whose address is protected, as the consent names it
    DELETION = auto()  # the local administrator's own: requests for deletion, and that archiving is overdue
    NEVER = auto()  # granted to nobody: identity numbers, keys


class Element(StrEnum):
    """The parts of a plan that a consent opens or holds back, each with a right to read and one to write."""
    OVERVIEW = "OVERVIEW"
    GOALS = "GOALS"
    ACTIVITIES = "ACTIVITIES"
    COMMENTS = "COMMENTS"
    MESSAGES = "MESSAGES"
    CALENDAR = "CALENDAR"
    TIMELINE = "TIMELINE"
    PARTICIPANTS = "PARTICIPANTS"
    LIFE_AREAS = "LIFE_AREAS"
    PROFESSIONAL_PLANS = "PROFESSIONAL_PLANS"
    DOCUMENTS = "DOCUMENTS"
    MAPPING = "MAPPING"
    ACCESS_LOG = "ACCESS_LOG"
    CONSENT = "CONSENT"
    ADMINISTRATION = "ADMINISTRATION"

    @property
    def read(self) -> Right:
        return Right[f"{self}_READ"]

    @property
    def write(self) -> Right:
        return Right[f"{self}_WRITE"]


ADMINISTRATIVE = (Element.PARTICIPANTS, Element.CONSENT, Element.ADMINISTRATION)  # the holder's by role


def _all(rights: list[Right]) -> Right:
    return Right(sum(rights))


NOTHING = Right(0)
BARE = Right.PUBLIC | Right.SHELL
CONTENT = _all([e.read for e in Element if e is not Element.ACCESS_LOG and e is not Element.ADMINISTRATION])
LOGGED = CONTENT  # reading any of these leaves a row in the access log
BESIDE = BARE | Right.CONTACT | Right.WHEREABOUTS | Right.POSITION
CHANGES = _all([e.write for e in Element]) | Right.EDIT_PERSON

FAMILY_READS = CONTENT | BESIDE | Right.ACCESS_LOG_READ | Right.PRINT
FAMILY = FAMILY_READS | Right.OVERVIEW_WRITE | Right.COMMENTS_WRITE | Right.MESSAGES_WRITE
KIN = FAMILY & ~Right.ACCESS_LOG_READ  # next of kin: the log is for the owner and the guardians
PROVIDER = CONTENT | BESIDE | Right.COMMENTS_WRITE | Right.ACTIVITIES_WRITE | Right.MESSAGES_WRITE
ADMINISTRATION = (BESIDE | Right.PARTICIPANTS_READ | Right.PARTICIPANTS_WRITE | Right.CONSENT_READ
                  | Right.CONSENT_WRITE | Right.ADMINISTRATION_READ | Right.ADMINISTRATION_WRITE
                  | Right.EDIT_PERSON | Right.DELIVERIES)
STAFETTHOLDER = (CONTENT | CHANGES | ADMINISTRATION | Right.PRINT) & ~(
    Right.ACCESS_LOG_WRITE | Right.TIMELINE_WRITE)  # the hub writes both

LEADER = BARE | Right.WHEREABOUTS | Right.DELIVERIES  # of unit or group, and local administrator: no content
LEADER_OF_HIDDEN = LEADER & ~Right.WHEREABOUTS  # of a plan in which somebody's address is protected
ARCHIVE = CONTENT | BESIDE  # the municipality's archive: the plan that it must keep, less what is chosen away
ARCHIVE_BY_CUSTOM = ARCHIVE & ~Right.LIFE_AREAS_READ  # unless elements are chosen: domain.md §8
ARCHIVE_ALWAYS = ARCHIVE & ~CONTENT  # names, status, unit: no archive could find the plan again without
ARCHIVE_ON_DEMAND = CONTENT | Right.ACCESS_LOG_READ  # what can be chosen: who read it, only by name
FORM = BARE | Right.CONSENT_READ | Right.WHEREABOUTS  # a consent as a PDF: what is in it, and who gets it
ONESELF = BESIDE | Right.OVERVIEW_READ | Right.OWN | Right.EDIT_PERSON  # of one's own person
SEARCH = BARE | Right.POSITION | Right.WHEREABOUTS  # of a person whom a search found
