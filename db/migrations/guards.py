"""The rights of the hub's two database roles, which changes count as facts, and which count at all."""

APPEND_ONLY = (
    "access_log", "search_log", "access_grant", "status_change", "level_change", "unit_change",
    "delivery_attempt", "statistics_release", "consent_text", "consent_document", "reminder",
    "element_switch", "archive_switch", "archive_campaign", "consent_template", "declaration_text",
    "declaration", "system_request")
NEVER_DELETED = (  # but by `delete_plan`, which looks first whether it may be
    "plan", "consent", "consent_name", "consent_signature", "person", "delivery", "municipality",
    "handover", "overview", "goal", "activity", "comment", "deletion_request", "archive_due")
# What stands under a plan and is no change of it: the rights that follow, what is told of it, what is asked.
UNCOUNTED = ("access_grant", "delivery", "delivery_attempt", "reminder", "deletion_request", "archive_due",
             "task", "conclusion")
OF_PLAN = ("owner_id", "unit_id", "stafettholder_id", "type", "short_name", "recorded_status", "level",
           "start_date", "end_date", "next_evaluation_date")
# Every other table under a plan counts its changes, and one that a later migration makes does, too. At the
# commit: a count locks the plan, and only who has re-granted may hold that lock.
COUNTED = f"""
do $$ declare counted regclass; begin
  if to_regproc('count_change') is null then return; end if;
  drop trigger if exists counted on plan;
  create constraint trigger counted after update of {", ".join(OF_PLAN)} on plan
    deferrable initially deferred for each row execute function count_change();
  for counted in select conrelid::regclass from pg_constraint
      where contype = 'f' and confrelid = 'plan'::regclass
        and conname = conrelid::regclass || '_plan_id_fkey'
        and conrelid::regclass::text not in {UNCOUNTED} loop
    execute format('drop trigger if exists counted on %s', counted);
    execute format('create constraint trigger counted after insert or update or delete on %s '
                   'deferrable initially deferred for each row execute function count_change()', counted);
  end loop; end $$"""  # noqa: S608  names of ours


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
    where_there("system_request", "grant insert on system_request to hub_reader"),
    "grant insert, update, delete on all tables in schema public to hub_writer",
    "grant usage on all sequences in schema public to hub_writer",
    *(where_there(table, f"revoke update, delete on {table} from hub_writer") for table in APPEND_ONLY),
    *(where_there(table, f"revoke delete on {table} from hub_writer") for table in NEVER_DELETED),
    "grant update (superseded_at) on access_grant to hub_writer",
    "grant update (milliseconds, fault, answer) on delivery_attempt to hub_writer",
    """do $$ begin if to_regproc('delete_plan') is not null then
       revoke execute on function delete_plan, deletable from public;
       grant execute on function delete_plan to hub_writer; end if; end $$""",
    "do $$ begin execute format('grant hub_reader, hub_writer to %I', current_user); end $$",
    COUNTED,
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
