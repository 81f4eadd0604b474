"""A target whose secret is being changed: two are active, so that neither side need wait for the other."""
from collections.abc import Callable
from threading import Event
from typing import Any
from uuid import UUID

from integrations.target import DeliveryError, DeliveryFault, Listening, Receipt, Sending, Target


class Rotating:
    """Signs in with the newer secret; where that is refused, with the one before it, and stays with whichever
    was taken last: a secret that is not known yet is not tried until we are locked out."""

    def __init__(self, newer: Target, older: Target) -> None:
        self.name, self._taken, self._other = newer.name, newer, older

    def render(self, order: Any) -> bytes:
        return self._taken.render(order)

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """DeliveryError(AUTH): both are refused."""
        taken, other = self._taken, self._other
        try:
            return taken.deliver(body, sending)
        except DeliveryError as error:
            if error.fault is not DeliveryFault.AUTH:
                raise
        receipt = other.deliver(body, sending)
        self._taken, self._other = other, taken
        return receipt

    def check(self) -> list[str]:
        """Of the secret that is taken now."""
        return self._taken.check()


class RotatingListener(Rotating):
    """One that listens, too; when it breaks off, it begins again with the other secret."""

    def listen(self, heard: Callable[[UUID, Receipt | DeliveryError], None], stop: Event) -> None:
        try:
            self._taken.listen(heard, stop)  # type: ignore[attr-defined]  # both do, or it is no such one
        except Exception:
            self._taken, self._other = self._other, self._taken
            raise


def rotating(newer: Target, older: Target) -> Target:
    return (RotatingListener if isinstance(newer, Listening) else Rotating)(newer, older)
