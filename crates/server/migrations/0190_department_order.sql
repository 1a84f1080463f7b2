-- Where the department of somebody stands among the departments, lowest first; none: behind those, by name. A department
-- has the lowest number of its people, and of those below it.
ALTER TABLE users ADD COLUMN department_order INTEGER;
