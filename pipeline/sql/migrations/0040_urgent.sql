-- Whether a claim stands above the overdue ones: grave, or alerted as grave, and without an answer.
alter table queue add column urgent boolean default false;
