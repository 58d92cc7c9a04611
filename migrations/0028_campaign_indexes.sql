-- no-transaction
-- What a campaign claims next, in its order: the first takes the place of an index without order among leads that are
-- due at the same instant, as all of a list are after its start. The others find the leads behind a campaign's figures.
create index concurrently if not exists dataset_leads_next on dataset_leads (org_id, dataset_id, due_at, lead_id)
    include (step) where due_at is not null;
drop index concurrently if exists dataset_leads_due;
create index concurrently if not exists dataset_leads_ended on dataset_leads (org_id, dataset_id, ended_reason, lead_id)
    where ended_reason <> 'done';
create index concurrently if not exists leads_booked on leads (org_id, id) where call_booked;
create index concurrently if not exists messages_failed on messages (org_id, dataset_id, error_code, lead_id)
    where status = 'failed' and category in ('m1', 'm2', 'm3');
