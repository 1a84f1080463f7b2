-- Where somebody stands among the people of their department, lowest first; none: behind those, by name.
ALTER TABLE users ADD COLUMN sort_order INTEGER;
