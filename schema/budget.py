"""How much that is new one client may ask for: each question not seen before has to be compiled."""
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from graphql import GraphQLError

from schema.errors import TOO_MANY_NEW

PER_MINUTE = 3_000  # fields; each costs about a millisecond: one client takes a twentieth of a core at most
CLIENTS = 10_000


class Budget:
    """A bucket of fields per client, full at first, that fills again within a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, per_minute: int = PER_MINUTE) -> None:
        self.clock, self.per_minute = clock, per_minute
        self.left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # what is left, and since when

    def spend(self, client: Hashable, fields: int) -> None:
        """GraphQLError where the client has asked for too much that is new; nothing is taken then."""
        now = self.clock()
        left, since = self.left.pop(client, (self.per_minute, now))
        left = min(self.per_minute, left + (now - since) * self.per_minute / 60)
        enough = left >= min(fields, self.per_minute)
        self.left[client] = (left - fields if enough else left, now)
        if len(self.left) > CLIENTS:
            self.left.popitem(last=False)
        if not enough:
            raise GraphQLError("Too many questions that are new.", extensions={"code": TOO_MANY_NEW})
