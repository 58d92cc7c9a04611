-- Campaign texts that a model words for single leads, ahead of their time.

alter table campaigns
    add column personalise boolean not null default false,
    add column personalised_per_day int not null default 500,   -- texts that a model may be asked for in a day
    add column personalised int not null default 0,             -- asked for since then
    add column personalised_since timestamptz;

create table personal_texts (
    org_id uuid not null,
    dataset_id uuid not null,
    lead_id uuid not null,
    step smallint not null check (step between 1 and 3),
    made_of text not null,              -- a digest of text, lead and business: another one, and it fits no more
    body text,                          -- null: what the model wrote has a fault
    fault text,
    ai_model text not null,
    ai_prompt text not null,            -- the version of the prompt
    made_at timestamptz not null,
    primary key (org_id, dataset_id, lead_id, step),
    foreign key (org_id, dataset_id, lead_id) references dataset_leads on delete cascade,
    check ((body is null) <> (fault is null))
);
alter table personal_texts enable row level security;
alter table personal_texts force row level security;
create policy tenant on personal_texts to frontdesk_app using (org_id = app_org());
create policy everything on personal_texts to frontdesk_system using (true);
grant select, insert, update, delete on personal_texts to frontdesk_app;
