-- How many leads there are before a place in the list, by days and by blocks: a far page is found without walking there.
-- Of the whole organisation (dataset_id null) and of each dataset, newest first; appended like lead_counts, in the
-- transaction that brings or takes the leads, so that every reader's sums are those of the leads that it sees.
-- A block is what came at one moment with ids of the same quarter of a second: an import is many, a lead alone is one.

create table lead_days (
    org_id uuid not null references organizations on delete cascade,
    dataset_id uuid,
    day date not null,                          -- of created_at, UTC
    change bigint not null
);
create index lead_days_of on lead_days (org_id, dataset_id, day) include (change);

create table lead_blocks (
    org_id uuid not null references organizations on delete cascade,
    dataset_id uuid,
    created_at timestamptz not null,
    last_id uuid not null,                      -- the highest id that the block may have
    change bigint not null
);
create index lead_blocks_of on lead_blocks (org_id, dataset_id, created_at, last_id) include (change);
create index lead_blocks_less on lead_blocks (org_id, dataset_id, created_at, last_id) where change < 0;

alter table lead_days set (autovacuum_vacuum_scale_factor = 0.02);
alter table lead_blocks set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

-- The first and the last id that an id's block may have. The first eleven characters are 40 of the 48 bits of a time-
-- ordered id's milliseconds.
create function first_of_block(id uuid) returns uuid language sql immutable parallel safe
    return (left(id::text, 11) || '00-0000-0000-000000000000')::uuid;
create function last_of_block(id uuid) returns uuid language sql immutable parallel safe
    return (left(id::text, 11) || 'ff-ffff-ffff-ffffffffffff')::uuid;
create function day_of(at timestamptz) returns date language sql immutable parallel safe
    return (at at time zone 'UTC')::date;

do $$
declare t text;
begin
    foreach t in array array['lead_days', 'lead_blocks'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('create policy everything on %I to frontdesk_system using (true)', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_app', t);
        execute format('grant select, insert, delete on %I to frontdesk_system', t);
    end loop;
end $$;

create function place_leads() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into lead_days select org_id, null, day_of(created_at), count(*) from after group by 1, 3;
        insert into lead_blocks
        select org_id, null, created_at, last_of_block(id), count(*) from after group by 1, 3, 4;
    else
        insert into lead_days select org_id, null, day_of(created_at), -count(*) from before group by 1, 3;
        insert into lead_blocks
        select org_id, null, created_at, last_of_block(id), -count(*) from before group by 1, 3, 4;
    end if;
    return null;
end $$;

create function keep_place() returns trigger language plpgsql as $$
begin
    raise exception 'When a lead came never changes: places in the list are counted by it.';
end $$;

-- As 0009 has it, and places. Each member's lead is looked up by its key, once; `offset 0` keeps it from being joined.
create or replace function count_members() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        with members as materialized (
            select d.org_id, d.dataset_id, l.contact_status, l.created_at, last_of_block(d.lead_id) as last_id
            from after d, lateral (select l.contact_status, l.created_at from leads l
                                   where l.org_id = d.org_id and l.id = d.lead_id offset 0) l),
        by_day as (
            insert into lead_days select org_id, dataset_id, day_of(created_at), count(*) from members group by 1, 2, 3),
        by_block as (
            insert into lead_blocks
            select org_id, dataset_id, created_at, last_id, count(*) from members group by 1, 2, 3, 4)
        insert into lead_counts
        select org_id, dataset_id, contact_status, count(*) from members group by 1, 2, 3;
    else
        with members as materialized (
            select d.org_id, d.dataset_id, l.contact_status, l.created_at, last_of_block(d.lead_id) as last_id
            from before d, lateral (select l.contact_status, l.created_at from leads l
                                    where l.org_id = d.org_id and l.id = d.lead_id offset 0) l),
        by_day as (
            insert into lead_days select org_id, dataset_id, day_of(created_at), -count(*) from members group by 1, 2, 3),
        by_block as (
            insert into lead_blocks
            select org_id, dataset_id, created_at, last_id, -count(*) from members group by 1, 2, 3, 4)
        insert into lead_counts
        select org_id, dataset_id, contact_status, -count(*) from members group by 1, 2, 3;
    end if;
    return null;
end $$;

-- From here on leads and memberships wait to be written, for some seconds a million, until those that there are have been
-- counted and the file is committed. They can be read all the while.
lock table leads, dataset_leads in share row exclusive mode;
create trigger place_inserted after insert on leads referencing new table as after
    for each statement execute function place_leads();
create trigger place_deleted after delete on leads referencing old table as before
    for each statement execute function place_leads();
create trigger keep_place before update of created_at on leads for each row
    when (old.created_at <> new.created_at) execute function keep_place();

set local role frontdesk_system;                -- row-level security hides the leads from the tables' owner
insert into lead_blocks
select org_id, null, created_at, last_of_block(id), count(*) from leads group by 1, 3, 4;
insert into lead_blocks
select d.org_id, d.dataset_id, l.created_at, last_of_block(l.id), count(*)
from dataset_leads d join leads l on l.org_id = d.org_id and l.id = d.lead_id group by 1, 2, 3, 4;
insert into lead_days
select org_id, dataset_id, day_of(created_at), sum(change) from lead_blocks group by 1, 2, 3;
reset role;
