"""Whether a worker is at work: when it last showed life, and whether it has been told to stop."""
from dataclasses import dataclass, field
from time import monotonic

LATELY = 60.0  # seconds: an idle one asks the queue every two, and each call to a target ends sooner


@dataclass
class Pulse:
    """Beats whenever the worker asks the queue for work, and at every step of what it has got."""
    stopping: bool = False  # what is under way is finished, nothing more is begun
    seen: float = field(default_factory=monotonic)

    def beat(self) -> None:
        self.seen = monotonic()

    @property
    def well(self) -> bool:
        return not self.stopping and monotonic() - self.seen < LATELY
