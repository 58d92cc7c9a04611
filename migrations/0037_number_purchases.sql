-- Numbers that are bought: the intent is kept before the carrier is asked, so that none is bought twice or forgotten.

alter table numbers add column friendly_name text;
alter table numbers add column bought_at timestamptz;       -- null: the sandbox's own, or adopted from an account

create table number_purchases (
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    phone text not null,
    provider text not null,
    friendly_name text,
    status text not null check (status in ('asked', 'bought', 'refused', 'unknown')),
    asked_by uuid,
    asked_at timestamptz not null,
    settled_at timestamptz,
    primary key (org_id, id)
);
create unique index number_purchases_open on number_purchases (phone) where status in ('asked', 'unknown');

alter table number_purchases enable row level security;
alter table number_purchases force row level security;
create policy tenant on number_purchases to frontdesk_app using (org_id = app_org());
create policy everything on number_purchases to frontdesk_system using (true);
grant select, insert, update on number_purchases to frontdesk_app;
