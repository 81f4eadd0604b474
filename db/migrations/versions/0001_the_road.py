"""The road."""
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision, branch_labels, depends_on = '0001', None, None, None


def upgrade() -> None:
    op.create_table('access_log',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('hour', sa.DateTime(timezone=True), nullable=False),
    sa.Column('elements', sa.BigInteger(), nullable=False),
    sa.Column('action', sa.Enum('READ', 'ARCHIVE', name='logaction', native_enum=False, length=40), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('municipality_id', 'id'),
    sa.UniqueConstraint('municipality_id', 'plan_id', 'person_id', 'hour', 'elements', 'action', name='access_log_once_an_hour')
    )
    op.create_table('municipality',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('organisation_number', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('consent_age', sa.Integer(), nullable=False),
    sa.Column('guardians_sign_too', sa.Boolean(), nullable=False),
    sa.Column('consent_days', sa.Integer(), nullable=False),
    sa.Column('threshold', sa.Integer(), nullable=False),
    sa.Column('archive', sa.Text(), nullable=True),
    sa.CheckConstraint('consent_age in (15, 16)'),
    sa.CheckConstraint('threshold >= 3'),
    sa.PrimaryKeyConstraint('municipality_id', 'id'),
    sa.UniqueConstraint('municipality_id'),
    sa.UniqueConstraint('number')
    )
    op.create_table('search_log',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sought', sa.Text(), nullable=False),
    sa.Column('found', sa.ARRAY(sa.Uuid()), nullable=False),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_table('consent_template',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_type', sa.Enum('STAFETTLOGG', 'INDIVIDUAL_PLAN', 'INDIVIDUAL_EDUCATION_PLAN', name='plantype', native_enum=False, length=40), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.municipality_id'], name='consent_template_municipality_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id'),
    sa.UniqueConstraint('municipality_id', 'plan_type', 'language', 'version')
    )
    op.create_table('unit_group',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.municipality_id'], name='unit_group_municipality_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_table('unit',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('group_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('organisation_number', sa.Text(), nullable=False),
    sa.Column('fagsystem', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['municipality_id', 'group_id'], ['unit_group.municipality_id', 'unit_group.id'], name='unit_group_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('unit_group_id_idx', 'unit', ['municipality_id', 'group_id'], unique=False)
    op.create_table('person',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('identity_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('identity_mark', sa.LargeBinary(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('birth_date', sa.Date(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('mobile', sa.Text(), nullable=True),
    sa.Column('hides_mobile', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Text(), nullable=True),
    sa.Column('workplace_id', sa.Uuid(), nullable=True),
    sa.Column('language', sa.Text(), nullable=True),
    sa.Column('address_protection', sa.Enum('NONE', 'CONFIDENTIAL', 'STRICTLY_CONFIDENTIAL', name='addressprotection', native_enum=False, length=40), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'workplace_id'], ['unit.municipality_id', 'unit.id'], name='person_workplace_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id'),
    sa.UniqueConstraint('municipality_id', 'identity_mark')
    )
    op.create_index('person_name_idx', 'person', ['municipality_id', 'name'], unique=False)
    op.create_table('assignment',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=True),
    sa.Column('group_id', sa.Uuid(), nullable=True),
    sa.Column('post', sa.Enum('LOCAL_ADMINISTRATOR', 'GROUP_ADMINISTRATOR', 'UNIT_ADMINISTRATOR', 'PLAN_CREATOR', 'ANALYST', name='post', native_enum=False, length=40), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('unit_id is null or group_id is null', name='assignment_scope'),
    sa.CheckConstraint("post <> 'UNIT_ADMINISTRATOR' or unit_id is not null", name='assignment_of_a_unit'),
    sa.CheckConstraint("post <> 'GROUP_ADMINISTRATOR' or group_id is not null", name='assignment_of_a_group'),
    sa.ForeignKeyConstraint(['municipality_id', 'group_id'], ['unit_group.municipality_id', 'unit_group.id'], name='assignment_group_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'person_id'], ['person.municipality_id', 'person.id'], name='assignment_person_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'unit_id'], ['unit.municipality_id', 'unit.id'], name='assignment_unit_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('assignment_person_id_idx', 'assignment', ['municipality_id', 'person_id'], unique=False)
    op.create_table('plan',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=False),
    sa.Column('stafettholder_id', sa.Uuid(), nullable=False),
    sa.Column('type', sa.Enum('STAFETTLOGG', 'INDIVIDUAL_PLAN', 'INDIVIDUAL_EDUCATION_PLAN', name='plantype', native_enum=False, length=40), nullable=False),
    sa.Column('short_name', sa.Text(), nullable=False),
    sa.Column('recorded_status', sa.Enum('DRAFT', 'AWAITING_CONSENT', 'ACTIVE', 'PASSIVE', 'CLOSED', name='planstatus', native_enum=False, length=40), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('start_date', sa.Date(), nullable=False),
    sa.Column('end_date', sa.Date(), nullable=True),
    sa.Column('next_evaluation_date', sa.Date(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('protected', sa.Boolean(), nullable=False),
    sa.Column('next_change_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('level between 0 and 3', name='plan_level'),
    sa.ForeignKeyConstraint(['municipality_id', 'owner_id'], ['person.municipality_id', 'person.id'], name='plan_owner_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'stafettholder_id'], ['person.municipality_id', 'person.id'], name='plan_stafettholder_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'unit_id'], ['unit.municipality_id', 'unit.id'], name='plan_unit_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('plan_next_change', 'plan', ['next_change_at'], unique=False, postgresql_where=sa.text('next_change_at is not null'))
    op.create_index('plan_one_running_stafettlogg', 'plan', ['municipality_id', 'owner_id'], unique=True, postgresql_where=sa.text("type = 'STAFETTLOGG' and recorded_status <> 'CLOSED'"))
    op.create_index('plan_unit_id_idx', 'plan', ['municipality_id', 'unit_id'], unique=False)
    op.create_table('replay',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('field', sa.Text(), nullable=False),
    sa.Column('request', sa.LargeBinary(), nullable=False),
    sa.Column('outcome', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'person_id'], ['person.municipality_id', 'person.id'], name='replay_person_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id'),
    sa.UniqueConstraint('municipality_id', 'person_id', 'key', 'field')
    )
    op.create_index(op.f('ix_replay_created_at'), 'replay', ['created_at'], unique=False)
    op.create_table('consent',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('valid_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('declined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('valid_from < valid_until', name='consent_period'),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='consent_plan_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('consent_plan_id_idx', 'consent', ['municipality_id', 'plan_id', 'id'], unique=False)
    op.create_table('delivery',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=True),
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('OPENED', 'HOLDER_CHANGED', 'CORRECTED', 'WITHDRAWN', 'CLOSED', 'ARCHIVED', name='factkind', native_enum=False, length=40), nullable=False),
    sa.Column('state', sa.Enum('ORDERED', 'SENT', 'ACCEPTED', 'CONFIRMED', 'REJECTED', 'DEAD', 'CANCELLED', name='deliverystate', native_enum=False, length=40), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ordered_by', sa.Uuid(), nullable=True),
    sa.Column('trigger', sa.Enum('BY_HAND', 'CLOSING', name='archivetrigger', native_enum=False, length=40), nullable=True),
    sa.Column('version', sa.Integer(), nullable=True),
    sa.Column('elements', sa.BigInteger(), nullable=True),
    sa.Column('attempt_count', sa.Integer(), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.Enum('CONSENT_ENDED', 'NEVER_TOLD', 'BY_HAND', name='cancelreason', native_enum=False, length=40), nullable=True),
    sa.Column('reference', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['municipality_id', 'ordered_by'], ['person.municipality_id', 'person.id'], name='delivery_ordered_by_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='delivery_plan_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'unit_id'], ['unit.municipality_id', 'unit.id'], name='delivery_unit_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id'),
    sa.UniqueConstraint('municipality_id', 'plan_id', 'target', 'seq')
    )
    op.create_index('delivery_archived', 'delivery', ['municipality_id', 'plan_id'], unique=False, postgresql_where=sa.text("kind = 'ARCHIVED'"))
    op.create_index('delivery_waiting', 'delivery', ['municipality_id', 'plan_id', 'target', 'seq'], unique=False, postgresql_where=sa.text("state not in ('CONFIRMED', 'CANCELLED')"))
    op.create_table('goal',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('arena', sa.Enum('HOME', 'SCHOOL', 'PARTNER', name='arena', native_enum=False, length=40), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=True),
    sa.Column('deadline', sa.Date(), nullable=True),
    sa.Column('status', sa.Enum('OPEN', 'DONE', 'CANCELLED', name='workstatus', native_enum=False, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='goal_plan_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('goal_plan_id_idx', 'goal', ['municipality_id', 'plan_id', 'position', 'id'], unique=False)
    op.create_table('level_change',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='level_change_plan_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('level_change_plan_id_idx', 'level_change', ['municipality_id', 'plan_id'], unique=False)
    op.create_table('overview',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('presentation', sa.Text(), nullable=True),
    sa.Column('initiative', sa.Text(), nullable=True),
    sa.Column('strengths', sa.Text(), nullable=True),
    sa.Column('challenges', sa.Text(), nullable=True),
    sa.Column('own_voice', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='overview_plan_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('overview_plan_id_idx', 'overview', ['municipality_id', 'plan_id'], unique=True)
    op.create_table('participant',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('unit_id', sa.Uuid(), nullable=True),
    sa.Column('role', sa.Enum('OWNER', 'GUARDIAN', 'STAFETTHOLDER', 'PROVIDER', 'NEXT_OF_KIN', name='role', native_enum=False, length=40), nullable=False),
    sa.Column('responsibility', sa.Text(), nullable=True),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['municipality_id', 'person_id'], ['person.municipality_id', 'person.id'], name='participant_person_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='participant_plan_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'unit_id'], ['unit.municipality_id', 'unit.id'], name='participant_unit_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('participant_once', 'participant', ['municipality_id', 'plan_id', 'person_id', 'role'], unique=True, postgresql_where=sa.text('until is null'))
    op.create_index('participant_one_stafettholder', 'participant', ['municipality_id', 'plan_id'], unique=True, postgresql_where=sa.text("role = 'STAFETTHOLDER' and until is null"))
    op.create_index('participant_person_id_idx', 'participant', ['municipality_id', 'person_id'], unique=False)
    op.create_index('participant_plan_id_idx', 'participant', ['municipality_id', 'plan_id', 'id'], unique=False)
    op.create_table('status_change',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Enum('DRAFT', 'AWAITING_CONSENT', 'ACTIVE', 'PASSIVE', 'CLOSED', name='planstatus', native_enum=False, length=40), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Enum('GOALS_REACHED', 'INDIVIDUAL_PLAN_OPENED', 'CONSENT_WITHDRAWN', 'MOVED_AWAY', 'OTHER', name='closereason', native_enum=False, length=40), nullable=True),
    sa.Column('by_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['municipality_id', 'by_id'], ['person.municipality_id', 'person.id'], name='status_change_by_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='status_change_plan_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('status_change_plan_id_idx', 'status_change', ['municipality_id', 'plan_id'], unique=False)
    op.create_table('access_grant',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('mask', sa.BigInteger(), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('valid_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('because', sa.Enum('CONSENT', 'ROLE', 'NO_CONSENT', 'AWAITING_SIGNATURE', 'EXPIRED', 'WITHDRAWN', 'PLAN_PASSIVE', name='accessreason', native_enum=False, length=40), nullable=False),
    sa.Column('withheld', sa.Enum('CONSENT', 'ROLE', 'NO_CONSENT', 'AWAITING_SIGNATURE', 'EXPIRED', 'WITHDRAWN', 'PLAN_PASSIVE', name='accessreason', native_enum=False, length=40), nullable=False),
    sa.Column('consent_id', sa.Uuid(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('valid_until is null or valid_from < valid_until', name='access_grant_interval'),
    sa.ForeignKeyConstraint(['municipality_id', 'consent_id'], ['consent.municipality_id', 'consent.id'], name='access_grant_consent_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'person_id'], ['person.municipality_id', 'person.id'], name='access_grant_person_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='access_grant_plan_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('access_grant_in_use', 'access_grant', ['municipality_id', 'person_id', 'plan_id'], unique=False, postgresql_where=sa.text('superseded_at is null'), postgresql_include=['mask', 'valid_from', 'valid_until'])
    op.create_index('access_grant_plan_id_idx', 'access_grant', ['municipality_id', 'plan_id'], unique=False)
    op.create_table('activity',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('goal_id', sa.Uuid(), nullable=False),
    sa.Column('responsible_id', sa.Uuid(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('arena', sa.Enum('HOME', 'SCHOOL', 'PARTNER', name='arena', native_enum=False, length=40), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=True),
    sa.Column('deadline', sa.Date(), nullable=True),
    sa.Column('status', sa.Enum('OPEN', 'DONE', 'CANCELLED', name='workstatus', native_enum=False, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id', 'goal_id'], ['goal.municipality_id', 'goal.id'], name='activity_goal_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='activity_plan_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'responsible_id'], ['participant.municipality_id', 'participant.id'], name='activity_responsible_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('activity_goal_id_idx', 'activity', ['municipality_id', 'goal_id', 'position', 'id'], unique=False)
    op.create_index('activity_plan_id_idx', 'activity', ['municipality_id', 'plan_id'], unique=False)
    op.create_table('consent_name',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('consent_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=True),
    sa.Column('unit_id', sa.Uuid(), nullable=True),
    sa.Column('held_back', sa.BigInteger(), nullable=False),
    sa.Column('whereabouts', sa.Boolean(), nullable=False),
    sa.CheckConstraint('(person_id is null) <> (unit_id is null)', name='consent_name_one'),
    sa.ForeignKeyConstraint(['municipality_id', 'consent_id'], ['consent.municipality_id', 'consent.id'], name='consent_name_consent_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'person_id'], ['person.municipality_id', 'person.id'], name='consent_name_person_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='consent_name_plan_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'unit_id'], ['unit.municipality_id', 'unit.id'], name='consent_name_unit_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('consent_name_consent_id_idx', 'consent_name', ['municipality_id', 'consent_id', 'id'], unique=False)
    op.create_index('consent_name_plan_id_idx', 'consent_name', ['municipality_id', 'plan_id'], unique=False)
    op.create_table('consent_signature',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('consent_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('method', sa.Enum('DEMO_BANKID', 'BANKID', 'PAPER', name='signingmethod', native_enum=False, length=40), nullable=True),
    sa.Column('hash', sa.Text(), nullable=True),
    sa.Column('transaction', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['municipality_id', 'consent_id'], ['consent.municipality_id', 'consent.id'], name='consent_signature_consent_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'person_id'], ['person.municipality_id', 'person.id'], name='consent_signature_person_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='consent_signature_plan_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id'),
    sa.UniqueConstraint('municipality_id', 'consent_id', 'person_id')
    )
    op.create_index('consent_signature_plan_id_idx', 'consent_signature', ['municipality_id', 'plan_id'], unique=False)
    op.create_table('delivery_attempt',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('delivery_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('milliseconds', sa.Integer(), nullable=True),
    sa.Column('fault', sa.Enum('RETRYABLE', 'PERMANENT', 'AUTH', 'UNKNOWN_PERSON', 'AMBIGUOUS', name='deliveryfault', native_enum=False, length=40), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['municipality_id', 'delivery_id'], ['delivery.municipality_id', 'delivery.id'], name='delivery_attempt_delivery_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='delivery_attempt_plan_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id'),
    sa.UniqueConstraint('municipality_id', 'delivery_id', 'number')
    )
    op.create_index('delivery_attempt_plan_id_idx', 'delivery_attempt', ['municipality_id', 'plan_id'], unique=False)
    op.create_table('comment',
    sa.Column('municipality_id', sa.SmallInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), server_default=sa.text('uuidv7()'), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('goal_id', sa.Uuid(), nullable=True),
    sa.Column('activity_id', sa.Uuid(), nullable=True),
    sa.Column('author_id', sa.Uuid(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(goal_id is null) <> (activity_id is null)', name='comment_on_one'),
    sa.ForeignKeyConstraint(['municipality_id', 'activity_id'], ['activity.municipality_id', 'activity.id'], name='comment_activity_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'author_id'], ['person.municipality_id', 'person.id'], name='comment_author_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'goal_id'], ['goal.municipality_id', 'goal.id'], name='comment_goal_id_fkey'),
    sa.ForeignKeyConstraint(['municipality_id', 'plan_id'], ['plan.municipality_id', 'plan.id'], name='comment_plan_id_fkey'),
    sa.PrimaryKeyConstraint('municipality_id', 'id')
    )
    op.create_index('comment_activity_id_idx', 'comment', ['municipality_id', 'activity_id', 'id'], unique=False)
    op.create_index('comment_goal_id_idx', 'comment', ['municipality_id', 'goal_id', 'id'], unique=False)
    op.create_index('comment_plan_id_idx', 'comment', ['municipality_id', 'plan_id'], unique=False)


def downgrade() -> None:
    op.drop_index('comment_plan_id_idx', table_name='comment')
    op.drop_index('comment_goal_id_idx', table_name='comment')
    op.drop_index('comment_activity_id_idx', table_name='comment')
    op.drop_table('comment')
    op.drop_index('delivery_attempt_plan_id_idx', table_name='delivery_attempt')
    op.drop_table('delivery_attempt')
    op.drop_index('consent_signature_plan_id_idx', table_name='consent_signature')
    op.drop_table('consent_signature')
    op.drop_index('consent_name_plan_id_idx', table_name='consent_name')
    op.drop_index('consent_name_consent_id_idx', table_name='consent_name')
    op.drop_table('consent_name')
    op.drop_index('activity_plan_id_idx', table_name='activity')
    op.drop_index('activity_goal_id_idx', table_name='activity')
    op.drop_table('activity')
    op.drop_index('access_grant_plan_id_idx', table_name='access_grant')
    op.drop_index('access_grant_in_use', table_name='access_grant', postgresql_where=sa.text('superseded_at is null'), postgresql_include=['mask', 'valid_from', 'valid_until'])
    op.drop_table('access_grant')
    op.drop_index('status_change_plan_id_idx', table_name='status_change')
    op.drop_table('status_change')
    op.drop_index('participant_plan_id_idx', table_name='participant')
    op.drop_index('participant_person_id_idx', table_name='participant')
    op.drop_index('participant_one_stafettholder', table_name='participant', postgresql_where=sa.text("role = 'STAFETTHOLDER' and until is null"))
    op.drop_index('participant_once', table_name='participant', postgresql_where=sa.text('until is null'))
    op.drop_table('participant')
    op.drop_index('overview_plan_id_idx', table_name='overview')
    op.drop_table('overview')
    op.drop_index('level_change_plan_id_idx', table_name='level_change')
    op.drop_table('level_change')
    op.drop_index('goal_plan_id_idx', table_name='goal')
    op.drop_table('goal')
    op.drop_index('delivery_waiting', table_name='delivery', postgresql_where=sa.text("state not in ('CONFIRMED', 'CANCELLED')"))
    op.drop_index('delivery_archived', table_name='delivery', postgresql_where=sa.text("kind = 'ARCHIVED'"))
    op.drop_table('delivery')
    op.drop_index('consent_plan_id_idx', table_name='consent')
    op.drop_table('consent')
    op.drop_index(op.f('ix_replay_created_at'), table_name='replay')
    op.drop_table('replay')
    op.drop_index('plan_unit_id_idx', table_name='plan')
    op.drop_index('plan_one_running_stafettlogg', table_name='plan', postgresql_where=sa.text("type = 'STAFETTLOGG' and recorded_status <> 'CLOSED'"))
    op.drop_index('plan_next_change', table_name='plan', postgresql_where=sa.text('next_change_at is not null'))
    op.drop_table('plan')
    op.drop_index('assignment_person_id_idx', table_name='assignment')
    op.drop_table('assignment')
    op.drop_index('person_name_idx', table_name='person')
    op.drop_table('person')
    op.drop_index('unit_group_id_idx', table_name='unit')
    op.drop_table('unit')
    op.drop_table('unit_group')
    op.drop_table('consent_template')
    op.drop_table('search_log')
    op.drop_table('municipality')
    op.drop_table('access_log')
