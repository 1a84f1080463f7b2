-- Which migration a program must know to use the tables. Programs that do not know later ones start all the same, so
-- that a node of the previous version can start again during an upgrade. A migration that takes or changes what older
-- programs use raises it:
--   UPDATE meta SET value = convert_to('240', 'UTF8') WHERE key = 'needs';
INSERT INTO meta VALUES ('needs', convert_to('230', 'UTF8'));
