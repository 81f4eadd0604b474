"""A server to measure: `python -m tests.bench.serve hub|logged|hand PORT`, its database in DATABASE_URL."""
import os
import sys

import uvicorn
from starlette.applications import Starlette

from app import Parts, create
from integrations.registry import Targets
from schema.demo_issuer import DemoIssuer
from tests.bench.database import AUDIENCE, KEPT, settings
from tests.bench.hand import server as hand


def server(name: str, url: str) -> Starlette:
    """The hub without its access log, the hub as it is, or SQL by hand."""
    if name == "hand":
        return hand.create(url)
    issuers = DemoIssuer(AUDIENCE, KEPT).issuers()
    return create(Parts(settings(url), issuers, Targets({}), log=name == "logged"))


if __name__ == "__main__":
    uvicorn.run(server(sys.argv[1], os.environ["DATABASE_URL"]), port=int(sys.argv[2]),
                access_log=False, log_level="warning", timeout_keep_alive=600)  # while the others are asked
