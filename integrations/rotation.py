"""A target whose secret is being changed: two are active, so that neither side need wait for the other."""
from collections.abc import Callable
from threading import Event
from typing import Any, TypeVar
from uuid import UUID

from integrations.target import (
    DeliveryError,
    DeliveryFault,
    Receipt,
    RecordState,
    Sending,
    Target,
    Told,
    concludes,
)

Answer = TypeVar("Answer")


class Rotating:
    """Signs in with the newer secret; where that is refused, with the one before it, and stays with whichever
    was taken last: a secret that is not known yet is not tried until we are locked out."""

    def __init__(self, newer: Target, older: Target) -> None:
        self.name, self._taken, self._other = newer.name, newer, older

    def __getattr__(self, name: str) -> Any:
        """What only some targets can, where this one can: `Listening`, `Comparing`, `Showing`."""
        can = {"listen": Rotating._listen, "compare": Rotating._compare, "shown": Rotating._shown}
        if name not in can or not hasattr(self._taken, name):
            raise AttributeError(name)
        return can[name].__get__(self)

    @property
    def conclusions(self) -> bool:
        return concludes(self._taken)

    def render(self, order: Any) -> bytes:
        return self._taken.render(order)

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """DeliveryError(AUTH): both are refused."""
        receipt: Receipt = self._tried(lambda target: target.deliver(body, sending))
        return receipt

    def check(self) -> list[str]:
        """Of the secret that is taken now."""
        return self._taken.check()

    def _shown(self, body: bytes) -> bytes:
        """The same with either."""
        taken: Any = self._taken
        shown: bytes = taken.shown(body)
        return shown

    def _compare(self, told: Told) -> RecordState:
        answer: RecordState = self._tried(lambda target: target.compare(told))
        return answer

    def _listen(self, heard: Callable[[UUID, Receipt | DeliveryError], None], stop: Event) -> None:
        """When it breaks off, it begins again with the other secret."""
        listener: Any = self._taken
        try:
            listener.listen(heard, stop)
        except Exception:
            self._taken, self._other = self._other, self._taken
            raise

    def _tried(self, ask: Callable[[Any], Answer]) -> Answer:
        taken, other = self._taken, self._other
        try:
            return ask(taken)
        except DeliveryError as error:
            if error.fault is not DeliveryFault.AUTH:
                raise
        answer = ask(other)
        self._taken, self._other = other, taken
        return answer
