-- A Quack client copies the tables' definitions when it attaches and knows no functions: an empty list is one.
alter table claim_mentions alter column places drop default;
