-- Which prompt led to a message, and how much answering a lead may cause.

alter table messages add column ai_prompt text;            -- the version of the prompt that the model was given

alter table organizations add column ai_daily_cap int not null default 30;  -- answers by AI that a lead may cause in a day

alter table conversations
    add column decisions int not null default 0,            -- answers thought of since then, sent or not
    add column decisions_since timestamptz;
