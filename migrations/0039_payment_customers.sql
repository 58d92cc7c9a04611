-- Whom a payment provider knows an organisation as: before it pays for a plan, for packs alone, and never two organisations
-- as one.

create table payment_customers (
    org_id uuid not null references organizations on delete cascade,
    provider text not null,
    customer text not null,                     -- the provider's id
    created_at timestamptz not null,
    primary key (provider, customer)
);
create index payment_customers_of on payment_customers (org_id, provider, created_at);
alter table payment_customers enable row level security;
alter table payment_customers force row level security;
create policy tenant on payment_customers to frontdesk_app using (org_id = app_org());
create policy everything on payment_customers to frontdesk_system using (true);
grant select, insert on payment_customers to frontdesk_app;
