"""A fagsystem that takes signed webhooks: CloudEvents in JSON, signed as Standard Webhooks has it."""
