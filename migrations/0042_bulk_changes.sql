-- What a person does with many leads at once: which leads, settled at the beginning, how far it is, and whom it touched,
-- which is the way back.
create table bulk_changes (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    act text not null,                          -- archive, restore, take_over, give_back, assign, add, suppress
    undoes uuid,                                -- the bulk change that this one takes back
    dataset_id uuid,                            -- of add
    assigned_to uuid,                           -- of assign; null: nobody
    total bigint not null,
    done bigint not null default 0,             -- leads that were looked at
    touched bigint not null default 0,          -- leads of those that were not so already
    problem text,                               -- why it ended before all were done
    created_by uuid not null,
    created_at timestamptz not null,            -- also the instant under which lead_changes has what it changed
    seen_at timestamptz,
    finished_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, undoes) references bulk_changes on delete cascade
);
create unique index bulk_changes_undone_once on bulk_changes (org_id, undoes) where undoes is not null;
create index bulk_changes_not_done on bulk_changes (org_id, created_by) where finished_at is null;

-- Its leads, in the batches in which they are changed. A batch that is done has, instead of all, those that it touched.
create table bulk_change_parts (
    org_id uuid not null,
    bulk_change_id uuid not null,
    part integer not null,
    lead_ids uuid[] not null,
    touched uuid[],
    primary key (org_id, bulk_change_id, part),
    foreign key (org_id, bulk_change_id) references bulk_changes on delete cascade
);

do $$
declare t text;
begin
    foreach t in array array['bulk_changes', 'bulk_change_parts'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_app', t);
    end loop;
end $$;
