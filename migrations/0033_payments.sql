-- Which of two subscriptions is the newer, and the till of the sandbox.

alter table subscriptions add column began_at timestamptz not null default '-infinity';
alter table subscriptions alter column began_at drop default;

create table sandbox_purchases (                -- what a payment provider would know
    org_id uuid not null references organizations on delete cascade,
    id uuid not null,
    secret text not null,                       -- opens its page
    item text not null,
    name text not null,
    recurring boolean not null,
    amount bigint not null check (amount >= 0),
    currency text not null,
    back text not null,                         -- where the buyer goes afterwards
    created_at timestamptz not null,
    paid_at timestamptz,
    canceled_at timestamptz,
    primary key (org_id, id)
);
alter table sandbox_purchases enable row level security;
alter table sandbox_purchases force row level security;
create policy tenant on sandbox_purchases to frontdesk_app using (org_id = app_org());
create policy everything on sandbox_purchases to frontdesk_system using (true);
grant select, insert, update on sandbox_purchases to frontdesk_app;
