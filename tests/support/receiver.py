"""A target at the edge, for tests of the road to it."""
from threading import Event
from uuid import UUID

from integrations.target import DeliveryError, Order, Receipt, Sending


class Receiver:
    """A target at the edge: says what the test tells it to say, and keeps what it is sent."""

    def __init__(self, name: str) -> None:
        self.name, self.orders, self.bodies = name, list[Order](), list[tuple[bytes, UUID]]()
        self.says: list[Receipt | DeliveryError] = []
        self.conclusions = False

    def render(self, order: Order) -> bytes:
        self.orders.append(order)
        return f"{type(order).__name__} {order.fact_id} {getattr(order, 'protected', '')}".encode()

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        self.bodies.append((body, sending.fact_id))
        said = self.says.pop(0) if self.says else Receipt(confirmed=True, reference="theirs")
        if isinstance(said, DeliveryError):
            raise said
        return said

    def check(self) -> list[str]:
        return []


class Slow(Receiver):
    """Answers when the test lets it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.asked, self.may = Event(), Event()

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        self.asked.set()
        assert self.may.wait(20)
        return super().deliver(body, sending)
