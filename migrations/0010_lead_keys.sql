-- no-transaction
-- Led by the lead, not by the organisation: of an organisation that no statistics know yet, the planner takes every
-- index that begins with its id for as good as the primary key, and reads all of it for each look-up.
create index concurrently if not exists lead_identities_of_lead on lead_identities (lead_id, org_id);
drop index concurrently if exists lead_identities_lead;
create index concurrently if not exists dataset_leads_of_lead on dataset_leads (lead_id, org_id);
drop index concurrently if exists dataset_leads_lead;
