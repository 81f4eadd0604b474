"""Which of the contract's operations tells what."""
from integrations.target import FactKind

OPERATIONS = {
    FactKind.OPENED: "register",
    FactKind.HOLDER_CHANGED: "update",
    FactKind.CORRECTED: "update",
    FactKind.CLOSED: "end",
    FactKind.WITHDRAWN: "end",
}
