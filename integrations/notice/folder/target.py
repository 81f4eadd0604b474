"""Notices as files, so that one who tries the hub sees them arrive: an .eml or a .txt each."""
import json
import os
from dataclasses import dataclass
from pathlib import Path

from integrations.notice.letter import letter, number
from integrations.target import Channel, DeliveryError, DeliveryFault, Notice, Receipt, Sending


@dataclass
class FolderNotices:
    """Each notice becomes one file of the folder, named by its id."""
    name: str
    folder: Path
    sender: str = "Stafettlogg <stafettlogg@example.no>"

    def render(self, order: Notice) -> bytes:
        if order.channel is Channel.EMAIL:
            ending, text = "eml", letter(order, self.sender).as_string()
        else:
            ending, text = "txt", f"{number(order.address)}\n\n{order.text}\n"
        return json.dumps({"name": f"{order.fact_id}.{ending}", "text": text}).encode()

    def deliver(self, body: bytes, sending: Sending) -> Receipt:
        """Written aside and moved: whoever watches the folder never meets half a notice."""
        made = json.loads(body)
        draft = self.folder / f".{sending.fact_id}"
        try:
            draft.write_text(made["text"], "utf-8", newline="")
            draft.replace(self.folder / made["name"])
        except OSError as error:
            raise DeliveryError(DeliveryFault.RETRYABLE, f"The folder: {error.strerror}.") from None
        return Receipt(confirmed=True, reference=made["name"])

    def check(self) -> list[str]:
        return [] if os.access(self.folder, os.W_OK) else ["The folder is missing, or can't be written to."]
