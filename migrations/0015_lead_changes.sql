-- What of a lead was changed, from what to what, and by whom: its history, and the way back.
create table lead_changes (
    org_id uuid not null,
    id uuid not null,
    lead_id uuid not null,
    actor_type text not null,
    actor_id uuid,
    reason text not null,
    was jsonb not null,                         -- field -> value, of the fields that changed
    becomes jsonb not null,
    changed_at timestamptz not null,
    undone_at timestamptz,
    primary key (org_id, id),
    foreign key (org_id, lead_id) references leads on delete cascade
);
create index lead_changes_of on lead_changes (org_id, lead_id, changed_at desc, id desc);
create index bookings_of_lead on bookings (org_id, lead_id) where lead_id is not null;

alter table lead_changes enable row level security;
alter table lead_changes force row level security;
create policy tenant on lead_changes to frontdesk_app using (org_id = app_org());
create policy everything on lead_changes to frontdesk_system using (true);
grant select, insert, update on lead_changes to frontdesk_app;
