-- How patient a text is with a carrier that takes nothing, and until when it may be delivered.

alter table messages add column put_offs integer not null default 0;  -- how often the carrier took nothing, so that it had to wait
alter table messages add column deliver_until timestamptz;            -- by the gate's hours, as of its claim; null: at any hour
