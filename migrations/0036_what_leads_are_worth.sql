-- Why a lead gets in touch, how pressing that is, and what it may be or was worth, in hundredths.

alter table leads add column reason text;
alter table leads add column urgency text not null default 'low';
alter table leads add column estimated_value bigint;
alter table leads add column actual_value bigint;
alter table leads add constraint leads_urgency_check check (urgency in ('low', 'medium', 'high', 'critical')) not valid;
alter table leads validate constraint leads_urgency_check;
