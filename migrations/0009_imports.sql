-- Imports as work that is seen from its beginning to its end, and can be undone.

alter table uploads add column remarks text[] not null default '{}';

alter table imports
    add column state text not null default 'done' check (state in ('waiting', 'running', 'done', 'failed')),
    add column columns text[] not null default '{}',        -- of the file, in its order
    add column remarks text[] not null default '{}',        -- how the file was read, in words
    add column rows_read bigint not null default 0,         -- while it runs
    add column seen_at timestamptz,                         -- its last sign of life while it runs
    add column finished_at timestamptz,
    add column problem text,                                -- why it failed
    add column undone_by uuid,
    add column members_removed bigint not null default 0,
    add column leads_removed bigint not null default 0;
create index imports_of_dataset on imports (org_id, dataset_id, id);

alter table leads add column import_id uuid;                -- the import that made the lead; null: no import did

-- Each member's status is looked up by its lead's key: a join was planned by old statistics, and took minutes for the
-- first large import into a young database.
create or replace function count_members() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into lead_counts
        select org_id, dataset_id, contact_status, count(*) from (
            select d.org_id, d.dataset_id,
                   (select l.contact_status from leads l where l.org_id = d.org_id and l.id = d.lead_id) as contact_status
            from after d) counted
        where contact_status is not null group by 1, 2, 3;
    else
        insert into lead_counts
        select org_id, dataset_id, contact_status, -count(*) from (
            select d.org_id, d.dataset_id,
                   (select l.contact_status from leads l where l.org_id = d.org_id and l.id = d.lead_id) as contact_status
            from before d) counted
        where contact_status is not null group by 1, 2, 3;
    end if;
    return null;
end $$;
