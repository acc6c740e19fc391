-- Why a post was put before a person (random | doubtful | correction), since only a random sample tells an error
-- rate, and which model's label was judged.
alter table label_events add column sample varchar default '';
alter table label_events add column model_version varchar default '';

-- What the models say, one row a post and field; yes and no for the heads of one probability.
create view tag_labels as
select post_id, 'need' as field, need as label, need_score as score, model_version from tags where need is not null
union all
select post_id, 'sentiment', sentiment, sentiment_score, model_version from tags where sentiment is not null
union all
select post_id, 'emotion', emotion, emotion_score, model_version from tags where emotion is not null
union all
select post_id, 'stance', stance, stance_score, model_version from tags where stance is not null
union all
select post_id, 'rumor', if(rumor_score >= 0.5, 'yes', 'no'), greatest(rumor_score, 1 - rumor_score), model_version
from tags where rumor_score is not null
union all
select post_id, 'checkworthy', if(checkworthy_score >= 0.5, 'yes', 'no'),
    greatest(checkworthy_score, 1 - checkworthy_score), model_version
from tags where checkworthy_score is not null;
