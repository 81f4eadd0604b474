"""A fagsystem to practise on, about synthetic persons."""
