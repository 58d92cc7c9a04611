-- Failed tasks that a person puts away for good, and what a person changed of many leads at once.
alter table dead_letters add column discarded_at timestamptz;
create index lead_changes_by on lead_changes (org_id, actor_id, changed_at) where actor_id is not null;
