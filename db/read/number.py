"""One number, of a statement that is not a question of GraphQL."""
from typing import Any

from sqlalchemy import Select

from db.engine import Reader
from db.read.compile import DIALECT


async def number(reader: Reader, statement: Select[int]) -> int:
    made: Any = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    ((found,),) = await reader.rows(str(made), [made.params[name] for name in made.positiontup])
    return int(found)
