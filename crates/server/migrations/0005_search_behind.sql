-- Up to which number of `indexed` the texts are in the search index. What is beyond it follows behind the posts;
-- see store/indexer.rs.
INSERT INTO meta VALUES ('indexed_up_to', CAST(coalesce((SELECT max(number) FROM indexed), 0) AS BLOB));
-- Its parts are merged by the same, a little at a time: the index's own way is many at once, within somebody's post.
INSERT INTO search (search, rank) VALUES ('automerge', 0);
