-- A campaign's figures, counted as they change: appended by triggers in the transaction of the change and rolled up in
-- the background, like lead_counts. No reference to other tables: a text outlives the dataset whose campaign it was of.
create table campaign_counts (
    org_id uuid not null,
    dataset_id uuid not null,
    counted text not null,                      -- due and ended: leads; the status of a message: texts
    step smallint not null,                     -- 1 to 3: the text that is due, or that it is; 0 for ended
    code text not null,                         -- of ended the reason, of failed the carrier's code; else empty
    change bigint not null
);
create index campaign_counts_of on campaign_counts (org_id, dataset_id, counted, step, code) include (change);
alter table campaign_counts set (autovacuum_vacuum_scale_factor = 0.02);
alter table campaign_counts enable row level security;
alter table campaign_counts force row level security;
create policy tenant on campaign_counts to frontdesk_app using (org_id = app_org());
create policy everything on campaign_counts to frontdesk_system using (true);
grant select, insert, delete on campaign_counts to frontdesk_app;
grant select, insert, delete on campaign_counts to frontdesk_system;

-- Leads change by the batch: one look at all that a statement has touched.
create function count_standing() returns trigger language plpgsql as $$
begin
    if tg_op <> 'DELETE' then
        insert into campaign_counts
        select org_id, dataset_id, 'due', step + 1, '', count(*) from after where due_at is not null group by 1, 2, 4
        union all
        select org_id, dataset_id, 'ended', 0, ended_reason, count(*) from after
        where ended_reason is not null group by 1, 2, 5;
    end if;
    if tg_op <> 'INSERT' then
        insert into campaign_counts
        select org_id, dataset_id, 'due', step + 1, '', -count(*) from before where due_at is not null group by 1, 2, 4
        union all
        select org_id, dataset_id, 'ended', 0, ended_reason, -count(*) from before
        where ended_reason is not null group by 1, 2, 5;
    end if;
    return null;
end $$;

-- Texts change one by one, and most messages are of no campaign: for those the function is not called.
create function count_campaign_text() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        insert into campaign_counts values (old.org_id, old.dataset_id, old.status, right(old.category, 1)::smallint,
            case when old.status = 'failed' then coalesce(old.error_code, '') else '' end, -1);
    end if;
    if tg_op <> 'DELETE' then
        insert into campaign_counts values (new.org_id, new.dataset_id, new.status, right(new.category, 1)::smallint,
            case when new.status = 'failed' then coalesce(new.error_code, '') else '' end, 1);
    end if;
    return null;
end $$;

-- From here on memberships and messages wait to be written, for some seconds a million, until those that there are have
-- been counted and the file is committed. They can be read all the while.
lock table dataset_leads, messages in share row exclusive mode;
create trigger count_standing_inserted after insert on dataset_leads referencing new table as after
    for each statement execute function count_standing();
create trigger count_standing_updated after update on dataset_leads referencing old table as before new table as after
    for each statement execute function count_standing();
create trigger count_standing_deleted after delete on dataset_leads referencing old table as before
    for each statement execute function count_standing();
create trigger count_text_inserted after insert on messages for each row
    when (new.category in ('m1', 'm2', 'm3') and new.dataset_id is not null) execute function count_campaign_text();
create trigger count_text_updated after update on messages for each row
    when (new.category in ('m1', 'm2', 'm3') and new.dataset_id is not null
          and (old.status <> new.status or new.status = 'failed' and old.error_code is distinct from new.error_code))
    execute function count_campaign_text();
create trigger count_text_deleted after delete on messages for each row
    when (old.category in ('m1', 'm2', 'm3') and old.dataset_id is not null) execute function count_campaign_text();

set local role frontdesk_system;                -- row-level security hides the rows from the tables' owner
insert into campaign_counts
select org_id, dataset_id, 'due', step + 1, '', count(*) from dataset_leads where due_at is not null group by 1, 2, 4
union all
select org_id, dataset_id, 'ended', 0, ended_reason, count(*) from dataset_leads
where ended_reason is not null group by 1, 2, 5
union all
select org_id, dataset_id, status, right(category, 1)::smallint,
       case when status = 'failed' then coalesce(error_code, '') else '' end, count(*)
from messages where category in ('m1', 'm2', 'm3') and dataset_id is not null group by 1, 2, 3, 4, 5;
reset role;
