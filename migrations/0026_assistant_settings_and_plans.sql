-- What an organisation's assistant says and how, and what its plan is; codes beside links in mail; sessions of clients
-- that hold one token.

alter table organizations add column slug text;                     -- its name in addresses; never changes
alter table organizations add column plan text not null default 'trial';
alter table organizations add column greeting text;                 -- what callers hear first; null: made of the names
alter table organizations add column voice_id text not null default 'nova';
alter table organizations add column system_prompt text;            -- what the assistant is told besides, by the organisation
alter table organizations add column max_call_seconds int not null default 600;
alter table organizations add column max_turns int not null default 20;
alter table organizations add column ai_temperature double precision;          -- null: the model's own

set local role frontdesk_system;                                    -- row-level security hides them from the tables' owner
with named as (
    select org_id, trim(both '-' from left(regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'), 60)) as slug,
           row_number() over (partition by trim(both '-' from left(regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'), 60))
                              order by created_at, org_id) as nth
    from organizations)
update organizations o
set slug = case when n.nth = 1 and n.slug <> '' then n.slug
                else coalesce(nullif(n.slug, ''), 'organisation') || '-' || left(replace(o.org_id::text, '-', ''), 12) end
from named n where n.org_id = o.org_id;
reset role;
create unique index organizations_slug on organizations (slug);

alter table sessions drop constraint sessions_kind_check;
alter table sessions add constraint sessions_kind_check check (kind in ('api', 'console', 'bearer')) not valid;
alter table sessions validate constraint sessions_kind_check;

alter table one_time_tokens drop constraint one_time_tokens_purpose_check;
alter table one_time_tokens add constraint one_time_tokens_purpose_check
    check (purpose in ('reset_password', 'verify_email', 'change_email', 'verify_code')) not valid;
alter table one_time_tokens validate constraint one_time_tokens_purpose_check;
alter table one_time_tokens add column tries smallint not null default 0;   -- of a code: how often one was typed
