-- Campaigns: a pace that holds in every minute, follow-ups that know how late they are, what a text costs.

-- What was claimed of late, by second: the last instant in that second, and how many. See campaign_pace.
alter table campaigns add column recent_at timestamptz[] not null default '{}';
alter table campaigns add column recent_counts int[] not null default '{}';
alter table campaign_pace add column recent_at timestamptz[] not null default '{}';
alter table campaign_pace add column recent_counts int[] not null default '{}';

-- When the next step was meant to go, while hours or caps keep it from going; null: due_at.
alter table dataset_leads add column wanted_at timestamptz;

-- What the carrier takes for a segment, in minor units of the currency; null: what is usual in the country.
alter table organizations add column segment_price numeric(12, 4);
alter table organizations add column segment_currency text;
