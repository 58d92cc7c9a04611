-- What people are told: a row for each notification and recipient, which is also what mail is owed from.

create table notifications (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    user_id uuid not null references users on delete cascade,
    kind text not null,
    event_id uuid,                              -- what it tells of; null: sent by another program
    subject_id uuid,                            -- of that event
    lead_id uuid,                               -- names are read when it is shown, so that none is kept here
    dataset_id uuid,
    data jsonb not null default '{}',
    in_console boolean not null,
    mail text check (mail in ('due', 'mailed', 'dropped')),     -- null: none is wanted
    mailed_at timestamptz,
    created_at timestamptz not null,
    read_at timestamptz,
    primary key (org_id, id),
    unique (org_id, user_id, event_id),
    foreign key (org_id, lead_id) references leads on delete cascade,
    foreign key (org_id, dataset_id) references datasets on delete cascade
);
create index notifications_of on notifications (org_id, user_id, id desc) where in_console;
create index notifications_unread on notifications (org_id, user_id) where in_console and read_at is null;
create index notifications_to_mail on notifications (org_id, user_id, id) where mail = 'due';
create index notifications_mailed on notifications (org_id, user_id, mailed_at desc) where mail = 'mailed';
create index notifications_of_lead on notifications (org_id, lead_id) where lead_id is not null;
create index notifications_of_dataset on notifications (org_id, dataset_id) where dataset_id is not null;
create index notifications_age on notifications (created_at);

-- What somebody chose otherwise than by default.
create table notification_preferences (
    org_id uuid not null references organizations on delete cascade,
    user_id uuid not null references users on delete cascade,
    kind text not null,
    in_console boolean not null,
    by_mail boolean not null,
    primary key (org_id, user_id, kind)
);

-- Texts of a campaign that failed within an hour, so that people are told once that it is in trouble.
create table campaign_troubles (
    org_id uuid not null,
    dataset_id uuid not null,
    since timestamptz not null,
    failed int not null,
    told_at timestamptz,
    primary key (org_id, dataset_id),
    foreign key (org_id, dataset_id) references datasets on delete cascade
);

do $$
declare t text;
begin
    foreach t in array array['notifications', 'notification_preferences', 'campaign_troubles'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant on %I to frontdesk_app using (org_id = app_org())', t);
        execute format('grant select, insert, update, delete on %I to frontdesk_app', t);
    end loop;
end $$;

create policy everything on notifications to frontdesk_system using (true);
grant select, delete on notifications to frontdesk_system;
