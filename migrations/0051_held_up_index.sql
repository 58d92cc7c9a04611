-- no-transaction
-- The texts that wait for a carrier that takes nothing: each campaign that runs asks for its own about once a second.
create index concurrently if not exists messages_held_up on messages (org_id, dataset_id)
    where error_code = 'BUSY' and status in ('queued', 'sending');
