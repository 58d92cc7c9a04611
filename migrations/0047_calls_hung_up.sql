-- When a person asked for a call to be ended: kept before the carrier is asked, so that whatever tells of the end finds it.

alter table calls add column stopped_at timestamptz;
