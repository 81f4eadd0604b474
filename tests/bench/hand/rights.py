"""The hub's rights as SQL written by hand: who sees which plans, and what a person shows under a mask.

Everywhere $1 is the municipality, $2 the viewer and $3 now; `mask` is the viewer's in the plan at hand."""
from db.rules.rights import LEADER, LEADER_OF_HIDDEN, Right


def may(right: Right) -> str:
    return f"mask & {int(right)} <> 0"


def shown(right: Right, value: str) -> str:
    return f"case when {may(right)} then {value} end"


def row(select: str) -> str:
    """An object."""
    return f"(select row_to_json(o) from ({select}) o)"


def rows(select: str) -> str:
    """An array."""
    return f"(select coalesce(json_agg(row_to_json(o)), '[]') from ({select}) o)"


NAME = "select 'Person:' || w.id as id, w.name"
BIRTH_DATE = f"""
  case when {may(Right.OVERVIEW_READ)} and (w.position is null or w.id = $2) then w.birth_date end"""
MOBILE = f"""case when {may(Right.CONTACT)} and (w.id = $2 or not w.hides_mobile
    and (w.position is null or w.shows_private)
    and (w.address_protection = 'NONE' or {may(Right.PROTECTED)})) then w.mobile end"""

# By the ledger, or by a post in the plan's unit, its group or the municipality.
VISIBLE = f"""
  select plan_id, bit_or(mask) as mask from (
    select plan_id, mask from access_grant
    where municipality_id = $1 and person_id = $2 and superseded_at is null
      and valid_from <= $3 and (valid_until is null or valid_until > $3)
    union all
    select p.id, case when p.protected then {int(LEADER_OF_HIDDEN)} else {int(LEADER)} end
    from assignment a
    join unit u on u.municipality_id = $1 and (
      u.id = a.unit_id or u.group_id = a.group_id or a.unit_id is null and a.group_id is null)
    join plan p on p.municipality_id = $1 and p.unit_id = u.id
    where a.municipality_id = $1 and a.person_id = $2
      and a.post in ('UNIT_ADMINISTRATOR', 'GROUP_ADMINISTRATOR', 'LOCAL_ADMINISTRATOR')
      and a.since <= $3 and (a.until is null or a.until > $3)
  ) held group by plan_id"""
