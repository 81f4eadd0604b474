"""The rights of the hub's two database roles, and which changes count as facts."""

APPEND_ONLY = (
    "access_log", "search_log", "access_grant", "status_change", "level_change", "unit_change",
    "delivery_attempt", "statistics_release", "consent_text", "consent_document", "reminder",
    "element_switch", "consent_template", "declaration_text", "declaration")
NEVER_DELETED = ("plan", "consent", "consent_name", "consent_signature", "person", "delivery", "municipality")


def where_there(table: str, statement: str) -> str:
    """Each migration runs ROLES, the first ones before the tables of later ones are made."""
    return f"do $$ begin if to_regclass('{table}') is not null then {statement}; end if; end $$"


ROLES = (
    # Roles belong to the whole server, and another database's migration may make them at the same moment.
    *(f"do $$ begin create role {role} nologin; "
      "exception when duplicate_object or unique_violation then null; end $$"
      for role in ("hub_reader", "hub_writer")),
    "grant usage on schema public to hub_reader, hub_writer",
    "grant select on all tables in schema public to hub_reader, hub_writer",
    "grant insert on access_log, search_log to hub_reader",
    "grant insert, update, delete on all tables in schema public to hub_writer",
    "grant usage on all sequences in schema public to hub_writer",
    *(where_there(table, f"revoke update, delete on {table} from hub_writer") for table in APPEND_ONLY),
    *(where_there(table, f"revoke delete on {table} from hub_writer") for table in NEVER_DELETED),
    "grant update (superseded_at) on access_grant to hub_writer",
    "grant update (milliseconds, fault, answer) on delivery_attempt to hub_writer",
    "do $$ begin execute format('grant hub_reader, hub_writer to %I', current_user); end $$",
)

# table, the events that change a fact, what must then be re-granted, and the column with its key
FACTS = (
    ("plan", "insert or delete or update of owner_id, type", "plan", "id"),
    ("status_change", "insert or delete or update", "plan", "plan_id"),
    ("participant", "insert or delete or update", "plan", "plan_id"),
    ("consent", ("insert or delete or update of plan_id, sent_at, opened_at, valid_until, withdrawn_at, "
                 "superseded_at, declined_at"), "plan", "plan_id"),
    ("consent_name", "insert or delete or update", "plan", "plan_id"),
    ("person", "update of birth_date, address_protection", "person", "id"),
    ("municipality", "update of consent_age", "municipality", "id"),
    ("element_switch", "insert or delete or update", "switch", "id"),
)

REGRANTED = tuple(statement for table, events, kind, column in FACTS for statement in (
    f"drop trigger if exists {table}_regranted on {table}",
    where_there(table, f"create constraint trigger {table}_regranted after {events} on {table} deferrable "
                       "initially deferred for each row "
                       f"execute function refuse_ungranted('{kind}', '{column}')")))
