"""The practice fagsystem in a process of its own: `python -m tests.bench.receive FOLDER PORT`."""
import sys
from pathlib import Path

import uvicorn

from integrations.fagsystem.soap.practice import practice

if __name__ == "__main__":
    uvicorn.run(practice(Path(sys.argv[1])), port=int(sys.argv[2]), access_log=False, log_level="warning")
